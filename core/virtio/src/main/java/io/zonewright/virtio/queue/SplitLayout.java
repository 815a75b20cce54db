package io.zonewright.virtio.queue;

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
    static final int DESC_FLAGS = 12;
    static final int DESC_NEXT = 14;

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

    /** Alignment of the two rings in bytes (virtio 1.3, section 2.7, table). */
    static final int AVAIL_ALIGN = 2;

    static final int USED_ALIGN = 4;

    private SplitLayout() {}

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
}
