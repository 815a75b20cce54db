package io.zonewright.engine;

import io.zonewright.api.request.DeviceRequest;
import io.zonewright.api.request.Operation;
import io.zonewright.api.zone.ZoneGeometry;

/**
 * A write over several zones of which some are sequential write preferred and none is required, zone by zone; such a
 * device is an ordinary disk to clients that do not care for zones. Ends at the first part that fails.
 */
final class SplitWrite extends Series {
    private final ZoneGeometry geometry;
    private final DeviceRequest whole;
    private long done;
    private long causes;

    SplitWrite(EngineDevice device, DeviceRequest whole) {
        super(device, whole);
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
        if (whole.operation() == Operation.WRITE) {
            data().clear();
            data().addSlice(whole.data(), done, length);
        }
        return true;
    }

    @Override
    void stepDone() {
        done += transferred();
        if (!cause().success()) {
            causes = causes();
        }
    }

    @Override
    long causesOfAll() {
        return causes;
    }
}
