package io.zonewright.daemon.device;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** All devices of a daemon. They are opened and started together, and stopped in reverse order. */
public final class DeviceSet {
    private final List<Device> devices;

    private DeviceSet(List<Device> devices) {
        this.devices = List.copyOf(devices);
    }

    /**
     * Opens and starts every device.
     *
     * @throws DeviceException naming the first that failed; then nothing stays open
     */
    public static DeviceSet start(List<DevicePlan> plans) throws DeviceException {
        List<Device> opened = new ArrayList<>();
        try {
            for (DevicePlan plan : plans) {
                opened.add(Device.open(plan));
            }
            for (Device device : opened) {
                device.start();
            }
        } catch (DeviceException e) {
            new DeviceSet(opened).stop(Duration.ZERO);
            throw e;
        }
        return new DeviceSet(opened);
    }

    /** Finishes what is in flight, at most for {@code patience} altogether, and closes everything. */
    public void stop(Duration patience) {
        long deadline = System.nanoTime() + patience.toNanos();
        for (Device device : devices.reversed()) {
            device.stop(Duration.ofNanos(Math.max(0, deadline - System.nanoTime())));
        }
    }

    /** In the file's order. */
    public List<Device> all() {
        return devices;
    }

    public Optional<Device> find(String name) {
        return devices.stream()
                .filter(device -> device.plan().name().equals(name))
                .findFirst();
    }
}
