package io.zonewright.frontend.scsi.iscsi.pdu;

/**
 * Opcodes, flags, sizes and offsets of PDUs (RFC 7143, section 11). Fields are big-endian, digests little-endian (appendix
 * B.4 of RFC 3720 shows it); offsets and sizes are in bytes from the start of the basic header segment.
 */
public final class Pdu {
    /** Basic header segment. */
    public static final int BHS_SIZE = 48;

    /** A header or data digest, a CRC32C. */
    public static final int DIGEST_SIZE = 4;

    /** Additional header segments at the most: TotalAHSLength counts 255 words. */
    public static final int MAX_AHS = 255 * 4;

    // Opcodes of initiators (section 11.2.1.2).
    public static final int NOP_OUT = 0x00;
    public static final int SCSI_COMMAND = 0x01;
    public static final int TASK_MANAGEMENT = 0x02;
    public static final int LOGIN = 0x03;
    public static final int TEXT = 0x04;
    public static final int DATA_OUT = 0x05;
    public static final int LOGOUT = 0x06;
    public static final int SNACK = 0x10;

    // Opcodes of targets.
    public static final int NOP_IN = 0x20;
    public static final int SCSI_RESPONSE = 0x21;
    public static final int TASK_MANAGEMENT_RESPONSE = 0x22;
    public static final int LOGIN_RESPONSE = 0x23;
    public static final int TEXT_RESPONSE = 0x24;
    public static final int DATA_IN = 0x25;
    public static final int LOGOUT_RESPONSE = 0x26;
    public static final int R2T = 0x31;
    public static final int ASYNC_MESSAGE = 0x32;
    public static final int REJECT = 0x3F;

    // Byte 0.
    public static final int OPCODE_MASK = 0x3F;
    public static final int IMMEDIATE = 0x40;

    // Byte 1. F, T or always set; then by opcode.
    public static final int FINAL = 0x80;
    public static final int CONTINUE = 0x40;
    public static final int READ = 0x40;
    public static final int WRITE = 0x20;
    public static final int ATTRIBUTE_MASK = 0x07;
    public static final int OVERFLOW = 0x04;
    public static final int UNDERFLOW = 0x02;
    public static final int STATUS = 0x01;

    // Common places.
    public static final int FLAGS_OFFSET = 1;
    public static final int AHS_LENGTH_OFFSET = 4;
    public static final int DATA_LENGTH_OFFSET = 5;
    public static final int LUN_OFFSET = 8;
    public static final int ITT_OFFSET = 16;
    public static final int TTT_OFFSET = 20;
    public static final int CMD_SN_OFFSET = 24;
    public static final int EXP_STAT_SN_OFFSET = 28;
    public static final int STAT_SN_OFFSET = 24;
    public static final int EXP_CMD_SN_OFFSET = 28;
    public static final int MAX_CMD_SN_OFFSET = 32;

    /** In an Initiator or Target Task Tag: none. */
    public static final int NO_TAG = 0xFFFF_FFFF;

    // SCSI Command (11.3) and its additional headers (11.2.2).
    public static final int EDTL_OFFSET = 20;
    public static final int CDB_OFFSET = 32;
    public static final int CDB_SIZE = 16;
    public static final int AHS_EXTENDED_CDB = 1;
    public static final int AHS_BIDIRECTIONAL = 2;
    public static final int AHS_HEADER = 4;

    // SCSI Response (11.4).
    public static final int RESPONSE_OFFSET = 2;
    public static final int SCSI_STATUS_OFFSET = 3;
    public static final int EXP_DATA_SN_OFFSET = 36;
    public static final int RESIDUAL_OFFSET = 44;

    // Task management (11.5, 11.6).
    public static final int FUNCTION_MASK = 0x7F;
    public static final int REFERENCED_TAG_OFFSET = 20;
    public static final int REF_CMD_SN_OFFSET = 32;

    // Data-Out, Data-In, R2T (11.7, 11.8).
    public static final int DATA_SN_OFFSET = 36;
    public static final int BUFFER_OFFSET_OFFSET = 40;
    public static final int DESIRED_LENGTH_OFFSET = 44;

    // Asynchronous Message (11.9).
    public static final int ASYNC_EVENT_OFFSET = 36;
    public static final int PARAMETER1_OFFSET = 38;
    public static final int PARAMETER2_OFFSET = 40;
    public static final int PARAMETER3_OFFSET = 42;
    public static final int ASYNC_LOGOUT_REQUEST = 1;
    public static final int ASYNC_DROP_ALL = 3;

    // Login (11.12, 11.13).
    public static final int VERSION_MAX_OFFSET = 2;
    public static final int VERSION_MIN_OFFSET = 3;
    public static final int ISID_OFFSET = 8;
    public static final int TSIH_OFFSET = 14;
    public static final int CID_OFFSET = 20;
    public static final int STATUS_CLASS_OFFSET = 36;
    public static final int STATUS_DETAIL_OFFSET = 37;

    // Logout (11.14, 11.15).
    public static final int LOGOUT_SESSION = 0;
    public static final int LOGOUT_CONNECTION = 1;
    public static final int LOGOUT_RECOVERY = 2;
    public static final int LOGOUT_DONE = 0;
    public static final int LOGOUT_NO_SUCH_CONNECTION = 1;
    public static final int LOGOUT_NO_RECOVERY = 2;
    public static final int TIME2WAIT_OFFSET = 40;
    public static final int TIME2RETAIN_OFFSET = 42;

    // Reasons of a Reject (11.17.1).
    public static final int REJECT_DATA_DIGEST = 0x02;
    public static final int REJECT_PROTOCOL_ERROR = 0x04;
    public static final int REJECT_NOT_SUPPORTED = 0x05;
    public static final int REJECT_TOO_MANY_IMMEDIATE = 0x06;
    public static final int REJECT_TASK_IN_PROGRESS = 0x07;
    public static final int REJECT_INVALID_FIELD = 0x09;
    public static final int REJECT_OUT_OF_RESOURCES = 0x0A;

    private Pdu() {}

    /** A length with its padding: a multiple of four. */
    public static int padded(int length) {
        return (length + 3) & ~3;
    }
}
