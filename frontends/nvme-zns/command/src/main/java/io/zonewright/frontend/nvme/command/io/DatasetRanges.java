package io.zonewright.frontend.nvme.command.io;

import io.zonewright.api.buffer.SpanList;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A private copy of the ranges of one Dataset Management command, little-endian (NVM Command Set 1.1, "Dataset
 * Management – Range Definition"):
 *
 * <pre>
 *  0 le32 context attributes   4 le32 length in logical blocks   8 le64 starting LBA
 * </pre>
 */
final class DatasetRanges {
    /** Bytes of one range. */
    static final int RANGE_SIZE = 16;
    /** Most ranges of one command: its field has eight bits, 0's based. */
    static final int MAX_RANGES = 256;

    private static final int LENGTH_OFFSET = 4;
    private static final int START_OFFSET = 8;
    private static final long UNSIGNED = 0xFFFF_FFFFL;

    private static final ValueLayout.OfInt LE32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LE64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final MemorySegment copy = MemorySegment.ofArray(new byte[MAX_RANGES * RANGE_SIZE]);
    private int count;

    /** Calls of the handler's loop that are not carried out yet. */
    final AtomicInteger calls = new AtomicInteger();

    /** The range whose turn it is. */
    int next;

    /** Takes over {@code ranges} ranges from the host. */
    void copyFrom(SpanList data, int ranges) {
        data.copyTo(0, copy, 0, (long) ranges * RANGE_SIZE);
        count = ranges;
        next = 0;
        calls.set(0);
    }

    int count() {
        return count;
    }

    /** First logical block of a range, unsigned. */
    long start(int range) {
        return copy.get(LE64, (long) range * RANGE_SIZE + START_OFFSET);
    }

    /** Logical blocks of a range, 0 to 2³² − 1. */
    long length(int range) {
        return copy.get(LE32, (long) range * RANGE_SIZE + LENGTH_OFFSET) & UNSIGNED;
    }
}
