package io.zonewright.vfiouser.virtio;

import io.zonewright.virtio.queue.RingAddresses;
import io.zonewright.virtio.queue.RingFormat;

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

    /** At most what was offered, and of a split ring a power of two (section 4.1.4.3.2): anything else is ignored. */
    void setSize(RingFormat format, int value) {
        if (format.wrongSize(value, maxSize) == null) {
            size = value;
        }
    }

    RingAddresses addresses() {
        return new RingAddresses(descriptors, driver, device);
    }
}
