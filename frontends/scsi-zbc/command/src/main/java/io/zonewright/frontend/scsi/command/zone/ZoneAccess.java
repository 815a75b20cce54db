package io.zonewright.frontend.scsi.command.zone;

import io.zonewright.api.zone.ZoneCondition;
import io.zonewright.api.zone.ZoneDescriptor;
import io.zonewright.frontend.scsi.command.LogicalUnit;
import io.zonewright.frontend.scsi.command.ScsiTask;
import io.zonewright.frontend.scsi.command.Sense;
import io.zonewright.frontend.scsi.command.UnitShape;

/**
 * What SCSI forbids, and other protocols over the same device do not (ZBC-2, "Reading in zones", "Gap zones"; decision
 * 0153). An ordinary disk is let pass at once, and so is an access inside one zone without a gap.
 */
public final class ZoneAccess {
    private ZoneAccess() {}

    /** Whether these blocks may be read; if not, the task has failed. */
    public static boolean mayRead(ScsiTask task, long lba, long count) {
        LogicalUnit unit = task.unit();
        UnitShape shape = unit.shape();
        if (!shape.zoned() || count == 0) {
            return true;
        }
        int first = (int) (lba / shape.zoneBlocks());
        boolean free = unit.options().unrestrictedReads() || !shape.hostManaged();
        if (free && within(shape, first, lba, count) && !unit.zones().hasGap(first)) {
            return true;
        }
        int last = (int) ((lba + count - 1) / shape.zoneBlocks());
        return judgeRead(task, lba, count, first, last, free);
    }

    private static boolean judgeRead(ScsiTask task, long lba, long count, int first, int last, boolean free) {
        LogicalUnit unit = task.unit();
        UnitShape shape = unit.shape();
        ZoneLayout zones = unit.zones();
        boolean mixed = false;
        boolean required = false;
        for (int i = first; i <= last; i++) {
            long end = Math.min(lba + count, (i + 1) * shape.zoneBlocks());
            if (shape.toBytes(end) > zones.capacityEnd(i)) {
                return task.fail(Sense.ATTEMPT_TO_ACCESS_GAP_ZONE);
            }
            mixed |= zones.conventional(i) != zones.conventional(first);
            required |= !zones.conventional(i);
        }
        if (shape.hostManaged() && (mixed || (!free && first != last && required))) {
            return task.fail(Sense.READ_BOUNDARY_VIOLATION);
        }
        if (free || !required) {
            return true;
        }
        ZoneDescriptor zone = task.zone();
        unit.device().zone(last, zone);
        return !zone.condition().writable()
                || shape.toBytes(lba + count) <= zone.writePointer()
                || task.fail(Sense.ATTEMPT_TO_READ_INVALID_DATA);
    }

    /** Whether SCSI lets these blocks be written, as far as the device does not judge it. */
    public static boolean mayWrite(ScsiTask task, long lba, long count) {
        LogicalUnit unit = task.unit();
        UnitShape shape = unit.shape();
        if (!shape.zoned() || count == 0) {
            return true;
        }
        int first = (int) (lba / shape.zoneBlocks());
        if (within(shape, first, lba, count) && !unit.zones().hasGap(first)) {
            return true;
        }
        return judgeWrite(task, lba, first, (int) ((lba + count - 1) / shape.zoneBlocks()));
    }

    /** Whether the blocks end in the zone that they begin in; without a second division, since this is the data path. */
    private static boolean within(UnitShape shape, int zone, long lba, long count) {
        return lba + count <= (zone + 1L) * shape.zoneBlocks();
    }

    /**
     * As {@link #mayWrite}, for a command that reaches the device in several writes: what the device would refuse of a later
     * one is refused before the first, so that a command which is not allowed changes nothing.
     */
    public static boolean mayWriteInPieces(ScsiTask task, long lba, long count) {
        LogicalUnit unit = task.unit();
        UnitShape shape = unit.shape();
        if (!mayWrite(task, lba, count)) {
            return false;
        }
        if (!shape.zoned() || count == 0) {
            return true;
        }
        ZoneLayout zones = unit.zones();
        int first = (int) (lba / shape.zoneBlocks());
        int last = (int) ((lba + count - 1) / shape.zoneBlocks());
        boolean required = shape.hostManaged() && !zones.conventional(first);
        if (required && shape.toBytes(lba + count) > zones.capacityEnd(first)) {
            return task.fail(Sense.WRITE_BOUNDARY_VIOLATION);
        }
        ZoneDescriptor zone = task.zone();
        for (int i = first; i <= last; i++) {
            if (zones.conventional(i) != zones.conventional(first)) {
                return task.fail(Sense.WRITE_BOUNDARY_VIOLATION);
            }
            unit.device().zone(i, zone);
            if (zone.condition() == ZoneCondition.OFFLINE) {
                return task.fail(Sense.ZONE_IS_OFFLINE);
            }
            if (zone.condition() == ZoneCondition.READ_ONLY) {
                return task.fail(Sense.ZONE_IS_READ_ONLY);
            }
        }
        return true;
    }

    private static boolean judgeWrite(ScsiTask task, long lba, int first, int last) {
        LogicalUnit unit = task.unit();
        UnitShape shape = unit.shape();
        ZoneLayout zones = unit.zones();
        if (shape.toBytes(lba) >= zones.capacityEnd(first)) {
            return task.fail(Sense.ATTEMPT_TO_ACCESS_GAP_ZONE);
        }
        if (first == last || shape.hostManaged()) {
            return true;
        }
        for (int i = first + 1; i <= last; i++) {
            if (zones.conventional(i) != zones.conventional(first)) {
                return task.fail(Sense.WRITE_BOUNDARY_VIOLATION);
            }
        }
        return true;
    }
}
