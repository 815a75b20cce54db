package io.zonewright.testkit.nvme;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Identify Namespace data, CNS 00h, 4096 bytes (NVM Command Set section 4.1.5.1, figure 114).
 *
 * @param bytes all of it
 */
@SuppressWarnings("ArrayRecordComponent") // bytes off the wire
public record IdentifyNamespace(byte[] bytes) {
    /** Size in logical blocks. */
    public long size() {
        return buffer().getLong(0);
    }

    /** Capacity in logical blocks. */
    public long capacity() {
        return buffer().getLong(8);
    }

    /** Number of the LBA format in use. */
    public int format() {
        return (bytes[26] & 0xF) | (bytes[26] >>> 1 & 0x30);
    }

    /** Bytes of a logical block: LBADS is bits 23:16 of the format's dword. */
    public int blockBytes() {
        return 1 << (buffer().getInt(128 + 4 * format()) >>> 16 & 0xFF);
    }

    /** Whether the namespace is there at all: an inactive one is all zero. */
    public boolean active() {
        return size() != 0;
    }

    private ByteBuffer buffer() {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
