package io.zonewright.testkit.blk;

import io.zonewright.posix.Posix;
import io.zonewright.testkit.guest.GuestMemory;
import io.zonewright.testkit.vhostuser.DeviceRefusedException;
import io.zonewright.testkit.vhostuser.VhostUser;
import io.zonewright.testkit.vhostuser.VhostUserDriver;
import io.zonewright.testkit.virtio.Ring;
import java.nio.file.Path;

/** A virtio-blk driver behind vhost-user. */
public final class VirtioBlkDriver extends BlkDriver {
    private final VhostUserDriver device;
    private final long offeredFeatures;
    private final long features;
    private final int deviceQueues;

    private VirtioBlkDriver(Posix posix, VhostUserDriver device, DriverOptions options) {
        super(posix, options);
        this.device = device;
        GuestMemory memory = memory();
        offeredFeatures = device.getFeatures();
        if ((offeredFeatures & VhostUser.F_PROTOCOL_FEATURES) == 0) {
            throw new DeviceRefusedException("no protocol features on offer: 0x" + Long.toHexString(offeredFeatures));
        }
        long protocolFeatures = device.getProtocolFeatures() & options.protocolFeatures();
        device.setProtocolFeatures(protocolFeatures);
        deviceQueues = (protocolFeatures & VhostUser.PF_MQ) != 0 ? device.getQueueNum() : 1;
        device.setOwner();
        features = options.acceptOf(offeredFeatures) | VhostUser.F_PROTOCOL_FEATURES;
        boolean status = (protocolFeatures & VhostUser.PF_STATUS) != 0;
        negotiate(status);
        shareMemory(options.memorySlots());
        boolean eventIndex = (features & VirtioBlk.F_EVENT_IDX) != 0;
        boolean packed = (features & VirtioBlk.F_RING_PACKED) != 0;
        for (int i = 0; i < options.queues(); i++) {
            Ring ring = Ring.create(memory, RING_REGION, options.queueSize(), options.startIndex(), packed, eventIndex);
            BlkQueue queue = new BlkQueue(posix, memory, RING_REGION, DATA_REGIONS, ring);
            addQueue(queue);
            device.startQueue(i, ring, memory, queue.kick(), queue.call());
        }
        if (status) {
            device.setStatus(VhostUser.STATUS_ACKNOWLEDGE
                    | VhostUser.STATUS_DRIVER
                    | VhostUser.STATUS_FEATURES_OK
                    | VhostUser.STATUS_DRIVER_OK);
        }
    }

    /** Section 3.1.1: acknowledge, driver, features, FEATURES_OK, and look whether it stayed. */
    private void negotiate(boolean status) {
        if (status) {
            device.setStatus(VhostUser.STATUS_ACKNOWLEDGE);
            device.setStatus(VhostUser.STATUS_ACKNOWLEDGE | VhostUser.STATUS_DRIVER);
        }
        long refused = device.setFeatures(features);
        if (refused != 0) {
            throw new DeviceRefusedException("SET_FEATURES was answered with " + refused);
        }
        if (status) {
            device.setStatus(VhostUser.STATUS_ACKNOWLEDGE | VhostUser.STATUS_DRIVER | VhostUser.STATUS_FEATURES_OK);
            if ((device.getStatus() & VhostUser.STATUS_FEATURES_OK) == 0) {
                throw new DeviceRefusedException("FEATURES_OK was withheld");
            }
        }
    }

    private void shareMemory(boolean slots) {
        if (!slots) {
            requireGood(device.setMemTable(memory().regions()));
            return;
        }
        if (device.getMaxMemSlots() < memory().regions().size()) {
            throw new DeviceRefusedException("too few memory slots");
        }
        memory().regions().forEach(region -> requireGood(device.addMemReg(region)));
    }

    private static void requireGood(long answer) {
        if (answer != 0) {
            throw new DeviceRefusedException("guest memory was refused: " + answer);
        }
    }

    /**
     * Connects, negotiates and starts the queues.
     *
     * @throws DeviceRefusedException if the device says no
     */
    public static VirtioBlkDriver connect(Posix posix, Path socket, DriverOptions options) {
        VhostUserDriver device = VhostUserDriver.connect(posix, socket);
        try {
            return new VirtioBlkDriver(posix, device, options);
        } catch (RuntimeException e) {
            device.close();
            throw e;
        }
    }

    @Override
    public long offeredFeatures() {
        return offeredFeatures;
    }

    @Override
    public long features() {
        return features;
    }

    @Override
    public int deviceQueues() {
        return deviceQueues;
    }

    @Override
    public BlkConfig config() {
        return new BlkConfig(device.getConfig(0, BlkConfig.BYTES));
    }

    @Override
    boolean hungUp() {
        return device.hungUp();
    }

    /** The carrier, for messages of the test's own. */
    public VhostUserDriver device() {
        return device;
    }

    /** Hangs up and gives everything back. */
    @Override
    public void close() {
        device.close();
        super.close();
    }
}
