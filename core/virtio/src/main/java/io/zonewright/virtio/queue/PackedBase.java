package io.zonewright.virtio.queue;

/**
 * Where a packed ring stands, in the 32 bits of SET_VRING_BASE and GET_VRING_BASE (vhost-user.rst, "Vring state
 * description"): bits 0 to 14 the position of the next available descriptor, bit 15 its wrap counter, bits 16 to 30 the
 * position of the next used one, bit 31 its wrap counter.
 */
record PackedBase(int available, boolean availableWrap, int used, boolean usedWrap) {
    /** A fresh ring: both counters are 1 (virtio 1.3, section 2.8.1). */
    static final int FRESH = 0x8000_8000;

    private static final int USED_SHIFT = 16;

    /** What DPDK's driver (virtio-user) says of a fresh ring, and its device reads as one: the available half alone. */
    private static final int FRESH_HALF = 0x8000;

    static PackedBase of(int word) {
        int bits = word == FRESH_HALF ? FRESH : word;
        int used = bits >>> USED_SHIFT;
        return new PackedBase(
                bits & PackedLayout.POSITION_MASK,
                (bits & PackedLayout.POSITION_WRAP) != 0,
                used & PackedLayout.POSITION_MASK,
                (used & PackedLayout.POSITION_WRAP) != 0);
    }

    int encode() {
        return half(available, availableWrap) | half(used, usedWrap) << USED_SHIFT;
    }

    private static int half(int position, boolean wrap) {
        return wrap ? position | PackedLayout.POSITION_WRAP : position;
    }

    /** Descriptors from the used position to the available one; out of 0 to {@code size} if that cannot be. */
    int between(int size) {
        return available - used + (availableWrap == usedWrap ? 0 : size);
    }
}
