package io.zonewright.testkit.nvme;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * I/O Command Set specific Identify Namespace data of the Zoned Namespace Command Set, CNS 05h with CSI 02h, 4096 bytes
 * (ZNS section 4.1.5.1, figure 48).
 *
 * @param bytes all of it
 */
@SuppressWarnings("ArrayRecordComponent") // bytes off the wire
public record IdentifyZoned(byte[] bytes) {
    /** Zone Operation Characteristics; bit 0: variable capacity, bit 1: active excursions. */
    public int zoc() {
        return buffer().getShort(0) & 0xFFFF;
    }

    /** Whether reads may cross zone boundaries (OZCS bit 0). */
    public boolean readAcrossZones() {
        return (buffer().getShort(2) & 1) != 0;
    }

    /** Whether random write areas are supported (OZCS bit 1). */
    public boolean randomWriteAreas() {
        return (buffer().getShort(2) & 2) != 0;
    }

    /** Maximum Active Resources as a count; 0: no limit (FFFFFFFFh on the wire). */
    public int maxActive() {
        return buffer().getInt(4) + 1;
    }

    /** Maximum Open Resources as a count; 0: no limit. */
    public int maxOpen() {
        return buffer().getInt(8) + 1;
    }

    /** Random write areas that may be allocated at once, 0's based; FFFFFFFFh: no limit. */
    public int maxRandomWriteAreas() {
        return buffer().getInt(44);
    }

    /** ZRWA Flush Granularity in logical blocks. */
    public int flushGranularity() {
        return buffer().getShort(48) & 0xFFFF;
    }

    /** ZRWA Size in logical blocks. */
    public int randomWriteAreaBlocks() {
        return buffer().getShort(50) & 0xFFFF;
    }

    /** ZRWA Capability; bit 0: explicit flushes are supported. */
    public int randomWriteCapability() {
        return bytes[52] & 0xFF;
    }

    /** Zone size of LBA format {@code format}, in logical blocks. */
    public long zoneBlocks(int format) {
        return buffer().getLong(2816 + 16 * format);
    }

    /** Zone Descriptor Extension Size of LBA format {@code format}, in bytes (64 each on the wire). */
    public int extensionBytes(int format) {
        return 64 * (bytes[2816 + 16 * format + 8] & 0xFF);
    }

    private ByteBuffer buffer() {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
