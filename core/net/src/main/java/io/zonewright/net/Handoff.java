package io.zonewright.net;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * Carries things from any thread to one loop. Links the items themselves, so nothing is allocated and it is never full;
 * each item is in one hand-off at a time. They are delivered in the order in which they were posted.
 */
public final class Handoff {
    /** Something to be delivered on the loop's thread. */
    public abstract static class Item {
        private @Nullable Item next;

        /** On the loop's thread. What the poster did before is visible. */
        protected abstract void deliver();
    }

    private static final VarHandle HEAD;

    static {
        try {
            HEAD = MethodHandles.lookup().findVarHandle(Handoff.class, "head", Item.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Runnable wake;

    /** Posted, newest first. */
    private volatile @Nullable Item head;

    /**
     * Nothing posted.
     *
     * @param wake called by the poster that finds the hand-off empty
     */
    public Handoff(Runnable wake) {
        this.wake = wake;
    }

    /** Hands over; from any thread. */
    public void post(Item item) {
        Item before;
        do {
            before = head;
            item.next = before;
        } while (!HEAD.compareAndSet(this, before, item));
        if (before == null) {
            wake.run();
        }
    }

    /** Whether nothing waits. */
    public boolean isEmpty() {
        return head == null;
    }

    /** Delivers all that was posted: how many. On the loop's thread. */
    public int deliver() {
        if (head == null) {
            return 0;
        }
        Item newest = (Item) HEAD.getAndSet(this, (Item) null);
        Item oldest = null;
        while (newest != null) {
            Item older = newest.next;
            newest.next = oldest;
            oldest = newest;
            newest = older;
        }
        int count = 0;
        while (oldest != null) {
            Item item = oldest;
            oldest = item.next;
            item.next = null;
            item.deliver();
            count++;
        }
        return count;
    }
}
