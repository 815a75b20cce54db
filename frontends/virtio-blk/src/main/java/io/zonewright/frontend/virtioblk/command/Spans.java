package io.zonewright.frontend.virtioblk.command;

import io.zonewright.api.buffer.SpanList;

/** Cuts span lists. */
final class Spans {
    private Spans() {}

    /** Appends bytes {@code [from, from + length)} of {@code source}, which holds them, to {@code into}. Copies no data. */
    static void slice(SpanList source, long from, long length, SpanList into) {
        long skip = from;
        long left = length;
        for (int i = 0; left > 0; i++) {
            long here = source.length(i);
            if (skip >= here) {
                skip -= here;
                continue;
            }
            long step = Math.min(left, here - skip);
            into.add(source.segment(i), source.offset(i) + skip, step);
            left -= step;
            skip = 0;
        }
    }
}
