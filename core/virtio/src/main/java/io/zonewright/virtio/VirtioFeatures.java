package io.zonewright.virtio;

/** Feature bits that are the carrier's, not a device type's (virtio 1.3, section 6; linux/virtio_config.h). */
public final class VirtioFeatures {
    /** Bit 28: a descriptor may refer to a table of descriptors. */
    public static final long INDIRECT_DESC = 1L << 28;
    /** Bit 29: used_event and avail_event instead of flags. */
    public static final long EVENT_IDX = 1L << 29;
    /** Bit 30, of vhost-user alone: protocol features are understood; rings start disabled. Never shown to a guest. */
    public static final long PROTOCOL_FEATURES = 1L << 30;
    /** Bit 32: virtio 1.0 and later. Without it a driver is a legacy one. */
    public static final long VERSION_1 = 1L << 32;
    /** Bit 33: the device's accesses to memory go through the platform's address translation, if there is one. */
    public static final long ACCESS_PLATFORM = 1L << 33;
    /** Bit 34: packed rings instead of split ones. */
    public static final long RING_PACKED = 1L << 34;
    /** Bit 26, of vhost alone: log all writes for migration. Not offered. */
    public static final long LOG_ALL = 1L << 26;

    /** What the rings of this library offer for each device on a PCI bus. */
    public static final long PCI = INDIRECT_DESC | EVENT_IDX | VERSION_1 | RING_PACKED | ACCESS_PLATFORM;

    /** What they offer for each device over vhost-user. */
    public static final long LIBRARY = INDIRECT_DESC | EVENT_IDX | PROTOCOL_FEATURES | VERSION_1 | RING_PACKED;

    /** Most entries of a queue of either format (sections 2.7 and 2.8.10.1). */
    public static final int MAX_QUEUE_SIZE = 32768;

    private VirtioFeatures() {}

    /**
     * All that a device and its rings offer a driver.
     *
     * @param carrier {@link #PCI} or {@link #LIBRARY}
     */
    public static long offered(VirtioDevice device, long carrier) {
        long rings = device.packedRings() ? carrier : carrier & ~RING_PACKED;
        return device.deviceFeatures() | rings;
    }
}
