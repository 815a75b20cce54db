package io.zonewright.posix;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A list of memory ranges for readv(2) and its relatives, kept in native memory and used again for every call.
 *
 * <p>The list holds bare addresses. It keeps the segments reachable, but it cannot keep their arenas open: whoever calls
 * makes sure that nothing in the list is unmapped during the call.
 *
 * <p>For one thread at a time.
 */
public final class IoVecs {
    /** The most that one call takes (UIO_MAXIOV in linux/uio.h). */
    public static final int MAX_CAPACITY = 1024;

    private final int capacity;
    private final MemorySegment memory;
    private final @Nullable MemorySegment[] segments;
    private int count;
    private long byteCount;

    /** An empty list of at most {@code capacity} ranges, 1 to {@value #MAX_CAPACITY}. */
    public IoVecs(int capacity) {
        if (capacity < 1 || capacity > MAX_CAPACITY) {
            throw new IllegalArgumentException("capacity " + capacity + " is not within 1.." + MAX_CAPACITY);
        }
        this.capacity = capacity;
        this.memory = Arena.ofAuto().allocate(Layouts.IOVEC, capacity);
        this.segments = new @Nullable MemorySegment[capacity];
    }

    /** Adds {@code length} bytes of {@code segment} from {@code start} on. */
    public void add(MemorySegment segment, long start, long length) {
        long address = address(segment, start, length);
        if (count == capacity) {
            throw new IllegalStateException("the list is full: " + capacity + " ranges");
        }
        long at = count * Layouts.IOVEC_SIZE;
        memory.set(ValueLayout.JAVA_LONG, at + Layouts.IOV_BASE, address);
        memory.set(ValueLayout.JAVA_LONG, at + Layouts.IOV_LEN, length);
        segments[count++] = segment;
        byteCount += length;
    }

    /** How many ranges there are. */
    public int count() {
        return count;
    }

    /** How many ranges fit. */
    public int capacity() {
        return capacity;
    }

    /** How many bytes the ranges have together. */
    public long byteCount() {
        return byteCount;
    }

    /** Empties the list. */
    public void clear() {
        for (int i = 0; i < count; i++) {
            segments[i] = null;
        }
        count = 0;
        byteCount = 0;
    }

    /** Drops the first {@code done} bytes, which a call has moved, so that the next one goes on behind them. */
    public void advance(long done) {
        if (done < 0 || done > byteCount) {
            throw new IllegalArgumentException("cannot advance " + done + " of " + byteCount + " bytes");
        }
        int first = 0;
        long left = done;
        while (first < count && left >= length(first)) {
            left -= length(first++);
        }
        if (left > 0) {
            long at = first * Layouts.IOVEC_SIZE;
            memory.set(
                    ValueLayout.JAVA_LONG,
                    at + Layouts.IOV_BASE,
                    memory.get(ValueLayout.JAVA_LONG, at + Layouts.IOV_BASE) + left);
            memory.set(ValueLayout.JAVA_LONG, at + Layouts.IOV_LEN, length(first) - left);
        }
        if (first > 0) {
            int rest = count - first;
            MemorySegment.copy(memory, first * Layouts.IOVEC_SIZE, memory, 0, rest * Layouts.IOVEC_SIZE);
            System.arraycopy(segments, first, segments, 0, rest);
            for (int i = rest; i < count; i++) {
                segments[i] = null;
            }
            count = rest;
        }
        byteCount -= done;
    }

    private long length(int index) {
        return memory.get(ValueLayout.JAVA_LONG, index * Layouts.IOVEC_SIZE + Layouts.IOV_LEN);
    }

    /** The address of a range that the kernel may be given: inside its segment, off the heap, not closed yet. */
    static long address(MemorySegment segment, long start, long length) {
        Objects.checkFromIndexSize(start, length, segment.byteSize());
        if (!segment.isNative()) {
            throw new IllegalArgumentException("heap memory cannot be handed to the kernel");
        }
        if (!segment.scope().isAlive()) {
            throw new IllegalStateException("Already closed");
        }
        return segment.address() + start;
    }

    /**
     * The address of the first structure, for calls that take it inside another structure. It does not change, and is
     * valid as long as this object is reachable.
     */
    public long address() {
        return memory.address();
    }

    /** The address of the first range. */
    public long firstAddress() {
        Objects.checkIndex(0, count);
        return memory.get(ValueLayout.JAVA_LONG, Layouts.IOV_BASE);
    }

    /** The structures, {@link #count} of them. */
    MemorySegment memory() {
        return memory;
    }
}
