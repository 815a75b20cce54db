package io.zonewright.testkit.blk;

import io.zonewright.posix.EventFd;
import io.zonewright.posix.Posix;
import io.zonewright.testkit.vfiouser.VfioUserClient;
import io.zonewright.testkit.vfiouser.VirtioPci;
import io.zonewright.testkit.vhostuser.DeviceRefusedException;
import io.zonewright.testkit.virtio.Ring;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A virtio-blk driver of a modern virtio-pci device ({@link VirtioPci}) behind vfio-user. */
public final class VirtioPciBlkDriver extends BlkDriver {
    private static final int VIRTIO_ID = 2;

    private final VirtioPci pci;
    private final long features;
    private final int deviceQueues;

    private VirtioPciBlkDriver(Posix posix, VfioUserClient client, DriverOptions options) {
        super(posix, options);
        pci = new VirtioPci(posix, client, VIRTIO_ID, memory());
        features = options.acceptOf(pci.offeredFeatures());
        pci.accept(features);
        deviceQueues = pci.deviceQueues();
        startQueues(posix, options);
    }

    private void startQueues(Posix posix, DriverOptions options) {
        boolean eventIndex = (features & VirtioBlk.F_EVENT_IDX) != 0;
        boolean packed = (features & VirtioBlk.F_RING_PACKED) != 0;
        List<Ring> rings = new ArrayList<>();
        List<EventFd> calls = new ArrayList<>();
        for (int i = 0; i < options.queues(); i++) {
            Runnable doorbell = pci.doorbell(i, options.queueSize());
            Ring ring = Ring.create(memory(), RING_REGION, options.queueSize(), 0, packed, eventIndex);
            BlkQueue queue = new BlkQueue(posix, memory(), RING_REGION, DATA_REGIONS, ring, doorbell);
            addQueue(queue);
            rings.add(ring);
            calls.add(queue.call());
        }
        pci.start(rings, calls);
    }

    /** Reads the device status. */
    public int status() {
        return pci.status();
    }

    /** Writes the device status; 0 resets the device. */
    public void setStatus(int status) {
        pci.setStatus(status);
    }

    /**
     * Connects, negotiates and starts the queues. Protocol features, start index and memory slots of the options mean
     * nothing here.
     *
     * @throws DeviceRefusedException if the device says no
     */
    public static VirtioPciBlkDriver connect(Posix posix, Path socket, DriverOptions options) {
        VfioUserClient client = VfioUserClient.connect(posix, socket);
        @Nullable VirtioPciBlkDriver driver = null;
        try {
            driver = new VirtioPciBlkDriver(posix, client, options);
        } finally {
            if (driver == null) {
                client.close();
            }
        }
        return Objects.requireNonNull(driver);
    }

    @Override
    public long offeredFeatures() {
        return pci.offeredFeatures();
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
        return new BlkConfig(pci.deviceConfig(BlkConfig.BYTES));
    }

    @Override
    boolean hungUp() {
        return pci.client().hungUp();
    }

    /** The carrier, for messages of the test's own. */
    public VfioUserClient client() {
        return pci.client();
    }

    @Override
    public void close() {
        pci.close();
        super.close();
    }
}
