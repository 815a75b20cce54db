package io.zonewright.testkit.scsi;

import java.nio.ByteBuffer;
import java.util.HexFormat;

/** A command descriptor block under construction, big-endian; everything zero but the opcode. For one thread at a time. */
public final class Cdb {
    private final ByteBuffer bytes;

    /** A block of so many bytes: 6, 10, 12, 16 or 32. */
    public Cdb(int opcode, int length) {
        bytes = ByteBuffer.allocate(length);
        bytes.put(0, (byte) opcode);
    }

    /** A copy of any bytes. */
    public static Cdb of(byte[] raw) {
        Cdb cdb = new Cdb(0, raw.length);
        cdb.bytes.put(0, raw);
        return cdb;
    }

    /** A block written in hexadecimal digits; blanks do not count. */
    public static Cdb hex(String digits) {
        return of(HexFormat.of().parseHex(digits.replace(" ", "")));
    }

    public Cdb u8(int at, int value) {
        bytes.put(at, (byte) value);
        return this;
    }

    public Cdb u16(int at, int value) {
        bytes.putShort(at, (short) value);
        return this;
    }

    public Cdb u24(int at, int value) {
        bytes.put(at, (byte) (value >>> 16)).putShort(at + 1, (short) value);
        return this;
    }

    public Cdb u32(int at, long value) {
        bytes.putInt(at, (int) value);
        return this;
    }

    public Cdb u64(int at, long value) {
        bytes.putLong(at, value);
        return this;
    }

    /** Sets bits of a byte. */
    public Cdb or(int at, int bits) {
        bytes.put(at, (byte) (bytes.get(at) | bits));
        return this;
    }

    public int opcode() {
        return bytes.get(0) & 0xFF;
    }

    public int length() {
        return bytes.capacity();
    }

    /** What goes over the wire; not a copy. */
    public byte[] bytes() {
        return bytes.array();
    }

    @Override
    public String toString() {
        return HexFormat.of().formatHex(bytes.array());
    }
}
