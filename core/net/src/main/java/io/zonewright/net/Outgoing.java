package io.zonewright.net;

import io.zonewright.api.buffer.SpanList;
import io.zonewright.posix.IoVecs;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Bytes on their way out: one range of memory, perhaps with a payload that lies elsewhere in its midst, which stays untouched until {@link #sent}. Objects are pooled by whoever
 * makes them; a {@link SendQueue} links them and allocates nothing. On the loop's thread.
 */
public abstract class Outgoing {
    private MemorySegment segment = MemorySegment.NULL;
    private int start;
    private int length;

    /** What is sent after the first {@link #beforeBody} bytes of the range; null for nothing. */
    private @Nullable SpanList body;

    private int beforeBody;
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
        body = null;
    }

    /**
     * Says what to send, before it is queued: a range of memory with a payload in the midst of it.
     *
     * @param before bytes of the range that come before the payload
     * @param payload whose list and memory stay as they are until {@link #sent}
     */
    public final void set(MemorySegment memory, int from, int bytes, int before, SpanList payload) {
        Objects.checkIndex(before, bytes + 1);
        set(memory, from, bytes);
        beforeBody = before;
        body = payload;
    }

    final MemorySegment segment() {
        return segment;
    }

    final int start() {
        return start;
    }

    /** Bytes, payload included. */
    final long length() {
        SpanList payload = body;
        return payload == null ? length : length + payload.bytes();
    }

    /** Whether it is one range of memory. */
    final boolean plain() {
        return body == null;
    }

    /** Adds what follows the first {@code skip} bytes to a list, as far as there is room; whether there was for all. */
    final boolean gather(IoVecs vectors, long skip) {
        SpanList payload = body;
        if (payload == null) {
            return add(vectors, segment, start, length, skip);
        }
        if (!add(vectors, segment, start, beforeBody, skip)) {
            return false;
        }
        long left = Math.max(0, skip - beforeBody);
        for (int i = 0; i < payload.count(); i++) {
            long bytes = payload.length(i);
            if (!add(vectors, payload.segment(i), payload.offset(i), bytes, left)) {
                return false;
            }
            left = Math.max(0, left - bytes);
        }
        return add(vectors, segment, start + beforeBody, length - beforeBody, left);
    }

    private static boolean add(IoVecs vectors, MemorySegment memory, long from, long bytes, long skip) {
        if (skip < bytes) {
            if (vectors.count() == vectors.capacity()) {
                return false;
            }
            vectors.add(memory, from + skip, bytes - skip);
        }
        return true;
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
        body = null;
    }

    /** All of it was handed to the kernel, or never will be since the connection is closed. */
    protected abstract void sent();
}
