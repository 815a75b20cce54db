package io.zonewright.frontend.nvme.command;

import java.util.HexFormat;

/**
 * Status values of completion queue entries: status code in bits 7:0, status code type in bits 10:8, "more" in bit 13,
 * "do not retry" in bit 14, as in DW3 bits 31:17 (Base 2.0, "Status Field Definition"; ZNS 1.1, "Status Values";
 * linux/nvme.h). Named with the specification's words.
 */
public final class NvmeStatus {
    // Generic Command Status
    public static final int SUCCESS = 0x000;
    public static final int INVALID_COMMAND_OPCODE = 0x001;
    public static final int INVALID_FIELD = 0x002;
    public static final int COMMAND_ID_CONFLICT = 0x003;
    public static final int DATA_TRANSFER_ERROR = 0x004;
    public static final int ABORTED_POWER_LOSS = 0x005;
    public static final int INTERNAL_ERROR = 0x006;
    public static final int ABORT_REQUESTED = 0x007;
    public static final int ABORTED_SQ_DELETION = 0x008;
    public static final int ABORTED_FAILED_FUSED = 0x009;
    public static final int ABORTED_MISSING_FUSED = 0x00A;
    public static final int INVALID_NAMESPACE_OR_FORMAT = 0x00B;
    public static final int COMMAND_SEQUENCE_ERROR = 0x00C;
    public static final int INVALID_SGL_SEGMENT_DESCRIPTOR = 0x00D;
    public static final int INVALID_NUMBER_OF_SGL_DESCRIPTORS = 0x00E;
    public static final int DATA_SGL_LENGTH_INVALID = 0x00F;
    public static final int METADATA_SGL_LENGTH_INVALID = 0x010;
    public static final int SGL_DESCRIPTOR_TYPE_INVALID = 0x011;
    public static final int INVALID_USE_OF_CMB = 0x012;
    public static final int PRP_OFFSET_INVALID = 0x013;
    public static final int ATOMIC_WRITE_UNIT_EXCEEDED = 0x014;
    public static final int OPERATION_DENIED = 0x015;
    public static final int SGL_OFFSET_INVALID = 0x016;
    public static final int HOST_IDENTIFIER_INCONSISTENT_FORMAT = 0x018;
    public static final int KEEP_ALIVE_TIMER_EXPIRED = 0x019;
    public static final int KEEP_ALIVE_TIMEOUT_INVALID = 0x01A;
    public static final int SGL_DATA_BLOCK_GRANULARITY_INVALID = 0x01E;
    public static final int NAMESPACE_WRITE_PROTECTED = 0x020;
    public static final int COMMAND_INTERRUPTED = 0x021;
    public static final int TRANSIENT_TRANSPORT_ERROR = 0x022;
    public static final int LBA_OUT_OF_RANGE = 0x080;
    public static final int CAPACITY_EXCEEDED = 0x081;
    public static final int NAMESPACE_NOT_READY = 0x082;

    // Command Specific Status, Admin
    public static final int COMPLETION_QUEUE_INVALID = 0x100;
    public static final int INVALID_QUEUE_IDENTIFIER = 0x101;
    public static final int INVALID_QUEUE_SIZE = 0x102;
    public static final int ABORT_COMMAND_LIMIT_EXCEEDED = 0x103;
    public static final int ASYNC_EVENT_REQUEST_LIMIT_EXCEEDED = 0x105;
    public static final int INVALID_INTERRUPT_VECTOR = 0x108;
    public static final int INVALID_LOG_PAGE = 0x109;
    public static final int INVALID_FORMAT = 0x10A;
    public static final int INVALID_QUEUE_DELETION = 0x10C;
    public static final int FEATURE_IDENTIFIER_NOT_SAVEABLE = 0x10D;
    public static final int FEATURE_NOT_CHANGEABLE = 0x10E;
    public static final int FEATURE_NOT_NAMESPACE_SPECIFIC = 0x10F;
    public static final int INVALID_CONTROLLER_IDENTIFIER = 0x11F;
    public static final int IO_COMMAND_SET_NOT_SUPPORTED = 0x129;
    public static final int IO_COMMAND_SET_NOT_ENABLED = 0x12A;
    public static final int IO_COMMAND_SET_COMBINATION_REJECTED = 0x12B;
    public static final int INVALID_IO_COMMAND_SET = 0x12C;

