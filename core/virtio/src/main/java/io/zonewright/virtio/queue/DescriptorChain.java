package io.zonewright.virtio.queue;

import io.zonewright.api.buffer.SpanList;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;

/**
 * One buffer that the driver made available: some bytes that the device may read, followed by some that it may write,
 * each a list of spans over the driver's memory. How the driver split them into descriptors means nothing (virtio 1.3,
 * section 2.7.4.1, "Message Framing"), so there is no way to see it.
 *
 * <p>Fill it with {@link Virtqueue#next}; reusable, for one thread. The spans are valid until the chain is completed.
 * The memory behind them belongs to a hostile guest that may change it at any time: copy what decides anything once
 * ({@link #copyReadable}) and look only at the copy.
 */
public final class DescriptorChain {
    private final SpanList readable = new SpanList();
    private final SpanList writable = new SpanList();
    private int id = -1;

    /** What {@link Virtqueue#complete} wants back; below the queue's size, unique among the chains in flight. */
    public int id() {
        return id;
    }

    /** What the device may read, in order. */
    public SpanList readable() {
        return readable;
    }

    /** What the device may write, in order. */
    public SpanList writable() {
        return writable;
    }

    /** Bytes in {@link #readable}, below 2^32. */
    public long readableBytes() {
        return readable.bytes();
    }

    /** Bytes in {@link #writable}, below 2^32. */
    public long writableBytes() {
        return writable.bytes();
    }

    /**
     * Takes a private copy of readable bytes: the only way to look at a header.
     *
     * @param from first readable byte to copy
     * @throws IndexOutOfBoundsException unless {@code from + length <= readableBytes()}; check first
     */
    public void copyReadable(long from, MemorySegment target, long targetOffset, long length) {
        readable.copyTo(from, target, targetOffset, length);
    }

    /**
     * Stores a few bytes in the writable part.
     *
     * @param to first writable byte to store
     * @throws IndexOutOfBoundsException unless {@code to + length <= writableBytes()}; check first
     */
    public void writeWritable(long to, MemorySegment source, long sourceOffset, long length) {
        writable.copyFrom(source, sourceOffset, to, length);
    }

    /** Stores one byte, such as a status: {@code writeByte(writableBytes() - 1, status)} hits the very last one. */
    public void writeByte(long to, byte value) {
        // Not SpanList.fill, which makes a slice: this runs once per request, compiled or not.
        Objects.checkIndex(to, writable.bytes());
        long skip = to;
        int i = 0;
        while (skip >= writable.length(i)) {
            skip -= writable.length(i++);
        }
        writable.segment(i).set(ValueLayout.JAVA_BYTE, writable.offset(i) + skip, value);
    }

    /** Appends readable bytes {@code [from, from + length)} to {@code into}, without copying. */
    public void sliceReadable(long from, long length, SpanList into) {
        into.addSlice(readable, from, length);
    }

    /** Appends writable bytes {@code [from, from + length)} to {@code into}, without copying. */
    public void sliceWritable(long from, long length, SpanList into) {
        into.addSlice(writable, from, length);
    }

    /** Drops the spans, and with them the references to the driver's memory. */
    public void clear() {
        id = -1;
        readable.clear();
        writable.clear();
    }

    void begin(int newId) {
        id = newId;
        readable.clear();
        writable.clear();
    }
}
