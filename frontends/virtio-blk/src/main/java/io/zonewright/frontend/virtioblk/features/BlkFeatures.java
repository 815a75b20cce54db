package io.zonewright.frontend.virtioblk.features;

import io.zonewright.api.spi.Capabilities;
import io.zonewright.api.zone.ZoneModel;
import java.util.Optional;

/**
 * Feature bits of a block device (virtio 1.4 "Block Device / Feature bits"; linux/virtio_blk.h) and the rules for
 * accepting them. Bits of the transport and the rings belong to the carrier; only {@link #VERSION_1} matters here.
 */
public final class BlkFeatures {
    /** {@code size_max} holds the largest segment. */
    public static final long SIZE_MAX = 1L << 1;
    /** {@code seg_max} holds the most segments of one request. */
    public static final long SEG_MAX = 1L << 2;
    /** The device takes no writes. */
    public static final long RO = 1L << 5;
    /** {@code blk_size} holds the logical block. */
    public static final long BLK_SIZE = 1L << 6;
    /** The device knows the flush request. */
    public static final long FLUSH = 1L << 9;
    /** {@code topology} holds the physical block and I/O hints. */
    public static final long TOPOLOGY = 1L << 10;
    /** {@code writeback} can be read and written. */
    public static final long CONFIG_WCE = 1L << 11;
    /** {@code num_queues} holds the number of queues. */
    public static final long MQ = 1L << 12;
    /** The device knows the discard request. */
    public static final long DISCARD = 1L << 13;
    /** The device knows the write-zeroes request. */
    public static final long WRITE_ZEROES = 1L << 14;
    /** The device has zones and knows the seven zone requests. */
    public static final long ZONED = 1L << 17;
    /** A driver of virtio 1.0 or later; without it the driver is a legacy one. */
    public static final long VERSION_1 = 1L << 32;

    private BlkFeatures() {}

    /**
     * The bits offered to a modern driver.
     *
     * <p>FLUSH and CONFIG_WCE are always among them ("Devices SHOULD always offer VIRTIO_BLK_F_FLUSH"): on a medium
     * without a volatile cache {@code writeback} starts as 0, so that a driver sends no flushes. DISCARD and
     * WRITE_ZEROES are offered on ordinary disks only: with host-managed zones DISCARD must not be negotiated, and a
     * driver that takes a host-aware disk for an ordinary one would send both into zones that do not take them.
     */
    public static long offered(ZoneModel model, Capabilities capabilities, int queues) {
        long bits = SIZE_MAX | SEG_MAX | BLK_SIZE | TOPOLOGY | FLUSH | CONFIG_WCE;
        if (capabilities.readOnly()) {
            bits |= RO;
        }
        if (queues > 1) {
            bits |= MQ;
        }
        if (!model.zoned() && !capabilities.readOnly()) {
            bits |= capabilities.discard() ? DISCARD : 0;
            bits |= capabilities.writeZeroes() ? WRITE_ZEROES : 0;
        }
        if (model.zoned()) {
            bits |= ZONED;
        }
        return bits;
    }

    /** The bits offered through a legacy transport, which has no FEATURES_OK to refuse with: never ZONED. */
    public static long offeredToLegacy(ZoneModel model, Capabilities capabilities, int queues) {
        return offered(model, capabilities, queues) & ~ZONED;
    }

    /**
     * Whether a driver may go on with these bits.
     *
     * @param accepted all bits that the driver set, the carrier's included
     * @return nothing if it may; else why not, one sentence for the log
     */
    public static Optional<String> refusal(ZoneModel model, long accepted) {
        boolean modern = (accepted & VERSION_1) != 0;
        boolean zoned = (accepted & ZONED) != 0;
        if (zoned && !model.zoned()) {
            return Optional.of("the driver accepted VIRTIO_BLK_F_ZONED, which this device does not offer");
        }
        if (zoned && !modern) {
            return Optional.of("the driver accepted VIRTIO_BLK_F_ZONED without VIRTIO_F_VERSION_1");
        }
        if (!zoned && model == ZoneModel.HOST_MANAGED) {
            return Optional.of(
                    "the driver declined VIRTIO_BLK_F_ZONED, without which it cannot use a host-managed disk");
        }
        return Optional.empty();
    }

    /** Whether {@code features} holds {@code bit}. */
    public static boolean has(long features, long bit) {
        return (features & bit) != 0;
    }
}
