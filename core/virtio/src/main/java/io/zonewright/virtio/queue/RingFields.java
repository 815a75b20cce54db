package io.zonewright.virtio.queue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * What split and packed rings have in common (virtio 1.3, sections 2.7 and 2.8; linux/virtio_ring.h): the first twelve
 * bytes of a descriptor, some of its flags, and how fields are read and written. All fields are little-endian.
 */
final class RingFields {
    static final int DESC_SIZE = 16;
    /** le64: where the buffer is. */
    static final int DESC_ADDR = 0;
    /** le32: its bytes. */
    static final int DESC_LEN = 8;

    /** The chain goes on. */
    static final int DESC_F_NEXT = 1;
    /** Device-writable, else device-readable. */
    static final int DESC_F_WRITE = 2;
    /** The buffer holds a table of descriptors. */
    static final int DESC_F_INDIRECT = 4;

    /** Alignment of descriptors in bytes (sections 2.7 and 2.8.10, tables). */
    static final int DESC_ALIGN = 16;

    private static final ValueLayout.OfShort LE16 = ValueLayout.JAVA_SHORT.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt LE32 = ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LE64 = ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle U16 = LE16.varHandle().withInvokeExactBehavior();
    private static final VarHandle U32 = LE32.varHandle().withInvokeExactBehavior();

    /** Entries of an indirect table may be copied anywhere, so reading a descriptor asks for no alignment. */
    private static final ValueLayout.OfShort LE16_ANY = LE16.withByteAlignment(1);

    private static final ValueLayout.OfInt LE32_ANY = LE32.withByteAlignment(1);
    private static final ValueLayout.OfLong LE64_ANY = LE64.withByteAlignment(1);

    private RingFields() {}

    static long descBytes(int size) {
        return (long) size * DESC_SIZE;
    }

    /** Reads a 16-bit field; what the driver wrote before it is visible afterwards. */
    static int getAcquire16(MemorySegment ring, long offset) {
        return Short.toUnsignedInt((short) U16.getAcquire(ring, offset));
    }

    /** Reads a 16-bit field once, without order. */
    static int getOpaque16(MemorySegment ring, long offset) {
        return Short.toUnsignedInt((short) U16.getOpaque(ring, offset));
    }

    /** Reads a 32-bit field once, as a whole, without order. */
    static int getOpaque32(MemorySegment ring, long offset) {
        return (int) U32.getOpaque(ring, offset);
    }

    /** Writes a 16-bit field; all that was written before it is visible with it. */
    static void setRelease16(MemorySegment ring, long offset, int value) {
        U16.setRelease(ring, offset, (short) value);
    }

    /** Writes a 16-bit field once, without order. */
    static void setOpaque16(MemorySegment ring, long offset, int value) {
        U16.setOpaque(ring, offset, (short) value);
    }

    /** Writes a 32-bit field once, as a whole, without order. */
    static void setOpaque32(MemorySegment ring, long offset, int value) {
        U32.setOpaque(ring, offset, value);
    }

    static long get64(MemorySegment table, long offset) {
        return table.get(LE64_ANY, offset);
    }

    static int get32(MemorySegment table, long offset) {
        return table.get(LE32_ANY, offset);
    }

    static int get16(MemorySegment table, long offset) {
        return Short.toUnsignedInt(table.get(LE16_ANY, offset));
    }

    static void set32(MemorySegment ring, long offset, int value) {
        ring.set(LE32, offset, value);
    }

    static void set16(MemorySegment ring, long offset, int value) {
        ring.set(LE16, offset, (short) value);
    }
}
