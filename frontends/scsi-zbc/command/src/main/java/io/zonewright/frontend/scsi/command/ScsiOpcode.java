package io.zonewright.frontend.scsi.command;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.HexFormat;

/**
 * Every command that Zonewright knows: the one table from which dispatch, checks of reserved bits and of reservations,
 * and REPORT SUPPORTED OPERATION CODES are made (SPC-5, SBC-4, ZBC-2). Which of them a logical unit offers is decided by
 * its {@link OpcodeTable}.
 *
 * <p>Usage data is as REPORT SUPPORTED OPERATION CODES shows it: the opcode, then a 1 for each bit that is looked at,
 * with the service action itself in its field; its length is the CDB's. Bits of the second mask, where there is one, may
 * be anything: hints and what older standards had there. All others must be zero.
 */
@SuppressWarnings("ImmutableEnumChecker") // the arrays are never changed and never given away
public enum ScsiOpcode {
    TEST_UNIT_READY(Access.NOT_RESERVE, "00 00 00 00 00 00"),
    REQUEST_SENSE(Access.ALWAYS, "03 01 00 00 FF 00"),
    READ_6(Access.READ, "08 1F FF FF FF 00"),
    WRITE_6(Access.CHANGE, "0A 1F FF FF FF 00"),
    INQUIRY(Access.ALWAYS, "12 01 FF FF FF 00"),
    MODE_SELECT_6(Access.CHANGE, "15 11 00 00 FF 00"),
    RESERVE_6(Access.OWN_RULE, "16 00 00 00 00 00"),
    RELEASE_6(Access.OWN_RULE, "17 00 00 00 00 00"),
    MODE_SENSE_6(Access.READ, "1A 08 FF FF FF 00"),
    START_STOP_UNIT(Access.START, "1B 01 00 0F F7 00"),
    PREVENT_ALLOW_MEDIUM_REMOVAL(Access.ALLOW, "1E 00 00 00 03 00"),
    READ_CAPACITY_10(Access.ALWAYS, "25 00 00 00 00 00 00 00 00 00", "00 01 FF FF FF FF 00 00 01 00"),
    READ_10(Access.READ, "28 18 FF FF FF FF 00 FF FF 00", "00 07 00 00 00 00 3F 00 00 00"),
    WRITE_10(Access.CHANGE, "2A 18 FF FF FF FF 00 FF FF 00", "00 07 00 00 00 00 3F 00 00 00"),
    WRITE_AND_VERIFY_10(Access.CHANGE, "2E 16 FF FF FF FF 00 FF FF 00", "00 01 00 00 00 00 3F 00 00 00"),
    VERIFY_10(Access.READ, "2F 16 FF FF FF FF 00 FF FF 00", "00 01 00 00 00 00 3F 00 00 00"),
    PRE_FETCH_10(Access.READ, "34 02 FF FF FF FF 00 FF FF 00", "00 01 00 00 00 00 3F 00 00 00"),
    SYNCHRONIZE_CACHE_10(Access.CHANGE, "35 02 FF FF FF FF 00 FF FF 00", "00 05 00 00 00 00 3F 00 00 00"),
    WRITE_SAME_10(Access.CHANGE, "41 08 FF FF FF FF 00 FF FF 00", "00 00 00 00 00 00 3F 00 00 00"),
    UNMAP(Access.CHANGE, "42 00 00 00 00 00 00 FF FF 00", "00 00 00 00 00 00 3F 00 00 00"),
    LOG_SENSE(Access.ALWAYS, "4D 00 FF FF 00 FF FF FF FF 00"),
    MODE_SELECT_10(Access.CHANGE, "55 11 00 00 00 00 00 FF FF 00"),
    RESERVE_10(Access.OWN_RULE, "56 00 00 00 00 00 00 00 00 00"),
    RELEASE_10(Access.OWN_RULE, "57 00 00 00 00 00 00 00 00 00"),
    MODE_SENSE_10(Access.READ, "5A 18 FF FF 00 00 00 FF FF 00"),
    READ_KEYS(Access.NOT_RESERVE, "5E 00 00 00 00 00 00 FF FF 00"),
    READ_RESERVATION(Access.NOT_RESERVE, "5E 01 00 00 00 00 00 FF FF 00"),
    REPORT_CAPABILITIES(Access.NOT_RESERVE, "5E 02 00 00 00 00 00 FF FF 00"),
    READ_FULL_STATUS(Access.NOT_RESERVE, "5E 03 00 00 00 00 00 FF FF 00"),
    REGISTER(Access.OWN_RULE, "5F 00 00 00 00 FF FF FF FF 00", "00 00 FF 00 00 00 00 00 00 00"),
    RESERVE(Access.OWN_RULE, "5F 01 FF 00 00 FF FF FF FF 00"),
    RELEASE(Access.OWN_RULE, "5F 02 FF 00 00 FF FF FF FF 00"),
    CLEAR(Access.OWN_RULE, "5F 03 00 00 00 FF FF FF FF 00", "00 00 FF 00 00 00 00 00 00 00"),
    PREEMPT(Access.OWN_RULE, "5F 04 FF 00 00 FF FF FF FF 00"),
    PREEMPT_AND_ABORT(Access.OWN_RULE, "5F 05 FF 00 00 FF FF FF FF 00"),
    REGISTER_AND_IGNORE_EXISTING_KEY(Access.OWN_RULE, "5F 06 00 00 00 FF FF FF FF 00", "00 00 FF 00 00 00 00 00 00 00"),
    REGISTER_AND_MOVE(Access.OWN_RULE, "5F 07 00 00 00 FF FF FF FF 00", "00 00 FF 00 00 00 00 00 00 00"),
    READ_32(
            Access.READ,
            "7F 00 00 00 00 00 00 18 00 09 18 00 FF FF FF FF FF FF FF FF 00 00 00 00 00 00 00 00 FF FF FF FF",
            "00 00 00 00 00 00 3F 00 00 00 07 00 00 00 00 00 00 00 00 00 FF FF FF FF FF FF FF FF 00 00 00 00"),
    WRITE_32(
            Access.CHANGE,
            "7F 00 00 00 00 00 00 18 00 0B 18 00 FF FF FF FF FF FF FF FF 00 00 00 00 00 00 00 00 FF FF FF FF",
            "00 00 00 00 00 00 3F 00 00 00 07 00 00 00 00 00 00 00 00 00 FF FF FF FF FF FF FF FF 00 00 00 00"),
    READ_16(
            Access.READ,
            "88 18 FF FF FF FF FF FF FF FF FF FF FF FF 00 00",
            "00 07 00 00 00 00 00 00 00 00 00 00 00 00 FF 00"),
    COMPARE_AND_WRITE(
            Access.CHANGE,
            "89 18 FF FF FF FF FF FF FF FF 00 00 00 FF 00 00",
            "00 02 00 00 00 00 00 00 00 00 00 00 00 00 3F 00"),
    WRITE_16(
            Access.CHANGE,
            "8A 18 FF FF FF FF FF FF FF FF FF FF FF FF 00 00",
            "00 07 00 00 00 00 00 00 00 00 00 00 00 00 FF 00"),
    ORWRITE_16(
            Access.CHANGE,
            "8B 18 FF FF FF FF FF FF FF FF FF FF FF FF 00 00",
            "00 02 00 00 00 00 00 00 00 00 00 00 00 00 3F 00"),
    WRITE_AND_VERIFY_16(
            Access.CHANGE,
            "8E 16 FF FF FF FF FF FF FF FF FF FF FF FF 00 00",
            "00 00 00 00 00 00 00 00 00 00 00 00 00 00 3F 00"),
    VERIFY_16(
            Access.READ,
            "8F 16 FF FF FF FF FF FF FF FF FF FF FF FF 00 00",
            "00 00 00 00 00 00 00 00 00 00 00 00 00 00 3F 00"),
    PRE_FETCH_16(
            Access.READ,
            "90 02 FF FF FF FF FF FF FF FF FF FF FF FF 00 00",
            "00 00 00 00 00 00 00 00 00 00 00 00 00 00 3F 00"),
    SYNCHRONIZE_CACHE_16(
            Access.CHANGE,
            "91 02 FF FF FF FF FF FF FF FF FF FF FF FF 00 00",
            "00 04 00 00 00 00 00 00 00 00 00 00 00 00 3F 00"),
    WRITE_SAME_16(
            Access.CHANGE,
            "93 09 FF FF FF FF FF FF FF FF FF FF FF FF 00 00",
            "00 00 00 00 00 00 00 00 00 00 00 00 00 00 3F 00"),
    CLOSE_ZONE(Access.CHANGE, "94 01 FF FF FF FF FF FF FF FF 00 00 FF FF 01 00"),
    FINISH_ZONE(Access.CHANGE, "94 02 FF FF FF FF FF FF FF FF 00 00 FF FF 01 00"),
    OPEN_ZONE(Access.CHANGE, "94 03 FF FF FF FF FF FF FF FF 00 00 FF FF 01 00"),
    RESET_WRITE_POINTER(Access.CHANGE, "94 04 FF FF FF FF FF FF FF FF 00 00 FF FF 01 00"),
    SEQUENTIALIZE_ZONE(Access.CHANGE, "94 10 FF FF FF FF FF FF FF FF 00 00 FF FF 01 00"),
    REPORT_ZONES(Access.READ, "95 00 FF FF FF FF FF FF FF FF FF FF FF FF BF 00"),
    READ_CAPACITY_16(
            Access.ALWAYS,
            "9E 10 00 00 00 00 00 00 00 00 FF FF FF FF 00 00",
            "00 00 FF FF FF FF FF FF FF FF 00 00 00 00 01 00"),
    GET_LBA_STATUS(Access.READ, "9E 12 FF FF FF FF FF FF FF FF FF FF FF FF 00 00"),
    REPORT_LUNS(Access.ALWAYS, "A0 00 FF 00 00 00 FF FF FF FF 00 00"),
    REPORT_SUPPORTED_OPERATION_CODES(Access.READ, "A3 0C 87 FF FF FF FF FF FF FF 00 00"),
    REPORT_SUPPORTED_TASK_MANAGEMENT_FUNCTIONS(Access.READ, "A3 0D 80 00 00 00 FF FF FF FF 00 00"),
    READ_12(Access.READ, "A8 18 FF FF FF FF FF FF FF FF 00 00", "00 07 00 00 00 00 00 00 00 00 BF 00"),
    WRITE_12(Access.CHANGE, "AA 18 FF FF FF FF FF FF FF FF 00 00", "00 07 00 00 00 00 00 00 00 00 BF 00"),
    WRITE_AND_VERIFY_12(Access.CHANGE, "AE 16 FF FF FF FF FF FF FF FF 00 00", "00 01 00 00 00 00 00 00 00 00 BF 00"),
    VERIFY_12(Access.READ, "AF 16 FF FF FF FF FF FF FF FF 00 00", "00 01 00 00 00 00 00 00 00 00 BF 00");

