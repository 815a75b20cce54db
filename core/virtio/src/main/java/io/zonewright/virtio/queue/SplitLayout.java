package io.zonewright.virtio.queue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The three parts of a split virtqueue (virtio 1.3, section 2.7; linux/virtio_ring.h). All fields are little-endian.
 *
 * <pre>
 * descriptor (16 bytes): le64 addr, le32 len, le16 flags, le16 next
 * available ring:        le16 flags, le16 idx, le16 ring[size], le16 used_event
 * used ring:             le16 flags, le16 idx, { le32 id, le32 len } ring[size], le16 avail_event
 * </pre>
 */
final class SplitLayout {
    static final int DESC_SIZE = 16;
    static final int DESC_ADDR = 0;
    static final int DESC_LEN = 8;
    static final int DESC_FLAGS = 12;
    static final int DESC_NEXT = 14;

    /** The chain goes on at {@code next}. */
    static final int DESC_F_NEXT = 1;
    /** Device-writable, else device-readable. */
    static final int DESC_F_WRITE = 2;
    /** The buffer holds a table of descriptors. */
    static final int DESC_F_INDIRECT = 4;

    static final int RING_FLAGS = 0;
    static final int RING_IDX = 2;
    static final int RING_ENTRIES = 4;
    static final int AVAIL_ENTRY_SIZE = 2;
    static final int USED_ENTRY_SIZE = 8;
    static final int USED_ENTRY_LEN = 4;

    /** In avail.flags: the driver does not want to be notified. */
    static final int AVAIL_F_NO_INTERRUPT = 1;
    /** In used.flags: the device does not want to be notified. */
    static final int USED_F_NO_NOTIFY = 1;

    /** Alignment of the three parts in bytes (virtio 1.3, section 2.7, table). */
    static final int DESC_ALIGN = 16;

    static final int AVAIL_ALIGN = 2;
    static final int USED_ALIGN = 4;

    private static final ValueLayout.OfShort LE16 = ValueLayout.JAVA_SHORT.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt LE32 = ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LE64 = ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle U16 = LE16.varHandle().withInvokeExactBehavior();

    /** Entries of an indirect table may be copied anywhere, so reading a descriptor asks for no alignment. */
    private static final ValueLayout.OfShort LE16_ANY = LE16.withByteAlignment(1);

    private static final ValueLayout.OfInt LE32_ANY = LE32.withByteAlignment(1);
    private static final ValueLayout.OfLong LE64_ANY = LE64.withByteAlignment(1);

    private SplitLayout() {}

    static long descBytes(int size) {
        return (long) size * DESC_SIZE;
    }

    /** With used_event, which is there whether or not EVENT_IDX is in use. */
    static long availBytes(int size) {
        return RING_ENTRIES + (long) size * AVAIL_ENTRY_SIZE + 2;
    }

    /** With avail_event, likewise. */
    static long usedBytes(int size) {
        return RING_ENTRIES + (long) size * USED_ENTRY_SIZE + 2;
    }

    static long usedEvent(int size) {
        return RING_ENTRIES + (long) size * AVAIL_ENTRY_SIZE;
    }

    static long availEvent(int size) {
        return RING_ENTRIES + (long) size * USED_ENTRY_SIZE;
    }

    /** Reads a 16-bit field; what the driver wrote before it is visible afterwards. */
    static int getAcquire16(MemorySegment ring, long offset) {
        return Short.toUnsignedInt((short) U16.getAcquire(ring, offset));
    }

    /** Reads a 16-bit field once, without order. */
    static int getOpaque16(MemorySegment ring, long offset) {
        return Short.toUnsignedInt((short) U16.getOpaque(ring, offset));
    }

    /** Writes a 16-bit field; all that was written before it is visible with it. */
    static void setRelease16(MemorySegment ring, long offset, int value) {
        U16.setRelease(ring, offset, (short) value);
    }

    /** Writes a 16-bit field once, without order. */
    static void setOpaque16(MemorySegment ring, long offset, int value) {
        U16.setOpaque(ring, offset, (short) value);
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
}
