package io.zonewright.backend.linuxzbd.data;

import io.zonewright.api.buffer.SpanList;
import io.zonewright.posix.IoVecs;

/** A place in a span list, from which pieces are taken one after the other. For one thread. */
final class SpanCursor {
    private int span;
    private long within;

    /** Goes to byte {@code position} of the payload. */
    void seek(SpanList spans, long position) {
        span = 0;
        within = position;
        while (span < spans.count() && within >= spans.length(span)) {
            within -= spans.length(span++);
        }
    }

    /**
     * Appends the next pieces to {@code into}, at most {@code limit} bytes and as many as fit, and goes behind them.
     *
     * @return bytes taken
     */
    long take(SpanList spans, IoVecs into, long limit) {
        long taken = 0;
        while (taken < limit && span < spans.count() && into.count() < into.capacity()) {
            long length = spans.length(span);
            long step = Math.min(limit - taken, length - within);
            into.add(spans.segment(span), spans.offset(span) + within, step);
            taken += step;
            within += step;
            if (within == length) {
                span++;
                within = 0;
            }
        }
        return taken;
    }
}
