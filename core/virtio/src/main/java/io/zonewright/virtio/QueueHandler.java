package io.zonewright.virtio;

import io.zonewright.virtio.queue.Virtqueue;

/**
 * What a device type does with one queue. Made once per endpoint and queue; started and stopped many times, as drivers
 * come and go. All methods are called on the loop of the queue.
 */
public interface QueueHandler {
    /**
     * The ring runs from now on. Nothing is in flight.
     *
     * @param queue valid until {@link #stop}
     * @param features those that the driver accepted, the library's own included
     */
    void start(Virtqueue queue, long features);

    /**
     * Takes at most {@code limit} chains from the queue, and completes on the queue all that has finished. Must not
     * block. The endpoint publishes afterwards. While the queue is paused to let requests in flight finish, this is
     * called too: {@link Virtqueue#next} then says false.
     *
     * @return chains taken plus chains completed; 0 lets the loop go idle
     */
    int process(int limit);

    /**
     * Whether it would take chains now, if there were any. False lets the loop sleep while the driver's buffers wait for
     * an event of the device, and does not ask the driver for notifications; whoever brings such an event wakes the loop.
     */
    default boolean wantsChains() {
        return true;
    }

    /** The ring has stopped; nothing is in flight, and the queue is not to be touched any more. */
    void stop();
}
