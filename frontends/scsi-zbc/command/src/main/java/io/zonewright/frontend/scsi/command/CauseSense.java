package io.zonewright.frontend.scsi.command;

import io.zonewright.api.result.Cause;
import io.zonewright.api.result.Causes;

/**
 * The one place where a {@link Cause} becomes sense data (ZBC-2, "Write pointer zone model" and the zone commands; SBC-4;
 * the codes are those of Linux's {@code drivers/scsi/scsi_debug.c}, which sd_zbc is tested with).
 */
public final class CauseSense {
    /**
     * Which cause is told where several apply: the order of scsi_debug's {@code check_zbc_access_params} (boundary, full,
     * pointer, resources), behind what it does not know.
     */
    private static final Cause[] PRECEDENCE = {
        Cause.UNSUPPORTED,
        Cause.DEVICE_READ_ONLY,
        Cause.OUT_OF_RANGE,
        Cause.WRONG_ZONE_TYPE,
        Cause.NOT_ZONE_START,
        Cause.ZONE_OFFLINE,
        Cause.ZONE_READ_ONLY,
        Cause.READ_CROSSES_ZONES,
        Cause.CROSSES_ZONE_BOUNDARY,
        Cause.BEYOND_ZONE_CAPACITY,
        Cause.ZONE_FULL,
        Cause.UNALIGNED_WRITE,
        Cause.NOT_AT_WRITE_POINTER,
        Cause.NOT_APPLICABLE,
        Cause.ACTIVE_LIMIT,
        Cause.OPEN_LIMIT,
    };

    private CauseSense() {}

    /** The cause that is told. */
    public static Cause first(long causes) {
        return Causes.first(causes, PRECEDENCE);
    }

    /** Whether a command whose device request ended so is good. */
    public static boolean good(long causes) {
        return causes == Cause.DONE.bit() || sense(first(causes), false) == Sense.NO_SENSE;
    }

    /**
     * Sets what a device request that did not succeed makes of its task.
     *
     * @param lbaByte where the logical block address is in the CDB, for what is an invalid field
     * @param failedLba the first block that was not moved, for INFORMATION with medium errors
     */
    public static void fail(ScsiTask task, long causes, int lbaByte, long failedLba) {
        Cause cause = first(causes);
        Sense sense = sense(cause, writes(task.opcode()));
        if (sense == Sense.INVALID_FIELD_IN_CDB) {
            task.invalidField(lbaByte);
        } else if (cause == Cause.MEDIUM_ERROR) {
            task.fail(sense, failedLba);
        } else if (cause == Cause.ABORTED) {
            task.setStatus(ScsiStatus.BUSY);
        } else {
            task.fail(sense);
        }
    }

    /**
     * As {@link #fail}, for an action on zones: INFORMATION names the zone, unless it is a field of the CDB that is told.
     *
     * @param zoneStart -1 if no zone is to blame
     */
    public static void failZone(ScsiTask task, long causes, int idByte, long zoneStart) {
        Cause cause = first(causes);
        Sense sense = sense(cause, true);
        if (cause == Cause.ABORTED || sense == Sense.INVALID_FIELD_IN_CDB) {
            fail(task, causes, idByte, zoneStart);
        } else {
            task.fail(sense, zoneStart);
        }
    }

    /** The sense of a cause; a medium error says whether the medium was to be changed. */
    static Sense sense(Cause cause, boolean writing) {
        return switch (cause) {
            // Open on a full zone, close on an empty one: good, and nothing changes (ZBC-2, the zone commands).
            case DONE, ALREADY_SO, NOT_APPLICABLE -> Sense.NO_SENSE;
            case OUT_OF_RANGE -> Sense.LBA_OUT_OF_RANGE;
            case DEVICE_READ_ONLY -> Sense.WRITE_PROTECTED;
            case ZONE_OFFLINE -> Sense.ZONE_IS_OFFLINE;
            case ZONE_READ_ONLY -> Sense.ZONE_IS_READ_ONLY;
            case READ_CROSSES_ZONES -> Sense.READ_BOUNDARY_VIOLATION;
            // One that begins in a gap zone is refused before: docs/decisions/0153.
            case CROSSES_ZONE_BOUNDARY, BEYOND_ZONE_CAPACITY -> Sense.WRITE_BOUNDARY_VIOLATION;
            case UNALIGNED_WRITE, NOT_AT_WRITE_POINTER, PREDECESSOR_FAILED -> Sense.UNALIGNED_WRITE_COMMAND;
            case ZONE_FULL, WRONG_ZONE_TYPE, NOT_ZONE_START, UNSUPPORTED -> Sense.INVALID_FIELD_IN_CDB;
            case ACTIVE_LIMIT, OPEN_LIMIT -> Sense.INSUFFICIENT_ZONE_RESOURCES;
            case NO_SPACE -> Sense.SPACE_ALLOCATION_FAILED;
            case MEDIUM_ERROR -> writing ? Sense.WRITE_ERROR : Sense.UNRECOVERED_READ_ERROR;
            case ABORTED -> Sense.NOT_READY_CAUSE_NOT_REPORTABLE;
            // SCSI has neither appends nor random write areas, and blocks are the unit of addresses.
            case APPEND_TOO_LONG,
                    APPEND_UNSUPPORTED,
                    AREA_NOT_APPLICABLE,
                    NO_RANDOM_WRITE_AREA,
                    UNALIGNED_BLOCK,
                    INTERNAL_ERROR -> Sense.INTERNAL_TARGET_FAILURE;
        };
    }

    private static boolean writes(ScsiOpcode opcode) {
        return opcode.access() == Access.CHANGE;
    }
}
