package io.zonewright.virtio.queue;

/** What is counted for each queue, since the endpoint was made. */
public enum QueueCounter {
    /** Chains taken from the available ring. */
    CHAINS_TAKEN,
    /** Chains given back, in whatever order. */
    CHAINS_COMPLETED,
    /** Times the driver was notified; fewer than chains when batches form. */
    DRIVER_NOTIFICATIONS,
    /** Times the ring was found broken. */
    RING_FAILURES
}
