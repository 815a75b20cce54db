package io.zonewright.testkit.scsi.iscsi;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.CRC32C;

/**
 * A PDU: basic header segment of 48 bytes, additional header segments, data segment (RFC 7143 section 11.2); without padding
 * and digests, which {@link #wire} adds. Big-endian. TotalAHSLength and DataSegmentLength are set by the constructor and may be
 * overwritten with lies. For one thread at a time.
 */
public final class IscsiPdu {
    public static final int HEADER_BYTES = 48;
    public static final int DIGEST_BYTES = 4;

    /** A task tag that stands for none. */
    public static final int NO_TAG = 0xFFFF_FFFF;

    // Opcodes of initiators, RFC 7143 section 11.2.1.2.
    public static final int NOP_OUT = 0x00;
    public static final int COMMAND = 0x01;
    public static final int TASK_REQUEST = 0x02;
    public static final int LOGIN_REQUEST = 0x03;
    public static final int TEXT_REQUEST = 0x04;
    public static final int DATA_OUT = 0x05;
    public static final int LOGOUT_REQUEST = 0x06;
    public static final int SNACK = 0x10;

    // Opcodes of targets.
    public static final int NOP_IN = 0x20;
    public static final int RESPONSE = 0x21;
    public static final int TASK_RESPONSE = 0x22;
    public static final int LOGIN_RESPONSE = 0x23;
    public static final int TEXT_RESPONSE = 0x24;
    public static final int DATA_IN = 0x25;
    public static final int LOGOUT_RESPONSE = 0x26;
    public static final int R2T = 0x31;
    public static final int ASYNC_MESSAGE = 0x32;
    public static final int REJECT = 0x3F;

    /** Byte 0: immediate delivery. */
    public static final int IMMEDIATE = 0x40;

    /** Byte 1: final. */
    public static final int FINAL = 0x80;

    private static final byte[] NONE = {};

    private final ByteBuffer header;
    private final byte[] ahs;
    private final byte[] data;

    private IscsiPdu(byte[] header, byte[] ahs, byte[] data) {
        this.header = ByteBuffer.wrap(header);
        this.ahs = ahs;
        this.data = data;
    }

    /** A PDU with everything zero but the opcode. */
    public static IscsiPdu of(int opcode) {
        return of(opcode, NONE, NONE);
    }

    /** A PDU with a data segment. */
    public static IscsiPdu of(int opcode, byte[] data) {
        return of(opcode, NONE, data);
    }

    /**
     * A PDU with additional header segments.
     *
     * @param ahs a multiple of 4 bytes
     */
    public static IscsiPdu of(int opcode, byte[] ahs, byte[] data) {
        IscsiPdu pdu = new IscsiPdu(new byte[HEADER_BYTES], ahs, data);
        return pdu.u8(0, opcode).u8(4, ahs.length / 4).u24(5, data.length);
    }

    /** What came off the wire. */
    static IscsiPdu received(byte[] header, byte[] ahs, byte[] data) {
        return new IscsiPdu(header, ahs, data);
    }

    // --- fields ------------------------------------------------------------------------------------------------------

    public IscsiPdu u8(int at, int value) {
        header.put(at, (byte) value);
        return this;
    }

    public IscsiPdu u16(int at, int value) {
        header.putShort(at, (short) value);
        return this;
    }

    public IscsiPdu u24(int at, int value) {
        header.put(at, (byte) (value >>> 16)).putShort(at + 1, (short) value);
        return this;
    }

    public IscsiPdu u32(int at, int value) {
        header.putInt(at, value);
        return this;
    }

    public IscsiPdu u64(int at, long value) {
        header.putLong(at, value);
        return this;
    }

    /** Puts bytes into the header. */
    public IscsiPdu put(int at, byte[] bytes) {
        header.put(at, bytes);
        return this;
    }

    public int u8(int at) {
        return header.get(at) & 0xFF;
    }

    public int u16(int at) {
        return header.getShort(at) & 0xFFFF;
    }

    public int u24(int at) {
        return u8(at) << 16 | u16(at + 1);
    }

    public int u32(int at) {
        return header.getInt(at);
    }

    public long u64(int at) {
        return header.getLong(at);
    }

    /** The opcode, without the bit for immediate delivery. */
    public int opcode() {
        return u8(0) & 0x3F;
    }

    public boolean immediate() {
        return (u8(0) & IMMEDIATE) != 0;
    }

    /** Byte 1. */
    public int flags() {
        return u8(1);
    }

    public boolean last() {
        return (flags() & FINAL) != 0;
    }

    /** LUN, or what a login puts there. */
    public long lun() {
        return u64(8);
    }

