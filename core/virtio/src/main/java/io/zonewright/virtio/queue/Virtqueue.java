package io.zonewright.virtio.queue;

import io.zonewright.runtime.Counters;
import io.zonewright.runtime.memory.GuestMemory;

/**
 * One running virtqueue, seen from the device. All methods belong to the thread of the queue's loop; nothing here
 * blocks or allocates in normal operation.
 *
 * <p>A device type takes chains with {@link #next} until it says false, and gives each back exactly once with
 * {@link #complete}, in any order. Completed chains become visible to the driver, and the driver is notified at most
 * once, with {@link #publish}; the endpoint calls it after each round of processing, so that a device type need not.
 *
 * <p><b>A ring that is wrong</b> (a loop, an address outside of the memory, an index that jumped) stops the whole
 * device: {@link #next} reports it through {@link RingListener} and says false from then on. A device type does the
 * same with {@link #fail} if a chain cannot even carry an answer. Chains in flight are still completed, so that
 * everything comes to rest, but the driver is no longer told.
 *
 * <p>This class is the part that split and packed rings share: who is in flight, pausing, failing. What a layout adds
 * is in the abstract methods; tracking requests in flight for reconnects, and logging dirty pages, belong into the
 * three places where it touches shared memory: {@link #take}, {@link #store}, {@link #expose}.
 */
public abstract class Virtqueue {
    private final int index;
    private final int size;
    private final RingListener listener;
    private final Counters<QueueCounter> counters;
    private final boolean[] taken;
    private int inFlight;
    private boolean paused;
    private boolean failed;

    /**
     * @param index of the queue in its device
     * @param size entries, a bound for the chains in flight
     * @param counters owned by the queue's thread
     */
    protected Virtqueue(int index, int size, RingListener listener, Counters<QueueCounter> counters) {
        this.index = index;
        this.size = size;
        this.listener = listener;
        this.counters = counters;
        taken = new boolean[size];
    }

    /** The queue's number in its device, from 0. */
    public final int index() {
        return index;
    }

    /** Entries; also the most chains that can be in flight. */
    public final int size() {
        return size;
    }

    /** Chains taken and not yet completed. */
    public final int inFlight() {
        return inFlight;
    }

    /** Whether the ring is broken; final until the driver sets the queue up again. */
    public final boolean failed() {
        return failed;
    }

    /**
     * Takes the next available chain.
     *
     * @return false if there is none, the queue is paused, or the ring is broken; {@code into} then holds nothing of use
     */
    public final boolean next(DescriptorChain into) {
        if (paused || failed) {
            return false;
        }
        try {
            if (!take(into)) {
                return false;
            }
        } catch (RingException e) {
            fail(e.reason());
            return false;
        }
        int id = into.id();
        taken[id] = true;
        inFlight++;
        counters.add(QueueCounter.CHAINS_TAKEN, 1);
        return true;
    }

    /**
     * Gives a chain back. Not visible to the driver before {@link #publish}.
     *
     * @param id of the chain
     * @param written bytes stored from the start of the writable part: those that the driver may rely on
     * @throws IllegalStateException if no such chain is in flight: completing twice is a defect of the caller
     */
    public final void complete(int id, long written) {
        if (!taken[id]) {
            throw new IllegalStateException("queue " + index + ": chain " + id + " is not in flight");
        }
        taken[id] = false;
        inFlight--;
        counters.add(QueueCounter.CHAINS_COMPLETED, 1);
        if (!failed) {
            store(id, written);
        }
    }

    /** Shows the driver all completed chains and notifies it, once, if it asked for that. Cheap if there are none. */
    public final void publish() {
        if (!failed && expose()) {
            counters.add(QueueCounter.DRIVER_NOTIFICATIONS, 1);
            listener.notifyDriver(this);
        }
    }

    /** Declares the ring broken, for a reason that the log shows: without values that a guest could use to forge lines. */
    public final void fail(String reason) {
        if (!failed) {
            failed = true;
            counters.add(QueueCounter.RING_FAILURES, 1);
            listener.ringFailed(this, reason);
        }
    }

    /**
     * Asks the driver for notifications and looks again.
     *
     * @return whether chains are available now: do not sleep
     */
    public final boolean arm() {
        if (paused || failed) {
            return false;
        }
        try {
            return askForKicks();
        } catch (RingException e) {
            fail(e.reason());
            return false;
        }
    }

    /** Tells the driver that notifications are not needed while we poll. A hint: they may come all the same. */
    public final void disarm() {
        if (!paused && !failed) {
            declineKicks();
        }
    }

    /** Takes nothing any more until {@link #resume}; completions go on. */
    public final void pause() {
        paused = true;
    }

    /** Ends {@link #pause}. */
    public final void resume() {
        paused = false;
    }

    /** Whether {@link #pause} is in effect. */
    public final boolean paused() {
        return paused;
    }

    /** Whether a chain with this id is in flight. */
    protected final boolean isTaken(int id) {
        return taken[id];
    }

    /**
     * Moves to another snapshot of the driver's memory. Only with nothing in flight.
     *
     * @return whether the ring itself lies inside the new memory; if not, the queue must stay paused
     */
    public abstract boolean rebind(GuestMemory memory);

    /** Where the ring stands, as GET_VRING_BASE reports it and a new ring of the same {@link RingFormat} goes on. */
    public abstract int base();

    /** Takes one chain; false if none is available. */
    protected abstract boolean take(DescriptorChain into) throws RingException;

    /** Writes one used element, not visible yet. */
    protected abstract void store(int id, long written);

    /** Makes stored elements visible; whether the driver wants to be notified. */
    protected abstract boolean expose();

    /** See {@link #arm}. */
    protected abstract boolean askForKicks() throws RingException;

    /** See {@link #disarm}. */
    protected abstract void declineKicks();
}
