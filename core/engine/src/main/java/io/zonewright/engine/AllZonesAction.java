package io.zonewright.engine;

import io.zonewright.api.request.DeviceRequest;
import io.zonewright.api.request.Operation;
import io.zonewright.api.result.Cause;
import io.zonewright.api.zone.ZoneCondition;
import java.util.Arrays;

/**
 * A zone action on all zones that it can apply to, zone by zone. Zones are chosen at the start, as they are then:
 * reset takes all but empty, read-only and offline ones, close the open ones, finish the active ones (that is, no empty
 * ones), open the closed ones. Opening is refused as a whole, and opens nothing, if the open resources cannot hold all
 * of them (ZBC-2, OPEN ZONE with ALL set); if they can, they are kept for them until the last one's turn. Reset and close take every zone with something in flight, since what it will
 * be when its turn comes is not known yet. A zone for which the action is not any more by then is passed over.
 */
final class AllZonesAction extends Series {
    /** What may well happen to a zone between the choice and its turn, and is not the client's concern. */
    private static final long PASSED_OVER = Cause.DONE.bit()
            | Cause.ALREADY_SO.bit()
            | Cause.NOT_APPLICABLE.bit()
            | Cause.ZONE_READ_ONLY.bit()
            | Cause.ZONE_OFFLINE.bit();

    private final ZoneTable table;
    private final OpenResources resources;
    private final Operation operation;
    private int[] zones = new int[64];
    private int count;
    private int position;
    /** How many of the zones stand at the front since they are open. */
    private int openFirst;

    private boolean chosen;
    private final boolean refreshFirst;
    private boolean refreshed;
    private final long deviceBytes;
    private final long partStart;
    /** 0 if the whole device was asked for. */
    private final long partEnd;

    private long causes;

    private final boolean onlyIfReadOnly;

    /** Open resources kept for the zones that are still to be opened. */
    private int promised;

    AllZonesAction(EngineDevice device, ZoneTable table, OpenResources resources, DeviceRequest whole) {
        super(device, whole);
        this.table = table;
        this.resources = resources;
        operation = whole.operation();
        onlyIfReadOnly = whole.onlyIfReadOnly();
        refreshFirst = device.capabilities().ownZoneRules();
        deviceBytes = device.geometry().deviceBytes();
        partStart = whole.offset();
        partEnd = whole.length() == 0 ? 0 : partStart + whole.length();
    }

    @Override
    boolean prepareNext() {
        if (refreshFirst && !refreshed) {
            prepare(Operation.ZONE_REPORT, 0, deviceBytes);
            return true;
        }
        if (!chosen) {
            chosen = true;
            choose();
        }
        if (position == count) {
            resources.giveBack(promised);
            return false;
        }
        prepare(operation, table.start(zones[position]), 0);
        setOnlyIfReadOnly(onlyIfReadOnly);
        return true;
    }

    @Override
    void stepDone() {
        if (operation() == Operation.ZONE_REPORT) {
            refreshed = true;
            return;
        }
        position++;
        if (operation == Operation.ZONE_OPEN && cause() == Cause.DONE && !refreshFirst) {
            promised--;
        }
        causes |= causes() & ~PASSED_OVER;
    }

    @Override
    long causesOfAll() {
        return causes;
    }

    private void choose() {
        for (int zone = 0; zone < table.zones(); zone++) {
            if (!within(zone)) {
                continue;
            }
            long word = table.peek(zone);
            if (!ZoneWord.type(word).sequential()) {
                continue;
            }
            boolean mayApply = operation == Operation.ZONE_RESET || operation == Operation.ZONE_CLOSE;
            if (applies(word) || (mayApply && !ZoneWord.idle(word))) {
                add(zone);
                if (operation == Operation.ZONE_FINISH && ZoneWord.condition(word) != ZoneCondition.CLOSED) {
                    bringForward();
                }
            }
        }
        if (operation != Operation.ZONE_OPEN) {
            return;
        }
        if (resources.promise(count)) {
            promised = count;
        } else {
            count = 0;
            causes = Cause.OPEN_LIMIT.bit();
        }
    }

    /** Whether the zone lies in the part of the device that was asked for, see {@link DeviceRequest#allZones}. */
    private boolean within(int zone) {
        long start = table.start(zone);
        return partEnd == 0 || (start >= partStart && start < partEnd);
    }

    /** Whether the action is for a zone with this word: asked at the choice, and again when its turn comes. */
    boolean applies(long word) {
        ZoneCondition condition = ZoneWord.condition(word);
        return switch (operation) {
            case ZONE_OPEN -> condition == ZoneCondition.CLOSED;
            case ZONE_CLOSE -> condition.open();
            case ZONE_FINISH -> condition.active();
            case ZONE_RESET ->
                condition.active()
                        || condition == ZoneCondition.FULL
                        || (condition == ZoneCondition.EMPTY && ZoneWord.dirty(word));
            case ZONE_SET_READ_ONLY -> condition != ZoneCondition.READ_ONLY && condition != ZoneCondition.OFFLINE;
            case ZONE_SET_OFFLINE ->
                onlyIfReadOnly ? condition == ZoneCondition.READ_ONLY : condition != ZoneCondition.OFFLINE;
            case ZONE_SET_EXTENSION, ZONE_FLUSH_AREA, READ, WRITE, APPEND, FLUSH, WRITE_ZEROES, DISCARD, ZONE_REPORT ->
                false;
        };
    }

    /**
     * Moves the zone added last before all closed ones. A closed zone may need an open resource to be finished, and open
     * zones give theirs back; else one of them could be closed to make room, and be empty when its own turn comes.
     */
    private void bringForward() {
        int last = count - 1;
        int zone = zones[last];
        zones[last] = zones[openFirst];
        zones[openFirst++] = zone;
    }

    private void add(int zone) {
        if (count == zones.length) {
            zones = Arrays.copyOf(zones, count * 2);
        }
        zones[count++] = zone;
    }
}
