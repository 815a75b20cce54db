package io.zonewright.testkit.blk;

import io.zonewright.posix.Linux;
import io.zonewright.posix.Posix;
import io.zonewright.testkit.guest.GuestMemory;
import io.zonewright.testkit.vhostuser.DeviceRefusedException;
import io.zonewright.testkit.vhostuser.VhostUser;
import io.zonewright.testkit.vhostuser.VhostUserDriver;
import io.zonewright.testkit.virtio.SplitRing;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * A virtio-blk driver behind vhost-user. {@link #run} asks and waits; {@link #submit} and {@link BlkQueue#collect} do
 * the same in steps. Waits are bounded. For one thread at a time, or one thread a queue.
 */
public final class VirtioBlkDriver implements AutoCloseable {
    private static final int RING_REGION = 0;
    private static final int[] DATA_REGIONS = {1, 2};
    private static final long RING_REGION_BYTES = 8L << 20;
    private static final int SLICE_MILLIS = 100;
    private static final int INTERRUPT_MILLIS = 2_000;

    private final Posix posix;
    private final VhostUserDriver device;
    private final GuestMemory memory;
    private final List<BlkQueue> queues = new ArrayList<>();
    private final long offeredFeatures;
    private final long features;
    private final int deviceQueues;

    private VirtioBlkDriver(Posix posix, VhostUserDriver device, DriverOptions options) {
        this.posix = posix;
        this.device = device;
        this.memory = new GuestMemory(posix, RING_REGION_BYTES, options.dataBytes(), options.dataBytes());
        offeredFeatures = device.getFeatures();
        if ((offeredFeatures & VhostUser.F_PROTOCOL_FEATURES) == 0) {
            throw new DeviceRefusedException("no protocol features on offer: 0x" + Long.toHexString(offeredFeatures));
        }
        long protocolFeatures = device.getProtocolFeatures() & options.protocolFeatures();
        device.setProtocolFeatures(protocolFeatures);
        deviceQueues = (protocolFeatures & VhostUser.PF_MQ) != 0 ? device.getQueueNum() : 1;
        device.setOwner();
        features = offeredFeatures & (options.features() | VhostUser.F_PROTOCOL_FEATURES);
        boolean status = (protocolFeatures & VhostUser.PF_STATUS) != 0;
        negotiate(status);
        shareMemory(options.memorySlots());
        boolean eventIndex = (features & VirtioBlk.F_EVENT_IDX) != 0;
        for (int i = 0; i < options.queues(); i++) {
            SplitRing ring = new SplitRing(memory, RING_REGION, options.queueSize(), options.startIndex(), eventIndex);
            BlkQueue queue = new BlkQueue(posix, memory, RING_REGION, DATA_REGIONS, ring);
            queues.add(queue);
            device.startQueue(i, ring, memory, queue.kick(), queue.call());
        }
        if (status) {
            device.setStatus(VhostUser.STATUS_ACKNOWLEDGE
                    | VhostUser.STATUS_DRIVER
                    | VhostUser.STATUS_FEATURES_OK
                    | VhostUser.STATUS_DRIVER_OK);
        }
    }

    /** Section 3.1.1: acknowledge, driver, features, FEATURES_OK, and look whether it stayed. */
    private void negotiate(boolean status) {
        if (status) {
            device.setStatus(VhostUser.STATUS_ACKNOWLEDGE);
            device.setStatus(VhostUser.STATUS_ACKNOWLEDGE | VhostUser.STATUS_DRIVER);
        }
        long refused = device.setFeatures(features);
        if (refused != 0) {
            throw new DeviceRefusedException("SET_FEATURES was answered with " + refused);
        }
        if (status) {
            device.setStatus(VhostUser.STATUS_ACKNOWLEDGE | VhostUser.STATUS_DRIVER | VhostUser.STATUS_FEATURES_OK);
            if ((device.getStatus() & VhostUser.STATUS_FEATURES_OK) == 0) {
                throw new DeviceRefusedException("FEATURES_OK was withheld");
            }
        }
    }

    private void shareMemory(boolean slots) {
        if (!slots) {
            requireGood(device.setMemTable(memory.regions()));
            return;
        }
        if (device.getMaxMemSlots() < memory.regions().size()) {
            throw new DeviceRefusedException("too few memory slots");
        }
        memory.regions().forEach(region -> requireGood(device.addMemReg(region)));
    }

    private static void requireGood(long answer) {
        if (answer != 0) {
            throw new DeviceRefusedException("guest memory was refused: " + answer);
        }
    }

    /**
     * Connects, negotiates and starts the queues.
     *
     * @throws DeviceRefusedException if the device says no
     */
    public static VirtioBlkDriver connect(Posix posix, Path socket, DriverOptions options) {
        VhostUserDriver device = VhostUserDriver.connect(posix, socket);
        try {
            return new VirtioBlkDriver(posix, device, options);
        } catch (RuntimeException e) {
            device.close();
            throw e;
        }
    }

    /** What the device offered. */
    public long offeredFeatures() {
        return offeredFeatures;
    }

    /** What was negotiated. */
    public long features() {
        return features;
    }

    /** How many queues the device has. */
    public int deviceQueues() {
        return deviceQueues;
    }

    /** Reads all of the configuration space. */
    public BlkConfig config() {
        return new BlkConfig(device.getConfig(0, BlkConfig.BYTES));
    }

    /** A started queue. */
    public BlkQueue queue(int index) {
        return queues.get(index);
    }

    /** The carrier, for messages of the test's own. */
    public VhostUserDriver device() {
        return device;
    }

    /** The guest's memory. */
    public GuestMemory memory() {
        return memory;
    }

    /** Lays out and submits on queue 0. */
    public BlkQueue.Flight submit(BlkRequest request, BlkLayout layout) {
        return submit(0, request, layout);
    }

    /** Lays out and submits. */
    public BlkQueue.Flight submit(int queue, BlkRequest request, BlkLayout layout) {
        BlkQueue.Flight flight = queues.get(queue).stage(request, layout);
        queues.get(queue).submit();
        return flight;
    }

    /** Waits for a request of queue 0. */
    public BlkResult await(BlkQueue.Flight flight) {
        return await(0, flight);
    }

    /**
     * Waits for a request, at most {@link VhostUserDriver#TIMEOUT_MILLIS}.
     *
     * @throws DeviceRefusedException if the device hangs up meanwhile
     */
    public BlkResult await(int index, BlkQueue.Flight flight) {
        if (!awaitCompletion(index, flight, VhostUserDriver.TIMEOUT_MILLIS)) {
            throw new IllegalStateException("no completion within " + VhostUserDriver.TIMEOUT_MILLIS + " ms of "
                    + flight.request() + " on queue " + index);
        }
        return Objects.requireNonNull(flight.result());
    }

    /** Waits for a request; whether it completed in time. */
    public boolean awaitCompletion(int index, BlkQueue.Flight flight, int timeoutMillis) {
        BlkQueue queue = queues.get(index);
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
        while (flight.result() == null) {
            queue.ring().interrupts(true);
            if (queue.collect() > 0) {
                continue;
            }
            long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
            if (left <= 0) {
                return false;
            }
            if (posix.poll(queue.call().fd(), Linux.POLLIN, (int) Math.min(left, SLICE_MILLIS)) != 0) {
                queue.call().drain();
            } else if (queue.collect() > 0) {
                // The device shows the completion first, so the interrupt may be a moment away, no longer.
                if (posix.poll(queue.call().fd(), Linux.POLLIN, INTERRUPT_MILLIS) == 0) {
                    throw new IllegalStateException(
                            "a completion without the interrupt that was asked for: queue " + index);
                }
            } else if (device.hungUp()) {
                throw new DeviceRefusedException("the device hung up with a request in flight: " + flight.request());
            }
        }
        return true;
    }

    /** Asks and waits, in the plain layout on queue 0. */
    public BlkResult run(BlkRequest request) {
        return run(request, BlkLayout.PLAIN);
    }

    /** Asks and waits on queue 0. */
    public BlkResult run(BlkRequest request, BlkLayout layout) {
        return await(submit(request, layout));
    }

    /** Hangs up and gives everything back. */
    @Override
    public void close() {
        device.close();
        queues.forEach(BlkQueue::close);
        memory.close();
    }
}
