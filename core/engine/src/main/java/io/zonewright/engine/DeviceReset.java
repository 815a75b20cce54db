package io.zonewright.engine;

import io.zonewright.api.request.DeviceRequest;
import io.zonewright.api.request.Operation;
import io.zonewright.api.result.Cause;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A reset of all zones by one request to a medium with zone rules of its own. First every sequential zone is held: at
 * once where nothing is in flight, else from the moment that all before is done; what comes later waits. Then the
 * medium resets, and says how the zones stand. Then they are let go. If it did not reset, it is asked zone by zone,
 * which says what is wrong.
 *
 * <p>One at a time for each device: two would wait for each other's zones.
 */
final class DeviceReset extends DeviceRequest {
    private final EngineDevice device;
    private final ZoneLanes lanes;
    private final ZoneTable table;
    private final DeviceRequest whole;

    /** Zones without anything in flight, which are held by their word alone. */
    private final BitSet idle;

    private final List<HeldZone> busy = new ArrayList<>();

    /** Zones that are not held yet, or not let go yet; one more as long as this is being counted. */
    private final AtomicInteger awaited = new AtomicInteger(1);

    private boolean succeeded;

    DeviceReset(EngineDevice device, ZoneLanes lanes, ZoneTable table, DeviceRequest whole) {
        this.device = device;
        this.lanes = lanes;
        this.table = table;
        this.whole = whole;
        idle = new BitSet(table.zones());
    }

    /** Whether a request asks for a reset of every sequential zone; other zones have nothing to reset. */
    static boolean suits(DeviceRequest request, ZoneTable table) {
        if (request.operation() != Operation.ZONE_RESET || !request.allZones()) {
            return false;
        }
        if (request.length() == 0) {
            return true;
        }
        long end = request.offset() + request.length();
        for (int zone = 0; zone < table.zones(); zone++) {
            boolean within = table.start(zone) >= request.offset() && table.start(zone) < end;
            if (!within && table.type(zone).sequential()) {
                return false;
            }
        }
        return true;
    }

    /** Takes over the whole request, which is counted in already. */
    void start() {
        for (int zone = 0; zone < table.zones(); zone++) {
            if (!table.type(zone).sequential()) {
                continue;
            }
            if (lanes.hold(zone)) {
                idle.set(zone);
            } else {
                HeldZone held = new HeldZone(this, table.start(zone));
                busy.add(held);
                awaited.incrementAndGet();
                device.enterWithin();
                lanes.enter(held, zone);
            }
        }
        arrived();
    }

    /** One more zone is held. */
    void arrived() {
        if (awaited.decrementAndGet() == 0) {
            prepare(Operation.ZONE_RESET, 0, 0);
            setAllZones(true);
            device.hand(this);
        }
    }

    @Override
    protected void onComplete() {
        if (operation() == Operation.ZONE_RESET) {
            succeeded = cause().success();
            prepare(Operation.ZONE_REPORT, 0, device.geometry().deviceBytes());
            setSink(lanes.heldSink(succeeded));
            device.hand(this);
        } else {
            release(cause().success());
        }
    }

    /** @param told whether the medium said how the zones are */
    private void release(boolean told) {
        awaited.set(busy.size() + 1);
        for (int zone = idle.nextSetBit(0); zone >= 0; zone = idle.nextSetBit(zone + 1)) {
            lanes.release(zone, succeeded && !told);
        }
        Cause end = told ? Cause.ALREADY_SO : succeeded ? Cause.DONE : Cause.MEDIUM_ERROR;
        for (HeldZone held : busy) {
            held.complete(end);
        }
        released();
    }

    /** One more zone is let go. */
    void released() {
        if (awaited.decrementAndGet() == 0) {
            device.resetEnded(whole, succeeded);
        }
    }
}
