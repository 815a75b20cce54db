package io.zonewright.frontend.nvme.vfiouser.queue;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * Carries commands from whatever thread ended them back to the thread of their queue, in the manner of
 * {@link io.zonewright.runtime.CompletionMailbox}: any number of posters, one poller, in the order of posting, nothing
 * is allocated, and what a poster did before is visible to the poller.
 */
final class CommandMailbox {
    private static final VarHandle HEAD;

    static {
        try {
            HEAD = MethodHandles.lookup().findVarHandle(CommandMailbox.class, "head", PciCommand.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Runnable wake;
    /** Posted, newest first. */
    private volatile @Nullable PciCommand head;
    /** Taken over by the poller, oldest first. */
    private @Nullable PciCommand ready;

    /** @param wake called by the poster that finds the mailbox empty; from any thread */
    CommandMailbox(Runnable wake) {
        this.wake = wake;
    }

    void post(PciCommand command) {
        PciCommand before;
        do {
            before = head;
            command.setLink(before);
        } while (!HEAD.compareAndSet(this, before, command));
        if (before == null) {
            wake.run();
        }
    }

    /** The oldest that was posted, or null. */
    @Nullable
    PciCommand poll() {
        PciCommand result = ready;
        if (result == null) {
            result = collect();
            if (result == null) {
                return null;
            }
        }
        ready = result.link();
        result.setLink(null);
        return result;
    }

    boolean isEmpty() {
        return ready == null && head == null;
    }

    private @Nullable PciCommand collect() {
        if (head == null) {
            return null;
        }
        PciCommand newest = (PciCommand) HEAD.getAndSet(this, (PciCommand) null);
        PciCommand oldest = null;
        while (newest != null) {
            PciCommand older = newest.link();
            newest.setLink(oldest);
            oldest = newest;
            newest = older;
        }
        return oldest;
    }
}
