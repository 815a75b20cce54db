package io.zonewright.frontend.virtioblk.command;

import io.zonewright.api.buffer.SpanList;
import java.lang.foreign.MemorySegment;

/**
 * Writes one piece after the other into a span list, however it is split. {@link SpanList#copyFrom} looks for its
 * place from the start each time, which a long report over many spans would feel. Reusable; for one thread.
 */
final class SpanWriter {
    private int span;
    private long offset;

    /** Back to the first byte. */
    void rewind() {
        span = 0;
        offset = 0;
    }

    /** Writes {@code length} bytes of {@code source}; {@code target} has room for them. */
    void write(SpanList target, MemorySegment source, long length) {
        long done = 0;
        while (done < length) {
            long room = target.length(span) - offset;
            if (room == 0) {
                span++;
                offset = 0;
                continue;
            }
            long step = Math.min(room, length - done);
            MemorySegment.copy(source, done, target.segment(span), target.offset(span) + offset, step);
            offset += step;
            done += step;
        }
    }
}
