package io.zonewright.virtio.queue;

import org.jspecify.annotations.Nullable;

/**
 * Where the driver put the three parts of a split ring, in the hypervisor's own addresses (SET_VRING_ADDR).
 *
 * @param descriptors descriptor table
 * @param available written by the driver
 * @param used written by the device
 */
public record RingAddresses(long descriptors, long available, long used) {
    /** The first rule of alignment that an address breaks (virtio 1.3, section 2.7), or null. */
    public @Nullable String misalignment() {
        if (descriptors % SplitLayout.DESC_ALIGN != 0) {
            return "the descriptor table is not aligned to 16 bytes";
        }
        if (available % SplitLayout.AVAIL_ALIGN != 0) {
            return "the available ring is not aligned to 2 bytes";
        }
        if (used % SplitLayout.USED_ALIGN != 0) {
            return "the used ring is not aligned to 4 bytes";
        }
        return null;
    }
}
