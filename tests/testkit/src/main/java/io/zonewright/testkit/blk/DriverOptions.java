package io.zonewright.testkit.blk;

import io.zonewright.testkit.vhostuser.DeviceRefusedException;
import io.zonewright.testkit.vhostuser.VhostUser;

/**
 * How a driver attaches.
 *
 * @param features the features to accept, if offered
 * @param protocolFeatures the protocol features to accept, if offered
 * @param queues how many queues to start
 * @param queueSize descriptors in each
 * @param startIndex how many entries every queue seems to have gone through before
 * @param memorySlots whether regions are added one by one (ADD_MEM_REG) instead of in one table
 * @param dataBytes size of each of the two data regions
 */
public record DriverOptions(
        long features,
        long protocolFeatures,
        int queues,
        int queueSize,
        int startIndex,
        boolean memorySlots,
        long dataBytes) {
    /** Everything that this driver can do. */
    public static final long ALL_FEATURES = VirtioBlk.F_SIZE_MAX
            | VirtioBlk.F_SEG_MAX
            | VirtioBlk.F_RO
            | VirtioBlk.F_BLK_SIZE
            | VirtioBlk.F_FLUSH
            | VirtioBlk.F_TOPOLOGY
            | VirtioBlk.F_CONFIG_WCE
            | VirtioBlk.F_MQ
            | VirtioBlk.F_DISCARD
            | VirtioBlk.F_WRITE_ZEROES
            | VirtioBlk.F_ZONED
            | VirtioBlk.F_INDIRECT_DESC
            | VirtioBlk.F_EVENT_IDX
            | VirtioBlk.F_VERSION_1;

    /** Every protocol feature that this driver can do. */
    public static final long ALL_PROTOCOL_FEATURES = VhostUser.PF_MQ
            | VhostUser.PF_REPLY_ACK
            | VhostUser.PF_BACKEND_REQ
            | VhostUser.PF_CONFIG
            | VhostUser.PF_RESET_DEVICE
            | VhostUser.PF_CONFIGURE_MEM_SLOTS
            | VhostUser.PF_STATUS;

    /** One queue of 128, everything else accepted. */
    public static final DriverOptions DEFAULT =
            new DriverOptions(ALL_FEATURES, ALL_PROTOCOL_FEATURES, 1, 128, 0, false, 64L << 20);

    /** With packed rings, which the device has to offer. */
    public DriverOptions packed() {
        return new DriverOptions(
                features | VirtioBlk.F_RING_PACKED,
                protocolFeatures,
                queues,
                queueSize,
                startIndex,
                memorySlots,
                dataBytes);
    }

    /** What of an offer is accepted. */
    long acceptOf(long offered) {
        if ((features & ~offered & VirtioBlk.F_RING_PACKED) != 0) {
            throw new DeviceRefusedException("no packed rings on offer: 0x" + Long.toHexString(offered));
        }
        return offered & features;
    }

    /** Without some features. */
    public DriverOptions without(long declined) {
        return new DriverOptions(
                features & ~declined, protocolFeatures, queues, queueSize, startIndex, memorySlots, dataBytes);
    }

    /** Without some protocol features. */
    public DriverOptions withoutProtocol(long declined) {
        return new DriverOptions(
                features, protocolFeatures & ~declined, queues, queueSize, startIndex, memorySlots, dataBytes);
    }

    /** With so many queues of such a size. */
    public DriverOptions withQueues(int count, int size) {
        return new DriverOptions(features, protocolFeatures, count, size, startIndex, memorySlots, dataBytes);
    }

    /** With indices that begin here. */
    public DriverOptions startingAt(int index) {
        return new DriverOptions(features, protocolFeatures, queues, queueSize, index, memorySlots, dataBytes);
    }

    /** With regions added one by one. */
    public DriverOptions withMemorySlots() {
        return new DriverOptions(features, protocolFeatures, queues, queueSize, startIndex, true, dataBytes);
    }
}
