package io.zonewright.virtio.queue;

/** What a queue tells its owner; called on the queue's thread. */
public interface RingListener {
    /** The driver wants to know that chains were used: signal its call descriptor. */
    void notifyDriver(Virtqueue queue);

    /** The ring is broken; called once. */
    void ringFailed(Virtqueue queue, String reason);
}
