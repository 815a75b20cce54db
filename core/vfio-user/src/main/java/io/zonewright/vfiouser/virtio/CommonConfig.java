package io.zonewright.vfiouser.virtio;

/**
 * Offsets in the common configuration structure (virtio 1.3, section 4.1.4.3), all little-endian. The fields after the
 * queue's addresses belong to features that are not offered, so the structure ends there.
 */
final class CommonConfig {
    static final int DEVICE_FEATURE_SELECT = 0;
    static final int DEVICE_FEATURE = 4;
    static final int DRIVER_FEATURE_SELECT = 8;
    static final int DRIVER_FEATURE = 12;
    static final int CONFIG_MSIX_VECTOR = 16;
    static final int NUM_QUEUES = 18;
    static final int DEVICE_STATUS = 20;
    static final int CONFIG_GENERATION = 21;
    static final int QUEUE_SELECT = 22;
    static final int QUEUE_SIZE = 24;
    static final int QUEUE_MSIX_VECTOR = 26;
    static final int QUEUE_ENABLE = 28;
    static final int QUEUE_NOTIFY_OFF = 30;
    static final int QUEUE_DESC = 32;
    static final int QUEUE_DRIVER = 40;
    static final int QUEUE_DEVICE = 48;
    static final int SIZE = 56;

    /** In the vector fields: none. */
    static final int NO_VECTOR = 0xFFFF;

    /** Bits of the device status field (section 2.1). */
    static final int STATUS_DRIVER_OK = 4;

    static final int STATUS_FEATURES_OK = 8;
    static final int STATUS_NEEDS_RESET = 64;

    private CommonConfig() {}
}
