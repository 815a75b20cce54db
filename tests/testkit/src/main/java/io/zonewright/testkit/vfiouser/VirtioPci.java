package io.zonewright.testkit.vfiouser;

import io.zonewright.posix.EventFd;
import io.zonewright.posix.Posix;
import io.zonewright.testkit.guest.GuestMemory;
import io.zonewright.testkit.vhostuser.DeviceRefusedException;
import io.zonewright.testkit.virtio.Ring;
import java.util.ArrayList;
import java.util.List;

/**
 * The driver's side of a modern virtio-pci device (virtio 1.3, section 4.1) behind vfio-user: the structures are found by
 * their vendor capabilities, the queues' doorbells are written to the notify structure, completions come by MSI-X.
 */
public final class VirtioPci implements AutoCloseable {
    // Section 4.1.4: cfg_type at 3, bar at 4, offset at 8, length at 12, for the notify structure a multiplier at 16.
    private static final int VENDOR_CAPABILITY = 0x09;
    private static final int COMMON = 1;
    private static final int NOTIFY = 2;
    private static final int ISR = 3;
    private static final int DEVICE = 4;

    // Section 4.1.4.3, the common configuration.
    private static final int DEVICE_FEATURE_SELECT = 0;
    private static final int DEVICE_FEATURE = 4;
    private static final int DRIVER_FEATURE_SELECT = 8;
    private static final int DRIVER_FEATURE = 12;
    private static final int CONFIG_MSIX_VECTOR = 16;
    private static final int NUM_QUEUES = 18;
    private static final int DEVICE_STATUS = 20;
    private static final int QUEUE_SELECT = 22;
    private static final int QUEUE_SIZE = 24;
    private static final int QUEUE_MSIX_VECTOR = 26;
    private static final int QUEUE_ENABLE = 28;
    private static final int QUEUE_NOTIFY_OFF = 30;
    private static final int QUEUE_DESC = 32;
    private static final int QUEUE_DRIVER = 40;
    private static final int QUEUE_DEVICE = 48;

    private static final int ACKNOWLEDGE = 1;
    private static final int DRIVER = 2;
    private static final int DRIVER_OK = 4;
    private static final int FEATURES_OK = 8;

    // Section 4.1.2.
    private static final long VENDOR = 0x1AF4;
    private static final int FIRST_MODERN_ID = 0x1040;

    /** Where a structure is. */
    private record Place(int bar, long offset, int length, int multiplier) {}

    private final VfioUserClient client;
    private final Place common;
    private final Place notify;
    private final Place deviceConfig;
    private final EventFd configChange;
    private final long offeredFeatures;

    /**
     * Resets the device and says that there is a driver.
     *
     * @param client not yet used; closed with this object
     * @param virtioId the device type
     * @param memory that the device is to see
     */
    public VirtioPci(Posix posix, VfioUserClient client, int virtioId, GuestMemory memory) {
        this.client = client;
        client.version();
        requireModern(virtioId);
        client.enableMemory();
        memory.regions().forEach(client::dmaMap);
        common = place(COMMON);
        notify = place(NOTIFY);
        deviceConfig = place(DEVICE);
        place(ISR);
        setStatus(0);
        if (status() != 0) {
            throw new IllegalStateException("the status after a reset is " + status());
        }
        setStatus(ACKNOWLEDGE);
        setStatus(ACKNOWLEDGE | DRIVER);
        offeredFeatures = feature(0) | feature(1) << 32;
        configChange = EventFd.create(posix);
    }

    /** Vendor 1AF4h, device 1040h plus the type, revision 1 or higher. */
    private void requireModern(int virtioId) {
        long ids = client.get(VfioUser.REGION_CONFIG, 0, 4);
        long wanted = (long) (FIRST_MODERN_ID + virtioId) << 16 | VENDOR;
        if (ids != wanted || client.get(VfioUser.REGION_CONFIG, 8, 1) < 1) {
            throw new IllegalStateException(
                    "not a modern virtio device of type " + virtioId + ": 0x" + Long.toHexString(ids));
        }
    }

    private Place place(int type) {
        int at = client.findCapability(VENDOR_CAPABILITY, 0);
        while (at != 0) {
            if (config(at + 3, 1) == type) {
                int multiplier = type == NOTIFY ? (int) config(at + 16, 4) : 0;
                return new Place((int) config(at + 4, 1), config(at + 8, 4), (int) config(at + 12, 4), multiplier);
            }
            at = client.findCapability(VENDOR_CAPABILITY, at);
        }
        throw new IllegalStateException("no capability for structure " + type);
    }

