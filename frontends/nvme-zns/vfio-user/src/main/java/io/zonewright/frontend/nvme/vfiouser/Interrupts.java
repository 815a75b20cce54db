package io.zonewright.frontend.nvme.vfiouser;

import io.zonewright.frontend.nvme.vfiouser.queue.CompletionQueue;
import io.zonewright.vfiouser.PciHost;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * Interrupts of the controller (PCIe Transport 1.1, section 3.5): MSI-X vectors, or INTA# as a level for a driver that does not
 * use MSI-X, with the mask of INTMS and INTMC. Any thread; with MSI-X without a lock.
 */
final class Interrupts {
    private volatile @Nullable PciHost host;
    /** Completion queues with entries that the host has not taken. Only without MSI-X. */
    private final BitSet waiting = new BitSet();

    private int mask;

    /** Whoever is interrupted from now on; null: nobody. */
    void attach(@Nullable PciHost value) {
        host = value;
    }

    /** As after a reset of the controller. */
    synchronized void reset() {
        waiting.clear();
        mask = 0;
        showPin();
    }

    /** There are no entries in any queue, since there are no queues. */
    synchronized void settleAll() {
        waiting.clear();
        showPin();
    }

    /** Whether entries are told by a level. */
    boolean level() {
        PciHost current = host;
        return current != null && !current.msixEnabled();
    }

    /** There are entries in this queue. */
    void raise(CompletionQueue queue) {
        PciHost current = host;
        if (current == null) {
            return;
        }
        if (current.msixEnabled()) {
            current.interrupt(queue.vector());
            return;
        }
        synchronized (this) {
            waiting.set(queue.id());
            showPin();
        }
    }

    /** There are none any more. */
    synchronized void settle(CompletionQueue queue) {
        if (waiting.get(queue.id())) {
            waiting.clear(queue.id());
            showPin();
        }
    }

    /** Tells the client that the controller cannot go on. */
    void broken(String reason) {
        PciHost current = host;
        if (current != null) {
            current.broken(reason);
        }
    }

    /** INTMS and INTMC read the same. */
    synchronized int mask() {
        return mask;
    }

    /** INTMS: ones mask. */
    synchronized void setMask(int bits) {
        mask |= bits;
        showPin();
    }

    /** INTMC: ones unmask. */
    synchronized void clearMask(int bits) {
        mask &= ~bits;
        showPin();
    }

    private void showPin() {
        PciHost current = host;
        if (current != null) {
            // All queues use vector 0 where there is no MSI-X.
            current.setPin(!waiting.isEmpty() && (mask & 1) == 0);
        }
    }
}
