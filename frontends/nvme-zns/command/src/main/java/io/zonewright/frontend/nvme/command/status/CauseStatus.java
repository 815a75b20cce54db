package io.zonewright.frontend.nvme.command.status;

import static io.zonewright.frontend.nvme.command.NvmeStatus.dnr;

import io.zonewright.api.result.Cause;
import io.zonewright.api.result.Causes;
import io.zonewright.frontend.nvme.command.NvmeOpcode;
import io.zonewright.frontend.nvme.command.NvmeStatus;

/**
 * The one place where a {@link Cause} becomes a status (Base 2.1, "Status Field Definition"; NVM Command Set 1.1; ZNS
 * Command Set 1.2, "Command Specific Status Values" and "Zone Send Actions").
 *
 * <p><b>Do Not Retry</b> is set where the same command would meet the same answer: whatever the host asked wrongly, a
 * zone that will not take it, and a failed write, whose zone may have moved on by a part of it. It is clear where
 * trying again makes sense: a failed read, an append behind a failed one (it has no address that could be wrong by
 * now), a device that is being stopped, a defect. Linux tries such a command again up to five times
 * (drivers/nvme/host/core.c, {@code nvme_decide_disposition}).
 */
public final class CauseStatus {
    /**
     * Which cause is told where several apply. ZNS demands only that the active limit comes before the open one
     * ("Managing resources"); the order between a zone's state, its write pointer, its boundary and resources is that
     * of QEMU's {@code nvme_do_write} and {@code nvme_check_zone_write} (hw/nvme/ctrl.c), so that both answer alike.
     */
    private static final Cause[] PRECEDENCE = {
        Cause.UNSUPPORTED,
        Cause.APPEND_UNSUPPORTED,
        Cause.DEVICE_READ_ONLY,
        Cause.OUT_OF_RANGE,
        Cause.WRONG_ZONE_TYPE,
        Cause.AREA_NOT_APPLICABLE,
        Cause.NOT_ZONE_START,
        Cause.APPEND_TOO_LONG,
        Cause.ZONE_OFFLINE,
        Cause.ZONE_READ_ONLY,
        Cause.ZONE_FULL,
        Cause.NOT_AT_WRITE_POINTER,
        Cause.READ_CROSSES_ZONES,
        Cause.CROSSES_ZONE_BOUNDARY,
        Cause.BEYOND_ZONE_CAPACITY,
        Cause.NOT_APPLICABLE,
        Cause.ACTIVE_LIMIT,
        Cause.OPEN_LIMIT,
        Cause.NO_RANDOM_WRITE_AREA,
    };

    private CauseStatus() {}

    /**
     * The status, with Do Not Retry where it belongs, for everything that applied to a request.
     *
     * @param causes see {@link Causes}
     * @param command what the host asked for
     */
    public static int of(long causes, NvmeOpcode command) {
        return causes == Cause.DONE.bit() ? NvmeStatus.SUCCESS : of(Causes.first(causes, PRECEDENCE), command);
    }

    private static int of(Cause cause, NvmeOpcode command) {
        boolean action = command == NvmeOpcode.ZONE_MANAGEMENT_SEND;
        return switch (cause) {
            case DONE, ALREADY_SO -> NvmeStatus.SUCCESS;
            case OUT_OF_RANGE -> dnr(NvmeStatus.LBA_OUT_OF_RANGE);
            case DEVICE_READ_ONLY -> dnr(NvmeStatus.NAMESPACE_WRITE_PROTECTED);
            case ZONE_OFFLINE -> dnr(action ? NvmeStatus.INVALID_ZONE_STATE_TRANSITION : NvmeStatus.ZONE_IS_OFFLINE);
            case ZONE_READ_ONLY ->
                dnr(action ? NvmeStatus.INVALID_ZONE_STATE_TRANSITION : NvmeStatus.ZONE_IS_READ_ONLY);
            case ZONE_FULL -> dnr(NvmeStatus.ZONE_IS_FULL);
            case NOT_AT_WRITE_POINTER -> dnr(NvmeStatus.ZONE_INVALID_WRITE);
            case READ_CROSSES_ZONES, CROSSES_ZONE_BOUNDARY, BEYOND_ZONE_CAPACITY -> dnr(NvmeStatus.ZONE_BOUNDARY_ERROR);
            case NOT_APPLICABLE -> dnr(NvmeStatus.INVALID_ZONE_STATE_TRANSITION);
            case ACTIVE_LIMIT -> dnr(NvmeStatus.TOO_MANY_ACTIVE_ZONES);
            case OPEN_LIMIT -> dnr(NvmeStatus.TOO_MANY_OPEN_ZONES);
            case AREA_NOT_APPLICABLE -> dnr(NvmeStatus.INVALID_ZONE_OPERATION_REQUEST);
            case NO_RANDOM_WRITE_AREA -> dnr(NvmeStatus.ZRWA_RESOURCES_UNAVAILABLE);
            case WRONG_ZONE_TYPE, NOT_ZONE_START, APPEND_TOO_LONG -> dnr(NvmeStatus.INVALID_FIELD);
            case APPEND_UNSUPPORTED -> dnr(NvmeStatus.INVALID_COMMAND_OPCODE);
            // A zone action that the medium does not know is a value of a field; any other operation is a command.
            case UNSUPPORTED -> dnr(action ? NvmeStatus.INVALID_FIELD : NvmeStatus.INVALID_COMMAND_OPCODE);
            case PREDECESSOR_FAILED ->
                command == NvmeOpcode.ZONE_APPEND ? NvmeStatus.INTERNAL_ERROR : dnr(NvmeStatus.ZONE_INVALID_WRITE);
            case NO_SPACE -> dnr(NvmeStatus.CAPACITY_EXCEEDED);
            case MEDIUM_ERROR -> mediumError(command);
            case ABORTED -> NvmeStatus.NAMESPACE_NOT_READY;
            // Blocks are the unit of addresses and the write granularity, so nothing can be unaligned but by a defect.
            case UNALIGNED_BLOCK, UNALIGNED_WRITE, INTERNAL_ERROR -> NvmeStatus.INTERNAL_ERROR;
        };
    }

    private static int mediumError(NvmeOpcode command) {
        return switch (command) {
            case READ, COMPARE, VERIFY -> NvmeStatus.UNRECOVERED_READ_ERROR;
            case WRITE, WRITE_ZEROES, DATASET_MANAGEMENT, FLUSH, ZONE_APPEND -> dnr(NvmeStatus.WRITE_FAULT);
            default -> NvmeStatus.INTERNAL_ERROR;
        };
    }
}
