package io.zonewright.net;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A piece of memory outside the heap, on loan from a {@link BufferPool}. Counted: whoever keeps it {@link #retain}s it,
 * and it goes back with the last {@link #release}. On the pool's thread, except that the memory itself may be read and
 * written by whoever was handed it in the meantime.
 */
public final class NetBuffer {
    private final BufferPool pool;
    private final int sizeClass;
    private final MemorySegment segment;
    private final ByteBuffer view;
    private int users;

    /** For the pool: its list of idle buffers. */
    @Nullable
    NetBuffer next;

    NetBuffer(BufferPool pool, int sizeClass, MemorySegment segment) {
        this.pool = pool;
        this.sizeClass = sizeClass;
        this.segment = segment;
        view = segment.asByteBuffer();
    }

    /** All of it: {@link BufferPool#SLACK} bytes more than were asked for, or than the next larger size has. */
    public MemorySegment segment() {
        return segment;
    }

    /** Bytes in {@link #segment}. */
    public int size() {
        return (int) segment.byteSize();
    }

    int sizeClass() {
        return sizeClass;
    }

    /** For checksums: one view of all of it, whose position and limit the caller sets. */
    public ByteBuffer view() {
        return view;
    }

    void lend() {
        users = 1;
    }

    /** One more user. */
    public void retain() {
        if (users == 0) {
            throw new IllegalStateException("the buffer has gone back");
        }
        users++;
    }

    /** How many use it. */
    public int users() {
        return users;
    }

    /** One user less; with the last one it goes back to the pool. */
    public void release() {
        if (users == 0) {
            throw new IllegalStateException("the buffer has gone back");
        }
        if (--users == 0) {
            pool.takeBack(this);
        }
    }
}
