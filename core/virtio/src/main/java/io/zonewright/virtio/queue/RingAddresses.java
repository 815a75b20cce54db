package io.zonewright.virtio.queue;

/**
 * Where the driver put the three parts of a ring, in the hypervisor's own addresses (SET_VRING_ADDR).
 *
 * @param descriptors descriptor table, or packed descriptor ring
 * @param available written by the driver: available ring, or its event suppression structure
 * @param used written by the device: used ring, or its event suppression structure
 */
public record RingAddresses(long descriptors, long available, long used) {}
