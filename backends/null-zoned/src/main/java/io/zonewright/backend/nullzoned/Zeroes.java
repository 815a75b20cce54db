package io.zonewright.backend.nullzoned;

import io.zonewright.api.buffer.SpanList;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Fills payload with zeroes by copying them. Unlike {@link SpanList#fill} this makes no slices, which the JIT removes
 * in most places, but not in all.
 */
final class Zeroes {
    /** Fits into the processor's second-level cache. */
    private static final long BYTES = 64 << 10;

    private static final MemorySegment SOURCE = Arena.global().allocate(BYTES).asReadOnly();

    private Zeroes() {}

    /** Zeroes {@code length} bytes of {@code data} from its byte {@code from} on. */
    static void fill(SpanList data, long from, long length) {
        for (long done = 0; done < length; done += BYTES) {
            data.copyFrom(SOURCE, 0, from + done, Math.min(BYTES, length - done));
        }
    }
}
