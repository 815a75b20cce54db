package io.zonewright.frontend.virtioblk.command;

import io.zonewright.api.buffer.SpanList;
import io.zonewright.frontend.virtioblk.config.BlkConfig;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * The driver's part of a request that decides anything: {@code struct virtio_blk_outhdr} and, for discard and write
 * zeroes, the {@code struct virtio_blk_discard_write_zeroes} ranges behind it (linux/virtio_blk.h), little-endian:
 *
 * <pre>
 *   0 le32 type    4 le32 ioprio   8 le64 sector
 *  16 + 16 i: le64 sector          24 + 16 i: le32 num_sectors   28 + 16 i: le32 flags
 * </pre>
 *
 * A private copy: the driver may change its own while we look.
 */
final class BlkHeader {
    /** Bytes of the request header. */
    static final int SIZE = 16;
    /** Bytes of one range. */
    static final int RANGE_SIZE = 16;

    private static final int TYPE_OFFSET = 0;
    private static final int SECTOR_OFFSET = 8;
    private static final int RANGE_SECTOR_OFFSET = 0;
    private static final int RANGE_COUNT_OFFSET = 8;
    private static final int RANGE_FLAGS_OFFSET = 12;

    private static final ValueLayout.OfInt LE32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LE64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final MemorySegment copy = MemorySegment.ofArray(new byte[SIZE + BlkConfig.MAX_RANGES * RANGE_SIZE]);

    /** Copies the header; {@code readable} holds at least {@link #SIZE} bytes. */
    void copyFrom(SpanList readable) {
        readable.copyTo(0, copy, 0, SIZE);
    }

    /** Copies the ranges behind the header; {@code readable} holds them, and at most {@link BlkConfig#MAX_RANGES}. */
    void copyRangesFrom(SpanList readable, int count) {
        readable.copyTo(SIZE, copy, SIZE, (long) count * RANGE_SIZE);
    }

    int type() {
        return copy.get(LE32, TYPE_OFFSET);
    }

    /** Position in sectors, unsigned. */
    long sector() {
        return copy.get(LE64, SECTOR_OFFSET);
    }

    /** Position of a range in sectors, unsigned. */
    long rangeSector(int range) {
        return copy.get(LE64, at(range) + RANGE_SECTOR_OFFSET);
    }

    /** Length of a range in sectors. */
    long rangeSectors(int range) {
        return Integer.toUnsignedLong(copy.get(LE32, at(range) + RANGE_COUNT_OFFSET));
    }

    int rangeFlags(int range) {
        return copy.get(LE32, at(range) + RANGE_FLAGS_OFFSET);
    }

    private static long at(int range) {
        return SIZE + (long) range * RANGE_SIZE;
    }
}