    private long feature(int half) {
        put(DEVICE_FEATURE_SELECT, 4, half);
        return get(DEVICE_FEATURE, 4);
    }

    /** What the device offered. */
    public long offeredFeatures() {
        return offeredFeatures;
    }

    /** How many queues the device has. */
    public int deviceQueues() {
        return (int) get(NUM_QUEUES, 2);
    }

    /**
     * Chooses features.
     *
     * @throws DeviceRefusedException if the device does not like them
     */
    public void accept(long features) {
        for (int half = 0; half < 2; half++) {
            put(DRIVER_FEATURE_SELECT, 4, half);
            put(DRIVER_FEATURE, 4, features >>> (32 * half));
        }
        setStatus(ACKNOWLEDGE | DRIVER | FEATURES_OK);
        if ((status() & FEATURES_OK) == 0) {
            throw new DeviceRefusedException("FEATURES_OK was withheld");
        }
    }

    /**
     * How to notify the device of a queue.
     *
     * @throws DeviceRefusedException if it has not that many entries
     */
    public Runnable doorbell(int queue, int size) {
        put(QUEUE_SELECT, 2, queue);
        int largest = (int) get(QUEUE_SIZE, 2);
        if (largest < size) {
            throw new DeviceRefusedException("queue " + queue + " has at most " + largest + " entries");
        }
        long at = notify.offset + get(QUEUE_NOTIFY_OFF, 2) * notify.multiplier;
        if (at - notify.offset + 2 > notify.length) {
            throw new IllegalStateException("the doorbell of queue " + queue + " is outside the notify structure");
        }
        byte[] number = VfioUserClient.little(2, queue);
        return () -> client.post(notify.bar, at, number);
    }

    /**
     * Starts queues 0, 1 and so on, each with a vector of its own, and the device.
     *
     * @param calls what each queue's interrupt raises
     */
    public void start(List<? extends Ring> rings, List<EventFd> calls) {
        List<EventFd> vectors = new ArrayList<>();
        vectors.add(configChange);
        vectors.addAll(calls);
        client.enableInterrupts(vectors);
        put(CONFIG_MSIX_VECTOR, 2, 0);
        for (int i = 0; i < rings.size(); i++) {
            Ring ring = rings.get(i);
            put(QUEUE_SELECT, 2, i);
            put(QUEUE_SIZE, 2, ring.size());
            put(QUEUE_MSIX_VECTOR, 2, i + 1);
            if (get(QUEUE_MSIX_VECTOR, 2) != i + 1) {
                throw new DeviceRefusedException("no vector for queue " + i);
            }
            putAddress(QUEUE_DESC, ring.descriptors());
            putAddress(QUEUE_DRIVER, ring.driverArea());
            putAddress(QUEUE_DEVICE, ring.deviceArea());
            put(QUEUE_ENABLE, 2, 1);
        }
        setStatus(ACKNOWLEDGE | DRIVER | FEATURES_OK | DRIVER_OK);
    }

    /** Section 4.1.3.1: a driver writes 64 bits as two times 32. */
    private void putAddress(int field, long address) {
        put(field, 4, address);
        put(field + 4, 4, address >>> 32);
    }

    private long config(int offset, int bytes) {
        return client.get(VfioUser.REGION_CONFIG, offset, bytes);
    }

    private long get(int field, int bytes) {
        return client.get(common.bar, common.offset + field, bytes);
    }

    private void put(int field, int bytes, long value) {
        client.put(common.bar, common.offset + field, bytes, value);
    }

    /** Reads the device status. */
    public int status() {
        return (int) get(DEVICE_STATUS, 1);
    }

    /** Writes the device status; 0 resets the device. */
    public void setStatus(int status) {
        put(DEVICE_STATUS, 1, status);
    }

    /** The device's own configuration space. */
    public byte[] deviceConfig(int bytes) {
        return client.read(deviceConfig.bar, deviceConfig.offset, bytes);
    }

    /** Writes a field of 32 bits there. */
    public void setDeviceConfig(int offset, int value) {
        client.put(deviceConfig.bar, deviceConfig.offset + offset, 4, value);
    }

    /** The carrier, for messages of the test's own. */
    public VfioUserClient client() {
        return client;
    }

    /** Hangs up. */
    @Override
    public void close() {
        client.close();
        configChange.close();
    }
}
