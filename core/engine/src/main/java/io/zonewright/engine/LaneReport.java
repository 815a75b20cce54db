package io.zonewright.engine;

import io.zonewright.api.request.DeviceRequest;
import io.zonewright.api.request.Operation;
import io.zonewright.api.zone.ZoneCondition;
import io.zonewright.api.zone.ZoneSink;
import io.zonewright.api.zone.ZoneType;

/**
 * Asks a medium with zone rules of its own how one zone stands after a failure, while the zone's lane is held. One per
 * lane, so that it is never needed twice at once.
 */
final class LaneReport extends DeviceRequest implements ZoneSink {
    private final ZoneLanes lanes;
    private int zone;

    LaneReport(ZoneLanes lanes) {
        this.lanes = lanes;
    }

    /** Ready to be submitted to the medium. */
    void ask(int zoneNumber, long start, long length) {
        zone = zoneNumber;
        prepare(Operation.ZONE_REPORT, start, length);
        setSink(this);
    }

    @Override
    public void zone(int index, ZoneType type, ZoneCondition condition, long capacity, long writePointer) {
        if (index == zone) {
            lanes.reportedZone(index, type, condition, capacity, writePointer);
        }
    }

    @Override
    protected void onComplete() {
        // A report that failed leaves the mirror as it was; the client still gets the medium's first answer.
        lanes.reportDone(zone, cause().success());
    }
}
