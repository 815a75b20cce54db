package io.zonewright.vfiouser.virtio;

import io.zonewright.vfiouser.PciHost;

/**
 * The ISR status byte and the pin that goes with it (virtio 1.3, section 4.1.4.5), for drivers without MSI-X: set by any
 * queue's thread, cleared by the driver's read. Pin and byte change together, so that no interrupt is lost in between.
 */
final class IsrStatus {
    static final int QUEUE = 1;
    static final int CONFIGURATION = 2;

    private int bits;

    synchronized void raise(PciHost host, int bit) {
        bits |= bit;
        host.setPin(true);
    }

    /** Reads and clears. */
    synchronized int take(PciHost host) {
        int result = bits;
        bits = 0;
        host.setPin(false);
        return result;
    }

    synchronized void reset() {
        bits = 0;
    }
}
