package io.zonewright.testkit.nvme;

/** Numbers of NVMe. Status codes are the 11 bits SC and SCT ({@code SCT << 8 | SC}), see Base section 4.2.3. */
public final class Nvme {
    // Admin opcodes, Base figure 142.
    public static final int ADMIN_DELETE_SQ = 0x00;
    public static final int ADMIN_CREATE_SQ = 0x01;
    public static final int ADMIN_GET_LOG = 0x02;
    public static final int ADMIN_DELETE_CQ = 0x04;
    public static final int ADMIN_CREATE_CQ = 0x05;
    public static final int ADMIN_IDENTIFY = 0x06;
    public static final int ADMIN_ABORT = 0x08;
    public static final int ADMIN_SET_FEATURES = 0x09;
    public static final int ADMIN_GET_FEATURES = 0x0A;
    public static final int ADMIN_ASYNC_EVENT = 0x0C;
    public static final int ADMIN_KEEP_ALIVE = 0x18;
    public static final int ADMIN_DOORBELL_BUFFER = 0x7C;
    public static final int FABRICS = 0x7F;

    // I/O opcodes, NVM figure 22 and ZNS figure 26.
    public static final int FLUSH = 0x00;
    public static final int WRITE = 0x01;
    public static final int READ = 0x02;
    public static final int COMPARE = 0x05;
    public static final int WRITE_ZEROES = 0x08;
    public static final int DATASET_MANAGEMENT = 0x09;
    public static final int VERIFY = 0x0C;
    public static final int ZONE_SEND = 0x79;
    public static final int ZONE_RECEIVE = 0x7A;
    public static final int ZONE_APPEND = 0x7D;

    // Fabrics command types, Base section 6.
    public static final int FABRICS_PROPERTY_SET = 0x00;
    public static final int FABRICS_CONNECT = 0x01;
    public static final int FABRICS_PROPERTY_GET = 0x04;
    public static final int FABRICS_DISCONNECT = 0x08;

    // Zone Send Actions, ZNS figure 47.
    public static final int ZSA_CLOSE = 0x01;
    public static final int ZSA_FINISH = 0x02;
    public static final int ZSA_OPEN = 0x03;
    public static final int ZSA_RESET = 0x04;
    public static final int ZSA_OFFLINE = 0x05;
    public static final int ZSA_SET_EXTENSION = 0x10;
    public static final int ZSA_FLUSH_ZRWA = 0x11;

    // Zone states, ZNS figure 37.
    public static final int ZS_EMPTY = 0x1;
    public static final int ZS_IMPLICIT_OPEN = 0x2;
    public static final int ZS_EXPLICIT_OPEN = 0x3;
    public static final int ZS_CLOSED = 0x4;
    public static final int ZS_READ_ONLY = 0xD;
    public static final int ZS_FULL = 0xE;
    public static final int ZS_OFFLINE = 0xF;

    // Properties, Base section 3.1.4.
    public static final int CAP = 0x00;
    public static final int VS = 0x08;
    public static final int CC = 0x14;
    public static final int CSTS = 0x1C;
    public static final int NSSR = 0x20;
    public static final int AQA = 0x24;
    public static final int ASQ = 0x28;
    public static final int ACQ = 0x30;

    /** CC: enabled, all command sets (CSS 110b), 4 KiB pages, entries of 64 and 16 bytes. */
    public static final int CC_ENABLE = 1 | 6 << 4 | 6 << 16 | 4 << 20;

    /** CC.SHN 01b: normal shutdown. */
    public static final int CC_SHUTDOWN = 1 << 14;

    public static final int CSTS_READY = 1;
    public static final int CSTS_FATAL = 2;

    // Generic status, Base figure 102.
    public static final int SUCCESS = 0x000;
    public static final int INVALID_OPCODE = 0x001;
    public static final int INVALID_FIELD = 0x002;
    public static final int CID_CONFLICT = 0x003;
    public static final int DATA_TRANSFER_ERROR = 0x004;
    public static final int INTERNAL_ERROR = 0x006;
    public static final int ABORT_REQUESTED = 0x007;
    public static final int ABORT_QUEUE_DELETED = 0x008;
    public static final int INVALID_NAMESPACE = 0x00B;
    public static final int SEQUENCE_ERROR = 0x00C;
    public static final int INVALID_SGL_SEGMENT = 0x00D;
    public static final int INVALID_SGL_COUNT = 0x00E;
    public static final int SGL_LENGTH_INVALID = 0x00F;
    public static final int SGL_TYPE_INVALID = 0x011;
    public static final int PRP_OFFSET_INVALID = 0x013;
    public static final int SGL_OFFSET_INVALID = 0x016;
    public static final int LBA_OUT_OF_RANGE = 0x080;
    public static final int CAPACITY_EXCEEDED = 0x081;

    // Command specific, Base figure 103, NVM figure 20, ZNS figure 24.
    public static final int INVALID_QUEUE_ID = 0x101;
    public static final int INVALID_QUEUE_SIZE = 0x102;
    public static final int CONNECT_INVALID_PARAMETERS = 0x182;
    public static final int CONNECT_INVALID_HOST = 0x184;
    public static final int ZONE_BOUNDARY = 0x1B8;
    public static final int ZONE_FULL = 0x1B9;
    public static final int ZONE_READ_ONLY = 0x1BA;
    public static final int ZONE_OFFLINE = 0x1BB;
    public static final int ZONE_INVALID_WRITE = 0x1BC;
    public static final int TOO_MANY_ACTIVE = 0x1BD;
    public static final int TOO_MANY_OPEN = 0x1BE;
    public static final int INVALID_TRANSITION = 0x1BF;

    // Media and data integrity errors, Base figure 104.
    public static final int WRITE_FAULT = 0x280;
    public static final int UNRECOVERED_READ = 0x281;
    public static final int COMPARE_FAILURE = 0x285;

    /** Do Not Retry, in the 15-bit status. */
    public static final int DNR = 1 << 14;

    private Nvme() {}
}
