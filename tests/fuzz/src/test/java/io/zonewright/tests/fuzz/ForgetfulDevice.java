package io.zonewright.tests.fuzz;

import io.zonewright.api.request.DeviceRequest;
import io.zonewright.api.request.Operation;
import io.zonewright.api.result.Cause;
import io.zonewright.api.spi.Capabilities;
import io.zonewright.api.spi.DeviceIdentity;
import io.zonewright.api.spi.DeviceListener;
import io.zonewright.api.spi.ZonedDevice;
import io.zonewright.api.zone.ZoneDescriptor;
import io.zonewright.api.zone.ZoneGeometry;
import io.zonewright.api.zone.ZoneLimits;

/** A device with a fault: every third zone that is to be finished it leaves as it is, and says that it is done. */
final class ForgetfulDevice implements ZonedDevice {
    private static final int EVERY = 3;

    private final ZonedDevice device;
    private int finished;

    ForgetfulDevice(ZonedDevice device) {
        this.device = device;
    }

    @Override
    public void submit(DeviceRequest request) {
        if (request.operation() == Operation.ZONE_FINISH && ++finished % EVERY == 0) {
            request.complete(Cause.DONE);
        } else {
            device.submit(request);
        }
    }

    @Override
    public DeviceIdentity identity() {
        return device.identity();
    }

    @Override
    public ZoneGeometry geometry() {
        return device.geometry();
    }

    @Override
    public ZoneLimits limits() {
        return device.limits();
    }

    @Override
    public Capabilities capabilities() {
        return device.capabilities();
    }

    @Override
    public void zone(int index, ZoneDescriptor into) {
        device.zone(index, into);
    }

    @Override
    public void addListener(DeviceListener listener) {
        device.addListener(listener);
    }

    @Override
    public void removeListener(DeviceListener listener) {
        device.removeListener(listener);
    }
}
