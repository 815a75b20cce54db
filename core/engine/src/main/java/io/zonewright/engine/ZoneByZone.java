package io.zonewright.engine;

import io.zonewright.api.request.DeviceRequest;
import io.zonewright.api.request.Operation;
import io.zonewright.api.zone.ZoneGeometry;

/**
 * A request over several zones that has to be judged zone by zone, carried out so; ends at the first part that fails.
 * That is a write where some zones are sequential write preferred and none is required, since such a device is an
 * ordinary disk to clients that do not care for zones; and a read over the end of the data of a zone that is required,
 * since each zone's write pointer has to be known from before its data was read.
 */
final class ZoneByZone extends Series {
    private final EngineDevice device;
    private final ZoneGeometry geometry;
    private final DeviceRequest whole;
    private long done;
    private long causes;

    ZoneByZone(EngineDevice device, DeviceRequest whole) {
        super(device, whole);
        this.device = device;
        this.geometry = device.geometry();
        this.whole = whole;
    }

    @Override
    boolean prepareNext() {
        if (causes != 0 || done == whole.length()) {
            data().clear();
            whole.setTransferred(done);
            return false;
        }
        long offset = whole.offset() + done;
        int zone = geometry.zoneOf(offset);
        long length = Math.min(whole.length() - done, geometry.zoneStart(zone) + geometry.zoneLength(zone) - offset);
        prepare(whole.operation(), offset, length);
        setForceUnitAccess(whole.forceUnitAccess());
        setLend(whole.lend());
        data().clear();
        if (whole.operation() != Operation.WRITE_ZEROES && !whole.lend()) {
            data().addSlice(whole.data(), done, length);
        }
        return true;
    }

    @Override
    void stepDone() {
        done += transferred();
        if (!cause().success()) {
            causes = causes();
        } else if (lend()) {
            // The whole has a loan of its own, which outlasts what it gathers here.
            whole.data().addSlice(data(), 0, length());
            device.endLoan(this);
        }
    }

    @Override
    long causesOfAll() {
        return causes;
    }
}