    /** Opcode of the commands that are told apart by a 16-bit service action. */
    static final int VARIABLE_LENGTH = 0x7F;

    /** Service action of a command that has none. */
    public static final int NO_SERVICE_ACTION = -1;

    private static final int SERVICE_ACTION_MASK = 0x1F;
    private static final int VARIABLE_SERVICE_ACTION = 8;
    private static final int VARIABLE_CONTROL = 1;

    /** Apart, since constants of the enum are made before its static fields. */
    private static final class Bytes {
        private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN)
                .withInvokeExactBehavior();
    }

    private final Access access;
    private final byte[] usage;
    private final int serviceAction;
    /** Bits that must be zero, over {@link ScsiTask#MAX_CDB} bytes; the control byte is looked at apart. */
    private final byte[] reserved;

    private final long[] reservedLongs;

    ScsiOpcode(Access access, String usage) {
        this(access, usage, "");
    }

    ScsiOpcode(Access access, String usage, String ignored) {
        HexFormat hex = HexFormat.ofDelimiter(" ");
        this.access = access;
        this.usage = hex.parseHex(usage);
        byte[] free = ignored.isEmpty() ? new byte[this.usage.length] : hex.parseHex(ignored);
        if (free.length != this.usage.length) {
            throw new IllegalArgumentException("masks of different lengths: " + usage);
        }
        int code = this.usage[0] & 0xFF;
        serviceAction = serviceAction(code, this.usage);
        reserved = new byte[ScsiTask.MAX_CDB];
        for (int i = 1; i < this.usage.length; i++) {
            reserved[i] = (byte) ~(this.usage[i] | free[i]);
        }
        reserved[controlByte()] = 0;
        if (code == VARIABLE_LENGTH) {
            reserved[VARIABLE_SERVICE_ACTION] = 0;
            reserved[VARIABLE_SERVICE_ACTION + 1] = 0;
            // ADDITIONAL CDB LENGTH has one value.
            reserved[VARIABLE_SERVICE_ACTION - 1] = 0;
        } else if (serviceAction != NO_SERVICE_ACTION) {
            reserved[1] &= (byte) ~SERVICE_ACTION_MASK;
        }
        reservedLongs = new long[ScsiTask.MAX_CDB / Long.BYTES];
        for (int i = 0; i < reservedLongs.length; i++) {
            reservedLongs[i] = (long) Bytes.LONG.get(reserved, i * Long.BYTES);
        }
    }

    /** Operation code, 0 to FFh. */
    public int code() {
        return usage[0] & 0xFF;
    }

    /** Service action, or {@link #NO_SERVICE_ACTION}. */
    public int serviceAction() {
        return serviceAction;
    }

    /** Length of the CDB in bytes. */
    public int length() {
        return usage.length;
    }

    /** Where the CONTROL byte is. */
    public int controlByte() {
        return code() == VARIABLE_LENGTH ? VARIABLE_CONTROL : usage.length - 1;
    }

    /** A copy of the CDB usage data. */
    public byte[] usage() {
        return usage.clone();
    }

    public Access access() {
        return access;
    }

    /** Whether the command is carried out although a unit attention is pending (SAM-5, "Unit attention conditions"). */
    public boolean beforeAttentions() {
        return this == INQUIRY || this == REPORT_LUNS || this == REQUEST_SENSE;
    }

    /** Whether no other command may run while it does, since it writes what it has read. */
    public boolean alone() {
        return this == COMPARE_AND_WRITE || this == ORWRITE_16;
    }

    /**
     * The first reserved bit that is set.
     *
     * @return byte times 8 plus the number of the highest such bit of that byte; -1 if there is none
     */
    int reservedBit(byte[] cdb) {
        for (int i = 0; i < reservedLongs.length; i++) {
            if (((long) Bytes.LONG.get(cdb, i * Long.BYTES) & reservedLongs[i]) != 0) {
                return findReservedBit(cdb, i * Long.BYTES);
            }
        }
        return -1;
    }

    private int findReservedBit(byte[] cdb, int from) {
        int at = from;
        while ((cdb[at] & reserved[at]) == 0) {
            at++;
        }
        int bits = cdb[at] & reserved[at] & 0xFF;
        return at * Byte.SIZE + Integer.SIZE - 1 - Integer.numberOfLeadingZeros(bits);
    }

    /** The service action that a CDB with this opcode carries; {@link #NO_SERVICE_ACTION} if such have none. */
    static int serviceAction(int code, byte[] cdb) {
        return switch (code) {
            case 0x5E, 0x5F, 0x94, 0x95, 0x9E, 0xA3 -> cdb[1] & SERVICE_ACTION_MASK;
            case VARIABLE_LENGTH ->
                (cdb[VARIABLE_SERVICE_ACTION] & 0xFF) << Byte.SIZE | (cdb[VARIABLE_SERVICE_ACTION + 1] & 0xFF);
            default -> NO_SERVICE_ACTION;
        };
    }
}
