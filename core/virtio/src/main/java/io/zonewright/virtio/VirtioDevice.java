package io.zonewright.virtio;

/**
 * A type of virtio device behind a carrier, which this class calls the endpoint. Methods are called on the endpoint's control thread, one
 * at a time, unless they say otherwise.
 */
public interface VirtioDevice {
    /** For log lines: {@code virtio-blk archive}. */
    String name();

    /**
     * Feature bits of the device type itself (virtio 1.3, section 2.2: bits 0 to 23 and 50 to 127, of which vhost-user
     * carries those below 64). The carrier adds its own ({@link VirtioFeatures#offered}). Asked for at each connection.
     */
    long deviceFeatures();

    /**
     * Whether the device works with this set, a subset of what was offered with the library's bits. If not, the driver
     * never sees FEATURES_OK, and no ring starts.
     */
    boolean acceptFeatures(long features);

    /** A driver and the device agree; called before any ring starts, perhaps again with another set. */
    default void featuresChosen(long features) {}

    /**
     * Copies configuration space, as virtio lays it out (little-endian), into {@code target}; the caller zeroed it, so
     * bytes past the end of the device's space are left alone.
     *
     * @param offset first byte of the configuration space to copy; any number from 0 to 255
     * @param target filled from its start; at most 256 bytes
     */
    void readConfig(int offset, byte[] target);

    /**
     * The driver writes configuration space. Some hypervisors send the whole space for a change of one byte, so bytes
     * that the driver cannot write are to be ignored if they are unchanged.
     *
     * @return false to refuse: a field that is not writable would change
     */
    boolean writeConfig(int offset, byte[] data);

    /** Queues that the device has, 1 to 256 (a vring index has eight bits in SET_VRING_KICK). */
    int queueCount();

    /** Whether packed rings are offered besides split ones; the driver chooses. Asked for at each connection. */
    default boolean packedRings() {
        return true;
    }

    /** Largest queue size, a power of two, at most 32768 (virtio 1.3, section 2.7). */
    default int maxQueueSize() {
        return 1024;
    }

    /** The handler of one queue; called once per queue, when the endpoint is made. */
    QueueHandler newQueue(QueueContext context);

    /** The driver resets the device, or a driver has gone: all rings have stopped, back to the state at the start. */
    default void reset() {}
}
