package io.zonewright.virtio.queue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The driver's side of a split ring, written from virtio 1.3 section 2.7 with offsets of its own: descriptors at
 * {@code offset}, the available ring right behind, the used ring at the next multiple of four.
 */
public final class DriverRing {
    public static final int NEXT = 1;
    public static final int WRITE = 2;
    public static final int INDIRECT = 4;

    private static final ValueLayout.OfShort U16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong U64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final MemorySegment memory;
    private final long descriptors;
    private final int size;
    private int available;

    /** @param offset of the ring in {@code memory}, a multiple of 16 */
    public DriverRing(MemorySegment memory, long offset, int size) {
        this.memory = memory;
        this.descriptors = offset;
        this.size = size;
    }

    public long descriptorsAt() {
        return descriptors;
    }

    public long availableAt() {
        return descriptors + 16L * size;
    }

    public long usedAt() {
        return (availableAt() + 4 + 2L * size + 2 + 3) / 4 * 4;
    }

    public int size() {
        return size;
    }

    public void descriptor(int index, long address, int length, int flags, int next) {
        put(memory, descriptors + 16L * index, address, length, flags, next);
    }

    /** A descriptor of an indirect table at {@code table} in the same memory. */
    public void indirect(long table, int index, long address, int length, int flags, int next) {
        put(memory, table + 16L * index, address, length, flags, next);
    }

    private static void put(MemorySegment memory, long at, long address, int length, int flags, int next) {
        memory.set(U64, at, address);
        memory.set(U32, at + 8, length);
        memory.set(U16, at + 12, (short) flags);
        memory.set(U16, at + 14, (short) next);
    }

    /** Where the driver goes on; set when the device starts from another base. */
    public void setAvailable(int position) {
        available = position;
    }

    /** Puts a chain into the available ring and shows it. */
    public void offer(int head) {
        stage(head);
        show();
    }

    /** Puts a chain into the available ring without showing it. */
    public void stage(int head) {
        memory.set(U16, availableAt() + 4 + 2L * (available & (size - 1)), (short) head);
        available = (available + 1) & 0xFFFF;
    }

    /** Shows what was staged. */
    public void show() {
        VarHandle.releaseFence();
        setAvailableIndex(available);
        VarHandle.fullFence();
    }

    public void setAvailableIndex(int value) {
        memory.set(U16, availableAt() + 2, (short) value);
    }

    public void setAvailableFlags(int value) {
        memory.set(U16, availableAt(), (short) value);
    }

    public void setUsedEvent(int value) {
        memory.set(U16, availableAt() + 4 + 2L * size, (short) value);
    }

    public int availableIndex() {
        return available;
    }

    public int usedFlags() {
        return Short.toUnsignedInt(memory.get(U16, usedAt()));
    }

    public int usedIndex() {
        int value = Short.toUnsignedInt(memory.get(U16, usedAt() + 2));
        VarHandle.acquireFence();
        return value;
    }

    public void setUsedIndex(int value) {
        memory.set(U16, usedAt() + 2, (short) value);
    }

    public int usedId(int position) {
        return memory.get(U32, usedAt() + 4 + 8L * (position & (size - 1)));
    }

    public int usedLength(int position) {
        return memory.get(U32, usedAt() + 8 + 8L * (position & (size - 1)));
    }

    public int availEvent() {
        return Short.toUnsignedInt(memory.get(U16, usedAt() + 4 + 8L * size));
    }
}
