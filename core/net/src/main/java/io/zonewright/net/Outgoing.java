package io.zonewright.net;

import io.zonewright.api.buffer.SpanList;
import io.zonewright.posix.IoVecs;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Bytes on their way out: one range of memory, perhaps with a payload that lies elsewhere in its midst, which stays
 * untouched until {@link #sent}. Objects are pooled by whoever makes them; a {@link SendQueue} links them and allocates
 * nothing. On the loop's thread.
 */
public abstract class Outgoing {
    private MemorySegment segment = MemorySegment.NULL;
    private int start;
    private int length;

    /** What is sent after the first {@link #beforeBody} bytes of the range; null for nothing. */
    private @Nullable SpanList body;

    private int beforeBody;
    private long bodyFrom;
    private long bodyLength;
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
        bodyLength = 0;
    }

    /**
     * Says what to send, before it is queued: a range of memory with a payload in the midst of it.
     *
     * @param before bytes of the range that come before the payload
     * @param payload whose list and memory stay as they are until {@link #sent}
     */
    public final void set(MemorySegment memory, int from, int bytes, int before, SpanList payload) {
        set(memory, from, bytes, before, payload, 0, payload.bytes());
    }

    /**
     * The same with a part of a payload.
     *
     * @param payloadFrom first byte of the payload to send
     * @param payloadBytes how many of it
     */
    public final void set(
            MemorySegment memory,
            int from,
            int bytes,
            int before,
            SpanList payload,
            long payloadFrom,
            long payloadBytes) {
        Objects.checkIndex(before, bytes + 1);
        Objects.checkFromIndexSize(payloadFrom, payloadBytes, payload.bytes());
        set(memory, from, bytes);
        beforeBody = before;
        body = payload;
        bodyFrom = payloadFrom;
        bodyLength = payloadBytes;
    }

    final MemorySegment segment() {
        return segment;
    }

    final int start() {
        return start;
    }

    /** Bytes, payload included. */
    final long length() {
        return length + bodyLength;
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
        long from = bodyFrom + Math.max(0, skip - beforeBody);
        long end = bodyFrom + bodyLength;
        long at = 0;
        for (int i = 0; i < payload.count() && at < end; i++) {
            long next = at + payload.length(i);
            long first = Math.max(at, from);
            long last = Math.min(next, end);
            if (first < last && !add(vectors, payload.segment(i), payload.offset(i) + first - at, last - first, 0)) {
                return false;
            }
            at = next;
        }
        return add(
                vectors, segment, start + beforeBody, length - beforeBody, Math.max(0, skip - beforeBody - bodyLength));
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
