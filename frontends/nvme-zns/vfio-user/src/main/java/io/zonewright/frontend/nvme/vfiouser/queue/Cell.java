package io.zonewright.frontend.nvme.vfiouser.queue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Objects;

/** A doorbell or an event index: 32 little-endian bits that two sides look at. Any thread. */
public final class Cell {
    public static final int BYTES = 4;

    private static final VarHandle INT =
            ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle().withInvokeExactBehavior();

    private final MemorySegment segment;
    private final long offset;

    /** @param offset bytes, so that the cell is aligned to 4 */
    public Cell(MemorySegment segment, long offset) {
        Objects.checkFromIndexSize(offset, BYTES, segment.byteSize());
        this.segment = segment;
        this.offset = offset;
    }

    /** The value; what the writer did before is visible. */
    public int read() {
        return (int) INT.getAcquire(segment, offset);
    }

    /** Sets the value; what was done before is visible to whoever reads it. */
    public void write(int value) {
        INT.setVolatile(segment, offset, value);
    }
}
