package io.zonewright.testkit.nvme;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;

/**
 * A submission queue entry under construction, 64 bytes, little-endian (Base section 4.1.1, figure 92): opcode in byte 0,
 * PSDT in bits 7:6 of byte 1, command identifier in bytes 2 and 3, namespace in bytes 4 to 7, data pointer in bytes 24 to
 * 39, then command dwords 10 to 15. For one thread at a time.
 */
public final class Sqe {
    public static final int BYTES = 64;

    /** Byte 1: the data pointer is an SGL (PSDT 01b). */
    public static final int PSDT_SGL = 0x40;

    private static final int DATA_POINTER = 24;

    private final ByteBuffer bytes = ByteBuffer.allocate(BYTES).order(ByteOrder.LITTLE_ENDIAN);

    /** Everything zero but the opcode. */
    public Sqe(int opcode) {
        bytes.put(0, (byte) opcode);
    }

    /** A copy of any 64 bytes. */
    public static Sqe of(byte[] raw) {
        Sqe sqe = new Sqe(0);
        sqe.bytes.put(0, raw, 0, BYTES);
        return sqe;
    }

    /** Fused operation and PSDT. */
    public Sqe flags(int flags) {
        bytes.put(1, (byte) flags);
        return this;
    }

    public Sqe cid(int cid) {
        bytes.putShort(2, (short) cid);
        return this;
    }

    public Sqe nsid(int nsid) {
        bytes.putInt(4, nsid);
        return this;
    }

    /** Sets command dword {@code index}, 0 to 15. */
    public Sqe dword(int index, int value) {
        bytes.putInt(4 * index, value);
        return this;
    }

    /** Sets the dwords {@code index} and {@code index + 1}. */
    public Sqe quad(int index, long value) {
        bytes.putLong(4 * index, value);
        return this;
    }

    /** Sets a byte, for what is not worth a name. */
    public Sqe octet(int at, int value) {
        bytes.put(at, (byte) value);
        return this;
    }

    /** PRP entries 1 and 2 (bytes 24 and 32). */
    public Sqe prp(long first, long second) {
        bytes.putLong(DATA_POINTER, first).putLong(DATA_POINTER + 8, second);
        return this;
    }

    /**
     * An SGL descriptor as data pointer, and PSDT 01b (Base section 4.3.2): address, length, type in byte 15.
     *
     * @param type type in bits 7:4, sub-type in bits 3:0
     */
    public Sqe sgl(long address, int length, int type) {
        flags(PSDT_SGL);
        bytes.putLong(DATA_POINTER, address).putInt(DATA_POINTER + 8, length).putInt(DATA_POINTER + 12, type << 24);
        return this;
    }

    public int opcode() {
        return bytes.get(0) & 0xFF;
    }

    public int cid() {
        return bytes.getShort(2) & 0xFFFF;
    }

    /** Command dword {@code index}. */
    public int dword(int index) {
        return bytes.getInt(4 * index);
    }

    /** The dwords {@code index} and {@code index + 1}. */
    public long quad(int index) {
        return bytes.getLong(4 * index);
    }

    /** A copy. */
    public Sqe copy() {
        return of(bytes.array());
    }

    /** What goes over the wire; a copy. */
    public byte[] bytes() {
        return bytes.array().clone();
    }

    @Override
    public String toString() {
        return HexFormat.of().formatHex(bytes.array());
    }
}