    // Command Specific Status, NVM Command Set
    public static final int CONFLICTING_ATTRIBUTES = 0x180;
    public static final int INVALID_PROTECTION_INFORMATION = 0x181;
    public static final int WRITE_TO_READ_ONLY_RANGE = 0x182;
    public static final int COMMAND_SIZE_LIMIT_EXCEEDED = 0x183;

    // Command Specific Status, Fabrics (the same numbers mean something else to the commands of that set)
    public static final int CONNECT_INCOMPATIBLE_FORMAT = 0x180;
    public static final int CONNECT_CONTROLLER_BUSY = 0x181;
    public static final int CONNECT_INVALID_PARAMETERS = 0x182;
    public static final int CONNECT_RESTART_DISCOVERY = 0x183;
    public static final int CONNECT_INVALID_HOST = 0x184;
    public static final int DISCONNECT_INVALID_QUEUE_TYPE = 0x185;
    public static final int DISCOVER_RESTART = 0x190;
    public static final int AUTHENTICATION_REQUIRED = 0x191;

    // Command Specific Status, Zoned Namespace Command Set
    public static final int INVALID_ZONE_OPERATION_REQUEST = 0x1B6;
    public static final int ZRWA_RESOURCES_UNAVAILABLE = 0x1B7;
    public static final int ZONE_BOUNDARY_ERROR = 0x1B8;
    public static final int ZONE_IS_FULL = 0x1B9;
    public static final int ZONE_IS_READ_ONLY = 0x1BA;
    public static final int ZONE_IS_OFFLINE = 0x1BB;
    public static final int ZONE_INVALID_WRITE = 0x1BC;
    public static final int TOO_MANY_ACTIVE_ZONES = 0x1BD;
    public static final int TOO_MANY_OPEN_ZONES = 0x1BE;
    public static final int INVALID_ZONE_STATE_TRANSITION = 0x1BF;

    // Media and Data Integrity Errors
    public static final int WRITE_FAULT = 0x280;
    public static final int UNRECOVERED_READ_ERROR = 0x281;
    public static final int COMPARE_FAILURE = 0x285;
    public static final int ACCESS_DENIED = 0x286;
    public static final int DEALLOCATED_OR_UNWRITTEN_BLOCK = 0x287;

    // Path Related Status
    public static final int INTERNAL_PATH_ERROR = 0x300;

    /** More information is in the error log. */
    public static final int MORE = 0x2000;
    /** The same command, sent again, would fail again. */
    public static final int DNR = 0x4000;

    private static final int CODE_MASK = 0x7FF;
    private static final int TYPE_MASK = 0x700;
    private static final int MEDIA_TYPE = 0x200;

    private NvmeStatus() {}

    /** The status with "do not retry". */
    public static int dnr(int status) {
        return status | DNR;
    }

    /** Status code and type without the flags: one of the constants above. */
    public static int code(int status) {
        return status & CODE_MASK;
    }

    /** Whether the medium failed: the Media and Data Integrity Errors, but for a Compare that found a difference. */
    public static boolean mediaError(int status) {
        return (status & TYPE_MASK) == MEDIA_TYPE && code(status) != COMPARE_FAILURE;
    }

    /** For messages: {@code 1BCh DNR}. */
    public static String toString(int status) {
        return HexFormat.of().toHexDigits((short) code(status)).substring(1) + "h"
                + ((status & MORE) == 0 ? "" : " more")
                + ((status & DNR) == 0 ? "" : " DNR");
    }
}
