package io.zonewright.bench;

import io.zonewright.runtime.Counters;
import io.zonewright.runtime.memory.GuestRegion;
import io.zonewright.testkit.guest.GuestMemory;
import io.zonewright.virtio.VirtioFeatures;
import io.zonewright.virtio.queue.QueueCounter;
import io.zonewright.virtio.queue.RingAddresses;
import io.zonewright.virtio.queue.RingListener;
import io.zonewright.virtio.queue.SplitVirtqueue;
import io.zonewright.virtio.queue.Virtqueue;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.List;

/**
 * A driver's half of a split ring with EVENT_IDX (virtio 1.3, section 2.7), as cheap as can be: descriptors are written
 * once, and a request is one entry of the available ring. One thread is driver and device in turn, so that the figures
 * hold no transfer of cache lines between cores.
 */
final class GuestRing {
    static final int NEXT = 1;
    static final int WRITE = 2;
    static final int INDIRECT = 4;
    static final int DESCRIPTOR_BYTES = 16;

    /** What a stock Linux driver accepts of what the library offers. */
    static final long FEATURES = VirtioFeatures.VERSION_1 | VirtioFeatures.INDIRECT_DESC | VirtioFeatures.EVENT_IDX;

    private static final int RING_BYTES_BEFORE_ENTRIES = 4;
    private static final VarHandle U16 = ValueLayout.JAVA_SHORT
            .withOrder(ByteOrder.LITTLE_ENDIAN)
            .varHandle()
            .withInvokeExactBehavior();

    private final GuestMemory memory;
    private final MemorySegment segment;
    private final int size;
    private final long descriptors;
    private final long available;
    private final long used;
    private final SplitVirtqueue device;
    private long notifications;
    private int next;

    /**
     * Takes memory for the ring from region 0 and sets up the device's half.
     *
     * @param size entries, a power of two
     */
    GuestRing(GuestMemory memory, int size) {
        this.memory = memory;
        this.size = size;
        GuestMemory.Region region = memory.regions().getFirst();
        segment = region.mapping().segment();
        descriptors = memory.allocate(0, (long) DESCRIPTOR_BYTES * size, DESCRIPTOR_BYTES);
        available = memory.allocate(0, RING_BYTES_BEFORE_ENTRIES + 2L * size + 2, 2);
        used = memory.allocate(0, RING_BYTES_BEFORE_ENTRIES + 8L * size + 2, 4);
        RingAddresses addresses = new RingAddresses(
                memory.userAddress(descriptors), memory.userAddress(available), memory.userAddress(used));
        device =
                new SplitVirtqueue(0, size, 0, addresses, FEATURES, new Listener(), new Counters<>(QueueCounter.class));
        GuestRegion mapped = new GuestRegion(region.guestAddress(), region.userAddress(), segment);
        if (!device.rebind(new io.zonewright.runtime.memory.GuestMemory(List.of(mapped)))) {
            throw new IllegalStateException("the ring is not inside of the memory");
        }
        device.resume();
    }

    /** The device's half. */
    SplitVirtqueue device() {
        return device;
    }

    /** How often the device would have interrupted the driver. */
    long notifications() {
        return notifications;
    }

    /** Writes a descriptor of the ring. */
    void descriptor(int index, long address, int bytes, int flags, int successor) {
        put(descriptors + (long) DESCRIPTOR_BYTES * index, address, bytes, flags, successor);
    }

    /** Writes a descriptor at a guest address: a table of them is {@link #INDIRECT}. */
    void put(long at, long address, int bytes, int flags, int successor) {
        memory.putU64(at, address);
        memory.putU32(at + 8, bytes);
        memory.putU16(at + 12, flags);
        memory.putU16(at + 14, successor);
    }

    /** Puts a chain into the next available entry, which the device does not see before {@link #show}. */
    void offer(int head) {
        U16.setOpaque(segment, available + RING_BYTES_BEFORE_ENTRIES + 2L * (next & size - 1), (short) head);
        next = next + 1 & 0xFFFF;
    }

    /** Shows what was offered, and asks for an interrupt when the first of it is used, as Linux does. */
    void show(int offered) {
        U16.setOpaque(segment, available + RING_BYTES_BEFORE_ENTRIES + 2L * size, (short) (next - offered));
        U16.setRelease(segment, available + 2, (short) next);
    }

    /** Fails unless the device has used all that was shown. */
    void requireAllUsed() {
        short index = (short) U16.getAcquire(segment, used + 2);
        if (index != (short) next) {
            throw new IllegalStateException("used index " + index + " of " + (short) next);
        }
    }

    private final class Listener implements RingListener {
        @Override
        public void notifyDriver(Virtqueue queue) {
            notifications++;
        }

        @Override
        public void ringFailed(Virtqueue queue, String reason) {
            throw new IllegalStateException(reason);
        }
    }
}