    /** Initiator Task Tag. */
    public int itt() {
        return u32(16);
    }

    /** Target Transfer Tag; of commands the expected data transfer length, of tasks the referenced task tag. */
    public int ttt() {
        return u32(20);
    }

    /** CmdSN of what an initiator sends, StatSN of what a target does. */
    public int sn() {
        return u32(24);
    }

    /** ExpStatSN of what an initiator sends, ExpCmdSN of what a target does. */
    public int expected() {
        return u32(28);
    }

    /** MaxCmdSN of what a target sends. */
    public int maxCmdSn() {
        return u32(32);
    }

    /** DataSN, R2TSN or ExpDataSN. */
    public int dataSn() {
        return u32(36);
    }

    /** Buffer offset of data and R2Ts. */
    public int offset() {
        return u32(40);
    }

    /** Residual count; of R2Ts the desired data transfer length. */
    public int residual() {
        return u32(44);
    }

    /** Immediate delivery: on. */
    public IscsiPdu immediately() {
        return u8(0, u8(0) | IMMEDIATE);
    }

    public IscsiPdu flags(int value) {
        return u8(1, value);
    }

    public IscsiPdu lun(long value) {
        return u64(8, value);
    }

    public IscsiPdu itt(int value) {
        return u32(16, value);
    }

    public IscsiPdu ttt(int value) {
        return u32(20, value);
    }

    public IscsiPdu sn(int value) {
        return u32(24, value);
    }

    public IscsiPdu expected(int value) {
        return u32(28, value);
    }

    /** The basic header segment; not a copy. */
    public byte[] header() {
        return header.array();
    }

    /** Additional header segments. */
    public byte[] ahs() {
        return ahs;
    }

    /** The data segment, without padding. */
    public byte[] data() {
        return data;
    }

    // --- wire --------------------------------------------------------------------------------------------------------

    /** Data segments are padded to a multiple of four bytes. */
    public static int padded(int bytes) {
        return bytes + 3 & ~3;
    }

    /**
     * The bytes on the wire, with padding and digests.
     *
     * @param headerDigest whether headers have a CRC32C
     * @param dataDigest whether data has one
     */
    public byte[] wire(boolean headerDigest, boolean dataDigest) {
        int headers = HEADER_BYTES + ahs.length;
        int dataAt = headers + (headerDigest ? DIGEST_BYTES : 0);
        int padded = padded(data.length);
        int end = dataAt + padded + (dataDigest && padded > 0 ? DIGEST_BYTES : 0);
        byte[] all = new byte[end];
        System.arraycopy(header.array(), 0, all, 0, HEADER_BYTES);
        System.arraycopy(ahs, 0, all, HEADER_BYTES, ahs.length);
        System.arraycopy(data, 0, all, dataAt, data.length);
        if (headerDigest) {
            putCrc(all, headers, crc(all, 0, headers));
        }
        if (dataDigest && padded > 0) {
            putCrc(all, dataAt + padded, crc(all, dataAt, padded));
        }
        return all;
    }

    /** The bytes on the wire of a connection without digests. */
    public byte[] wire() {
        return wire(false, false);
    }

    /** CRC32C of RFC 7143 section 13.1 and appendix B.4. */
    static int crc(byte[] bytes, int from, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, from, length);
        return (int) crc.getValue();
    }

    /** The digest's bytes: the one with the lowest terms first, as the RFC's examples have it. */
    private static void putCrc(byte[] bytes, int at, int crc) {
        ByteBuffer.wrap(bytes).putInt(at, Integer.reverseBytes(crc));
    }

    /** Checks a digest; throws {@link IllegalStateException} if it is wrong. */
    static void checkCrc(byte[] bytes, int from, int length, String what) {
        int found = Integer.reverseBytes(ByteBuffer.wrap(bytes).getInt(from + length));
        if (found != crc(bytes, from, length)) {
            throw new IllegalStateException("the " + what + " digest is wrong");
        }
    }

    @Override
    public String toString() {
        HexFormat hex = HexFormat.of();
        String start = hex.formatHex(data, 0, Math.min(data.length, 64));
        return "PDU " + Integer.toHexString(opcode()) + "h " + hex.formatHex(header.array())
                + (ahs.length == 0 ? "" : " AHS " + hex.formatHex(ahs))
                + (data.length == 0 ? "" : " data of " + data.length + ": " + start);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof IscsiPdu pdu
                && header.equals(pdu.header)
                && Arrays.equals(ahs, pdu.ahs)
                && Arrays.equals(data, pdu.data);
    }

    @Override
    public int hashCode() {
        return 31 * header.hashCode() + Arrays.hashCode(data);
    }
}
