package io.zonewright.vfiouser.virtio;

import io.zonewright.virtio.queue.RingAddresses;

/** What the driver has told about one queue so far; for the control thread, but {@link #vector}. */
final class PciQueue {
    private final int maxSize;

    int size;
    boolean enabled;
    long descriptors;
    long driver;
    long device;

    /** Read by the queue's loop. */
    volatile int vector;

    /** Whether the queue's runner has a ring. */
    boolean running;

    PciQueue(int maxSize) {
        this.maxSize = maxSize;
        reset();
    }

    void reset() {
        size = maxSize;
        enabled = false;
        descriptors = 0;
        driver = 0;
        device = 0;
        vector = CommonConfig.NO_VECTOR;
    }

    /** "A power of two, at most what was offered": anything else is ignored. */
    void setSize(int value) {
        if (value >= 1 && value <= maxSize && Integer.bitCount(value) == 1) {
            size = value;
        }
    }

    RingAddresses addresses() {
        return new RingAddresses(descriptors, driver, device);
    }
}
