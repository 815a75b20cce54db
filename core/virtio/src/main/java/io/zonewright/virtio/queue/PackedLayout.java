package io.zonewright.virtio.queue;

/**
 * The three parts of a packed virtqueue (virtio 1.3, section 2.8; linux/virtio_ring.h). All fields are little-endian.
 *
 * <pre>
 * descriptor (16 bytes):         le64 addr, le32 len, le16 id, le16 flags
 * event suppression (4 bytes):   le16 desc (bits 0 to 14 a position, bit 15 its wrap counter), le16 flags (bits 0 and 1)
 * </pre>
 *
 * <p>Driver and device have such an event suppression structure each, which the other side reads. Both its fields are read
 * and written as one number of 32 bits, so that they always belong together.
 */
final class PackedLayout {
    static final int DESC_ID = 12;
    static final int DESC_FLAGS = 14;

    /** In a descriptor's flags: the driver's wrap counter when the driver wrote it. */
    static final int DESC_F_AVAIL = 1 << 7;
    /** Unlike {@link #DESC_F_AVAIL} when the driver wrote it, like it when the device has used it. */
    static final int DESC_F_USED = 1 << 15;

    static final int MARKS = DESC_F_AVAIL | DESC_F_USED;

    /** Largest queue (section 2.8.10.1): any number up to it, since positions do not run on past the ring's end. */
    static final int MAX_SIZE = 32768;

    static final int EVENT_BYTES = 4;
    static final int EVENT_ALIGN = 4;

    /** Where the flags of an event suppression structure begin in its 32 bits. */
    static final int EVENT_FLAGS_SHIFT = 16;

    static final int EVENT_FLAGS_MASK = 3;
    /** Notify of everything. */
    static final int EVENT_FLAGS_ENABLE = 0;
    /** Notify of nothing. */
    static final int EVENT_FLAGS_DISABLE = 1;
    /** Notify when the descriptor at a position is made available or used; with EVENT_IDX only. */
    static final int EVENT_FLAGS_DESC = 2;

    /** A position without its wrap counter. */
    static final int POSITION_MASK = 0x7FFF;
    /** The wrap counter that goes with a position. */
    static final int POSITION_WRAP = 0x8000;

    private PackedLayout() {}
}
