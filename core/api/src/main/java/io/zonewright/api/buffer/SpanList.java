package io.zonewright.api.buffer;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Scatter-gather list: pieces of memory segments that together hold one request's payload, in order.
 *
 * <p>The list owns none of the memory. Whoever fills it keeps the memory alive until the request completes; whoever
 * reads it does not keep references after completion. The memory may be shared with a hostile guest that changes it at
 * any time, so nobody decides anything by its content, and no checksum or other intrinsic runs over it.
 *
 * <p>Reusable: arrays grow to the largest list seen and stay. Not thread-safe; the request's hand-over orders accesses.
 */
public final class SpanList {
    private static final int FIRST_ROOM = 8;
    /** Spans that an ordinary request of the largest size has: 1 MiB in pages, and one for its offset. */
    private static final int KEPT_ROOM = 512;

    /** Fits into the processor's second-level cache, and makes 16 spans of the largest ordinary request. */
    private static final long ZERO_BYTES = 64 << 10;

    private static final MemorySegment ZEROES =
            Arena.global().allocate(ZERO_BYTES, 4096).asReadOnly();

    private @Nullable MemorySegment[] segments = new @Nullable MemorySegment[FIRST_ROOM];
    private long[] offsets = new long[FIRST_ROOM];
    private long[] lengths = new long[FIRST_ROOM];
    private int count;
    private long bytes;

    /**
     * Forgets all spans. References to segments are dropped, so that closed memory can be collected; so is the room of a
     * list that was unusually long, or a peer could make every request of its queues keep that.
     */
    public void clear() {
        if (lengths.length > KEPT_ROOM) {
            segments = new @Nullable MemorySegment[FIRST_ROOM];
            offsets = new long[FIRST_ROOM];
            lengths = new long[FIRST_ROOM];
        } else {
            Arrays.fill(segments, 0, count, null);
        }
        count = 0;
        bytes = 0;
    }

    /**
     * Appends a span. One that continues the previous span in the same segment is merged with it. Empty spans are
     * ignored.
     *
     * @param offset first byte inside {@code segment}
     * @param length bytes
     * @throws IndexOutOfBoundsException if the span does not lie inside {@code segment}
     */
    public void add(MemorySegment segment, long offset, long length) {
        Objects.checkFromIndexSize(offset, length, segment.byteSize());
        if (length == 0) {
            return;
        }
        bytes = Math.addExact(bytes, length);
        int last = count - 1;
        if (last >= 0 && segment.equals(segments[last]) && offsets[last] + lengths[last] == offset) {
            lengths[last] += length;
            return;
        }
        if (count == lengths.length) {
            grow();
        }
        segments[count] = segment;
        offsets[count] = offset;
        lengths[count] = length;
        count++;
    }

    /**
     * Appends bytes {@code [from, from + length)} of another list's payload. Copies no data; the memory's owner is the same.
     *
     * @throws IndexOutOfBoundsException if {@code source} has fewer bytes
     */
    public void addSlice(SpanList source, long from, long length) {
        Objects.checkFromIndexSize(from, length, source.bytes);
        long skip = from;
        long left = length;
        for (int i = 0; left > 0; i++) {
            if (skip >= source.lengths[i]) {
                skip -= source.lengths[i];
                continue;
            }
            long step = Math.min(left, source.lengths[i] - skip);
            add(source.segment(i), source.offsets[i] + skip, step);
            left -= step;
            skip = 0;
        }
    }

    /**
     * Appends {@code length} zero bytes: spans of read-only memory that all lists share, for payload that is only read.
     */
    public void addZeroes(long length) {
        for (long left = length; left > 0; left -= ZERO_BYTES) {
            add(ZEROES, 0, Math.min(left, ZERO_BYTES));
        }
    }

    /**
     * Keeps the first {@code length} bytes only.
     *
     * @throws IndexOutOfBoundsException if there are fewer
     */
    public void truncate(long length) {
        Objects.checkFromIndexSize(0, length, bytes);
        while (bytes > length) {
            int last = count - 1;
            long surplus = bytes - length;
            if (surplus < lengths[last]) {
                lengths[last] -= surplus;
                bytes = length;
            } else {
                bytes -= lengths[last];
                segments[last] = null;
                count = last;
            }
        }
    }

    /** Number of spans. */
    public int count() {
        return count;
    }

    /** Spans that fit without growing. */
    int room() {
        return lengths.length;
    }

    /** Bytes in all spans together. */
    public long bytes() {
        return bytes;
    }

    /** The segment that span {@code i} is a part of. */
    public MemorySegment segment(int i) {
        return Objects.requireNonNull(segments[Objects.checkIndex(i, count)]);
    }

    /** Where span {@code i} starts in its segment, bytes. */
    public long offset(int i) {
        return offsets[Objects.checkIndex(i, count)];
    }

    /** Length of span {@code i}, bytes. */
    public long length(int i) {
        return lengths[Objects.checkIndex(i, count)];
    }

    /**
     * Copies payload into {@code target}.
     *
     * @param from first byte of the payload to copy
     * @param targetOffset where in {@code target} it goes
     * @param length bytes to copy
     * @throws IndexOutOfBoundsException if the payload or the target is too short
     */
    public void copyTo(long from, MemorySegment target, long targetOffset, long length) {
        move(from, target, targetOffset, length, true);
    }

    /** Copies {@code length} bytes from {@code source} into the payload at {@code to}; the mirror of {@link #copyTo}. */
    public void copyFrom(MemorySegment source, long sourceOffset, long to, long length) {
        move(to, source, sourceOffset, length, false);
    }

    /** Sets {@code length} bytes of the payload from {@code from} on to {@code value}. */
    public void fill(long from, long length, byte value) {
        Objects.checkFromIndexSize(from, length, bytes);
        long skip = from;
        long left = length;
        for (int i = 0; left > 0; i++) {
            if (skip >= lengths[i]) {
                skip -= lengths[i];
                continue;
            }
            long step = Math.min(left, lengths[i] - skip);
            segment(i).asSlice(offsets[i] + skip, step).fill(value);
            left -= step;
            skip = 0;
        }
    }

    private void move(long position, MemorySegment other, long otherOffset, long length, boolean out) {
        Objects.checkFromIndexSize(position, length, bytes);
        Objects.checkFromIndexSize(otherOffset, length, other.byteSize());
        long skip = position;
        long done = 0;
        for (int i = 0; done < length; i++) {
            if (skip >= lengths[i]) {
                skip -= lengths[i];
                continue;
            }
            long step = Math.min(length - done, lengths[i] - skip);
            if (out) {
                MemorySegment.copy(segment(i), offsets[i] + skip, other, otherOffset + done, step);
            } else {
                MemorySegment.copy(other, otherOffset + done, segment(i), offsets[i] + skip, step);
            }
            done += step;
            skip = 0;
        }
    }

    private void grow() {
        int size = count * 2;
        segments = Arrays.copyOf(segments, size);
        offsets = Arrays.copyOf(offsets, size);
        lengths = Arrays.copyOf(lengths, size);
    }
}
