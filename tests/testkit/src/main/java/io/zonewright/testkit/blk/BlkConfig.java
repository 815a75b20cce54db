package io.zonewright.testkit.blk;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * struct virtio_blk_config, little-endian, 96 bytes with the zoned characteristics at 72.
 *
 * @param bytes all of it
 */
@SuppressWarnings("ArrayRecordComponent") // bytes off the wire
public record BlkConfig(byte[] bytes) {
    public static final int BYTES = 96;

    /** In sectors of 512 bytes. */
    public long capacity() {
        return buffer().getLong(0);
    }

    public int sizeMax() {
        return buffer().getInt(8);
    }

    public int segMax() {
        return buffer().getInt(12);
    }

    public int blockSize() {
        return buffer().getInt(20);
    }

    public int writeback() {
        return bytes[32] & 0xFF;
    }

    public int queues() {
        return buffer().getShort(34) & 0xFFFF;
    }

    public int zoneSectors() {
        return buffer().getInt(72);
    }

    public int maxOpenZones() {
        return buffer().getInt(76);
    }

    public int maxActiveZones() {
        return buffer().getInt(80);
    }

    public int maxAppendSectors() {
        return buffer().getInt(84);
    }

    /** In bytes. */
    public int writeGranularity() {
        return buffer().getInt(88);
    }

    public int model() {
        return bytes[92] & 0xFF;
    }

    private ByteBuffer buffer() {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
