package io.zonewright.frontend.nvme.command.page;

import io.zonewright.api.buffer.SpanList;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/**
 * A data structure of the admin commands: so many bytes, zero at first, fields little-endian. Made per command; the
 * admin queue is not the data path.
 */
public final class Page {
    /** Size of an Identify data structure. */
    public static final int IDENTIFY_SIZE = 4096;

    private final ByteBuffer bytes;

    /** @param size in bytes */
    public Page(int size) {
        bytes = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** An Identify data structure. */
    public static Page identify() {
        return new Page(IDENTIFY_SIZE);
    }

    /** Reads a data structure that the host sent. */
    public static Page of(SpanList data) {
        Page page = new Page(Math.toIntExact(data.bytes()));
        data.copyTo(0, MemorySegment.ofBuffer(page.bytes), 0, data.bytes());
        return page;
    }

    public int size() {
        return bytes.capacity();
    }

    public Page put8(int offset, int value) {
        bytes.put(offset, (byte) value);
        return this;
    }

    public Page put16(int offset, int value) {
        bytes.putShort(offset, (short) value);
        return this;
    }

    public Page put32(int offset, int value) {
        bytes.putInt(offset, value);
        return this;
    }

    public Page put64(int offset, long value) {
        bytes.putLong(offset, value);
        return this;
    }

    /** The low half of a 128-bit number; the high half stays zero. */
    public Page put128(int offset, long value) {
        return put64(offset, value);
    }

    /** Text cut to {@code length} bytes and padded with blanks (Base 2.0, "ASCII strings"). */
    public Page putText(int offset, int length, String text) {
        byte[] ascii = text.getBytes(StandardCharsets.US_ASCII);
        for (int i = 0; i < length; i++) {
            bytes.put(offset + i, i < ascii.length ? ascii[i] : (byte) ' ');
        }
        return this;
    }

    /** UTF-8 text; what is left of the field stays zero. */
    public Page putUtf8(int offset, String text) {
        bytes.put(offset, text.getBytes(StandardCharsets.UTF_8));
        return this;
    }

    /** A UUID: its bytes are big-endian, as RFC 9562 writes them. */
    public Page putUuid(int offset, UUID uuid) {
        ByteBuffer big =
                ByteBuffer.allocate(16).putLong(uuid.getMostSignificantBits()).putLong(uuid.getLeastSignificantBits());
        bytes.put(offset, big.array());
        return this;
    }

    public int get8(int offset) {
        return bytes.get(offset) & 0xFF;
    }

    public int get16(int offset) {
        return bytes.getShort(offset) & 0xFFFF;
    }

    public int get32(int offset) {
        return bytes.getInt(offset);
    }

    public long get64(int offset) {
        return bytes.getLong(offset);
    }

    /** A UUID, big-endian. */
    public UUID getUuid(int offset) {
        return new UUID(Long.reverseBytes(get64(offset)), Long.reverseBytes(get64(offset + 8)));
    }

    /**
     * Copies this structure from {@code from} on into a host's buffer; what the buffer holds beyond the structure is
     * zeroed.
     */
    public void copyTo(long from, SpanList data) {
        long length = Math.min(data.bytes(), Math.max(0, size() - from));
        data.copyFrom(MemorySegment.ofBuffer(bytes), from, 0, length);
        data.fill(length, data.bytes() - length, (byte) 0);
    }
}
