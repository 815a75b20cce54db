package io.zonewright.tests.conformance;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;

/**
 * What a device has to hold, a naive model: each block written has the number of its write and its place in it, so that
 * every block of every write is unlike any other. Blocks that a failed write may or may not have reached are unknown.
 */
final class Contents {
    private static final long UNKNOWN = -1;
    private static final int INDEX_BITS = 24;

    private final int blockSize;
    private final Map<Long, Long> blocks = new HashMap<>();
    private long writes;

    Contents(int blockSize) {
        this.blockSize = blockSize;
    }

    /** Names the next write. */
    long nextWrite() {
        return ++writes;
    }

    /** The payload of a write. */
    byte[] payload(long write, int count) {
        byte[] bytes = new byte[count * blockSize];
        ByteBuffer payload = buffer(bytes);
        for (int i = 0; i < count; i++) {
            for (int at = 0; at < blockSize; at += Long.BYTES) {
                payload.putLong(i * blockSize + at, content(write << INDEX_BITS | i, at));
            }
        }
        return bytes;
    }

    private static long content(long tag, int at) {
        return tag * 0x9E37_79B9_7F4A_7C15L + at + 1;
    }

    private static ByteBuffer buffer(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** A write that succeeded. */
    void written(long first, long write, int count) {
        for (int i = 0; i < count; i++) {
            blocks.put(first + i, write << INDEX_BITS | i);
        }
    }

    /** Blocks that hold zeroes again. */
    void cleared(long first, long count) {
        blocks.keySet().removeIf(block -> block >= first && block < first + count);
    }

    /** Blocks of which nothing is known. */
    void unknown(long first, long count) {
        for (long block = first; block < first + count; block++) {
            blocks.put(block, UNKNOWN);
        }
    }

    /** Compares what was read. */
    void check(long first, byte[] data) {
        ByteBuffer read = buffer(data);
        for (int i = 0; i < data.length / blockSize; i++) {
            Long tag = blocks.get(first + i);
            if (tag != null && tag == UNKNOWN) {
                continue;
            }
            for (int at = 0; at < blockSize; at += Long.BYTES) {
                long expected = tag == null ? 0 : content(tag, at);
                long found = read.getLong(i * blockSize + at);
                if (found != expected) {
                    throw new AssertionError("block " + (first + i) + ", byte " + at + ": expected 0x"
                            + Long.toHexString(expected) + (tag == null ? " (never written)" : "") + ", read 0x"
                            + Long.toHexString(found));
                }
            }
        }
    }
}
