package io.zonewright.vfiouser.interrupt;

import io.zonewright.posix.EventFd;
import org.jspecify.annotations.Nullable;

/**
 * One interrupt on its way to the client: signalled if somebody listens and nothing masks it, else remembered. Devices
 * raise it from any thread while the control thread changes the rest, so all of it is under the line's own lock: it is held
 * for one write to an eventfd at most.
 */
abstract class Line {
    private @Nullable EventFd trigger;

    /** Masked by the client's SET_IRQS. */
    private boolean masked;

    /** Takes over a descriptor; null: nobody listens any more. */
    final synchronized void setTrigger(@Nullable EventFd descriptor) {
        EventFd old = trigger;
        trigger = descriptor;
        if (old != null) {
            old.close();
        }
        deliver();
    }

    final synchronized void setMasked(boolean value) {
        masked = value;
        deliver();
    }

    /** The client itself wants the interrupt to happen (SET_IRQS with TRIGGER and no descriptor). */
    final synchronized void force() {
        EventFd descriptor = trigger;
        if (descriptor != null) {
            descriptor.signal();
        }
    }

    /** With the lock held: signals and forgets what waits, if it can. */
    final void deliver() {
        EventFd descriptor = trigger;
        if (descriptor != null && !masked && ready()) {
            delivered();
            descriptor.signal();
        }
    }

    /** For a line that masks itself when it is signalled. */
    final void maskSelf() {
        masked = true;
    }

    /** With the lock held: whether something waits, and nothing but the client's own mask holds it up. */
    protected abstract boolean ready();

    /** With the lock held: the interrupt is about to be signalled. */
    protected abstract void delivered();
}
