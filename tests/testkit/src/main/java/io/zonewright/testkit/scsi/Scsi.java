package io.zonewright.testkit.scsi;

/**
 * Numbers of SCSI. A sense code here is {@code key << 16 | ASC << 8 | ASCQ}, as {@link ScsiSense#code} gives it: 05h/21h/04h
 * is 052104h.
 */
public final class Scsi {
    // Operation codes, SPC-5 annex F.
    public static final int TEST_UNIT_READY = 0x00;
    public static final int REQUEST_SENSE = 0x03;
    public static final int READ_6 = 0x08;
    public static final int WRITE_6 = 0x0A;
    public static final int INQUIRY = 0x12;
    public static final int MODE_SELECT_6 = 0x15;
    public static final int RESERVE_6 = 0x16;
    public static final int RELEASE_6 = 0x17;
    public static final int MODE_SENSE_6 = 0x1A;
    public static final int START_STOP_UNIT = 0x1B;
    public static final int PREVENT_ALLOW = 0x1E;
    public static final int READ_CAPACITY_10 = 0x25;
    public static final int READ_10 = 0x28;
    public static final int WRITE_10 = 0x2A;
    public static final int WRITE_AND_VERIFY_10 = 0x2E;
    public static final int VERIFY_10 = 0x2F;
    public static final int PRE_FETCH_10 = 0x34;
    public static final int SYNCHRONIZE_CACHE_10 = 0x35;
    public static final int WRITE_SAME_10 = 0x41;
    public static final int UNMAP = 0x42;
    public static final int LOG_SENSE = 0x4D;
    public static final int MODE_SELECT_10 = 0x55;
    public static final int MODE_SENSE_10 = 0x5A;
    public static final int PERSISTENT_RESERVE_IN = 0x5E;
    public static final int PERSISTENT_RESERVE_OUT = 0x5F;
    public static final int VARIABLE_LENGTH = 0x7F;
    public static final int READ_16 = 0x88;
    public static final int COMPARE_AND_WRITE = 0x89;
    public static final int WRITE_16 = 0x8A;
    public static final int ORWRITE_16 = 0x8B;
    public static final int WRITE_AND_VERIFY_16 = 0x8E;
    public static final int VERIFY_16 = 0x8F;
    public static final int PRE_FETCH_16 = 0x90;
    public static final int SYNCHRONIZE_CACHE_16 = 0x91;
    public static final int WRITE_SAME_16 = 0x93;
    public static final int ZBC_OUT = 0x94;
    public static final int ZBC_IN = 0x95;
    public static final int SERVICE_ACTION_IN_16 = 0x9E;
    public static final int REPORT_LUNS = 0xA0;
    public static final int MAINTENANCE_IN = 0xA3;
    public static final int READ_12 = 0xA8;
    public static final int WRITE_12 = 0xAA;
    public static final int WRITE_AND_VERIFY_12 = 0xAE;
    public static final int VERIFY_12 = 0xAF;

    // Service actions of ZBC OUT, ZBC-2 table 19 (SBC-4 for the opcode).
    public static final int CLOSE_ZONE = 0x01;
    public static final int FINISH_ZONE = 0x02;
    public static final int OPEN_ZONE = 0x03;
    public static final int RESET_WRITE_POINTER = 0x04;
    public static final int SEQUENTIALIZE_ZONE = 0x10;

    // Status codes, SAM-6 table 42.
    public static final int GOOD = 0x00;
    public static final int CHECK_CONDITION = 0x02;
    public static final int CONDITION_MET = 0x04;
    public static final int BUSY = 0x08;
    public static final int RESERVATION_CONFLICT = 0x18;
    public static final int TASK_SET_FULL = 0x28;
    public static final int ACA_ACTIVE = 0x30;
    public static final int TASK_ABORTED = 0x40;

    // Task attributes as iSCSI numbers them (RFC 7143 section 11.3.1).
    public static final int UNTAGGED = 0;
    public static final int SIMPLE = 1;
    public static final int ORDERED = 2;
    public static final int HEAD_OF_QUEUE = 3;
    public static final int ACA = 4;

    // Zone types and conditions, ZBC-2 section 6.6 (REPORT ZONES parameter data).
    public static final int ZT_CONVENTIONAL = 0x1;
    public static final int ZT_SEQUENTIAL_REQUIRED = 0x2;
    public static final int ZT_SEQUENTIAL_PREFERRED = 0x3;
    public static final int ZT_GAP = 0x5;
    public static final int ZC_NOT_WRITE_POINTER = 0x0;
    public static final int ZC_EMPTY = 0x1;
    public static final int ZC_IMPLICIT_OPEN = 0x2;
    public static final int ZC_EXPLICIT_OPEN = 0x3;
    public static final int ZC_CLOSED = 0x4;
    public static final int ZC_READ_ONLY = 0xD;
    public static final int ZC_FULL = 0xE;
    public static final int ZC_OFFLINE = 0xF;

    // Sense codes, SPC-5 annex F.
    public static final int UNRECOVERED_READ_ERROR = 0x03_1100;
    public static final int WRITE_ERROR = 0x03_0C00;
    public static final int PARAMETER_LIST_LENGTH_ERROR = 0x05_1A00;
    public static final int INVALID_OPERATION_CODE = 0x05_2000;
    public static final int LBA_OUT_OF_RANGE = 0x05_2100;
    public static final int UNALIGNED_WRITE = 0x05_2104;
    public static final int WRITE_BOUNDARY_VIOLATION = 0x05_2105;
    public static final int READ_INVALID_DATA = 0x05_2106;
    public static final int READ_BOUNDARY_VIOLATION = 0x05_2107;
    public static final int GAP_ZONE = 0x05_2109;
    public static final int INVALID_FIELD_IN_CDB = 0x05_2400;
    public static final int LOGICAL_UNIT_NOT_SUPPORTED = 0x05_2500;
    public static final int INVALID_FIELD_IN_PARAMETERS = 0x05_2600;
    public static final int POWER_ON_OR_RESET = 0x06_2900;
    public static final int WRITE_PROTECTED = 0x07_2700;
    public static final int ZONE_IS_READ_ONLY = 0x07_2708;
    public static final int ZONE_IS_OFFLINE = 0x07_2C0E;
    public static final int INSUFFICIENT_ZONE_RESOURCES = 0x07_550E;
    public static final int ABORTED_COMMAND = 0x0B_0000;
    public static final int MISCOMPARE = 0x0E_1D00;

    /**
     * The 8 bytes of a logical unit number (SAM-6 section 4.7.7): peripheral device addressing below 256, flat space
     * addressing below 16384.
     */
    public static long lun(int number) {
        if (number < 0 || number >= 16384) {
            throw new IllegalArgumentException("no single level LUN " + number);
        }
        return (number < 256 ? (long) number : 0x4000L | number) << 48;
    }

    private Scsi() {}
}
