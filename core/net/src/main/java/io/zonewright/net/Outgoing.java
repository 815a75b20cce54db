package io.zonewright.net;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Bytes on their way out, one range of memory, which stays untouched until {@link #sent}. Objects are pooled by whoever
 * makes them; a {@link SendQueue} links them and allocates nothing. On the loop's thread.
 */
public abstract class Outgoing {
    private MemorySegment segment = MemorySegment.NULL;
    private int start;
    private int length;
    private boolean queued;

    @Nullable
    Outgoing next;

    /** Says what to send, before it is queued. */
    public final void set(MemorySegment memory, int from, int bytes) {
        if (queued) {
            throw new IllegalStateException("is on its way already");
        }
        segment = memory;
        start = from;
        length = bytes;
    }

    final MemorySegment segment() {
        return segment;
    }

    final int start() {
        return start;
    }

    final int length() {
        return length;
    }

    final void enter() {
        if (queued) {
            throw new IllegalStateException("is on its way already");
        }
        queued = true;
    }

    final void leave() {
        queued = false;
        segment = MemorySegment.NULL;
    }

    /** All of it was handed to the kernel, or never will be since the connection is closed. */
    protected abstract void sent();
}
