package io.zonewright.bench;

import io.zonewright.bench.VirtqueueBenchmark.Shape;
import io.zonewright.posix.Posix;
import io.zonewright.runtime.Counters;
import io.zonewright.runtime.memory.GuestRegion;
import io.zonewright.testkit.guest.GuestMemory;
import io.zonewright.virtio.VirtioFeatures;
import io.zonewright.virtio.queue.DescriptorChain;
import io.zonewright.virtio.queue.PackedVirtqueue;
import io.zonewright.virtio.queue.QueueCounter;
import io.zonewright.virtio.queue.RingAddresses;
import io.zonewright.virtio.queue.RingFormat;
import io.zonewright.virtio.queue.RingListener;
import io.zonewright.virtio.queue.Virtqueue;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * {@link VirtqueueBenchmark} over a packed ring. The driver's half is in the figure here as there, and costs more: the device
 * overwrites descriptors, so the driver writes them anew for each request, where that of a split ring writes one number.
 */
public class PackedVirtqueueBenchmark extends Measured {
    private static final int HEADER_BYTES = 16;
    private static final int DATA_BYTES = 4096;
    private static final int PARTS = 3;
    private static final int SIZE = 128;

    /** A driver's half with EVENT_IDX (virtio 1.3, section 2.8), and the device's. */
    @State(Scope.Thread)
    @SuppressWarnings("NullAway.Init") // by open(), before all else
    public static class Ring {
        private static final int NEXT = 1;
        private static final int WRITE = 2;
        private static final int INDIRECT = 4;
        private static final int AVAIL = 0x80;
        private static final int USED = 0x8000;
        private static final int DESCRIPTOR_BYTES = 16;
        private static final VarHandle U16 = ValueLayout.JAVA_SHORT
                .withOrder(ByteOrder.LITTLE_ENDIAN)
                .varHandle()
                .withInvokeExactBehavior();
        private static final VarHandle U32 = ValueLayout.JAVA_INT
                .withOrder(ByteOrder.LITTLE_ENDIAN)
                .varHandle()
                .withInvokeExactBehavior();
        private static final VarHandle U64 = ValueLayout.JAVA_LONG
                .withOrder(ByteOrder.LITTLE_ENDIAN)
                .varHandle()
                .withInvokeExactBehavior();

        @Param({"DIRECT", "CHAINED", "INDIRECT"})
        public Shape shape;

        /** Requests that the driver shows at once. */
        @Param({"1", "32"})
        public int batch;

        GuestMemory memory;
        PackedVirtqueue device;
        final DescriptorChain chain = new DescriptorChain();
        private MemorySegment segment;
        private long descriptors;
        private long driverEvent;
        private final long[] headers = new long[REQUESTS];
        private final long[] data = new long[REQUESTS];
        private final long[] statuses = new long[REQUESTS];
        private final long[] tables = new long[REQUESTS];
        private int place;
        private int marks = AVAIL;
        private long first;
        private int firstFlags;
        private int usedPlace;
        private int usedMarks = AVAIL | USED;

        @Setup
        public void open() {
            memory = new GuestMemory(Posix.system(), 1 << 20);
            GuestMemory.Region region = memory.regions().getFirst();
            segment = region.mapping().segment();
            descriptors = memory.allocate(0, (long) DESCRIPTOR_BYTES * SIZE, DESCRIPTOR_BYTES);
            driverEvent = memory.allocate(0, 4, 4);
            long deviceEvent = memory.allocate(0, 4, 4);
            device = new PackedVirtqueue(
                    0,
                    SIZE,
                    RingFormat.PACKED.freshBase(),
                    new RingAddresses(
                            memory.userAddress(descriptors),
                            memory.userAddress(driverEvent),
                            memory.userAddress(deviceEvent)),
                    GuestRing.FEATURES | VirtioFeatures.RING_PACKED,
                    new Listener(),
                    new Counters<>(QueueCounter.class));
            GuestRegion mapped = new GuestRegion(region.guestAddress(), region.userAddress(), segment);
            if (!device.rebind(new io.zonewright.runtime.memory.GuestMemory(List.of(mapped)))) {
                throw new IllegalStateException("the ring is not inside of the memory");
            }
            device.resume();
            for (int i = 0; i < REQUESTS; i++) {
                headers[i] = memory.allocate(0, HEADER_BYTES, 16);
                data[i] = memory.allocate(0, DATA_BYTES, DATA_BYTES);
                statuses[i] = memory.allocate(0, 1, 1);
                tables[i] = memory.allocate(0, PARTS * DESCRIPTOR_BYTES, DESCRIPTOR_BYTES);
                put(tables[i], headers[i], HEADER_BYTES, i, 0);
                put(tables[i] + 16, data[i], DATA_BYTES, i, WRITE);
                put(tables[i] + 32, statuses[i], 1, i, WRITE);
            }
        }

        @TearDown
        public void close() {
            memory.close();
        }

        void offer(int request, boolean isFirst) {
            if (isFirst) {
                first = descriptors + (long) DESCRIPTOR_BYTES * place;
            }
            switch (shape) {
                case DIRECT -> next(data[request], DATA_BYTES, request, WRITE, isFirst);
                case CHAINED -> {
                    next(headers[request], HEADER_BYTES, request, NEXT, isFirst);
                    next(data[request], DATA_BYTES, request, WRITE | NEXT, false);
                    next(statuses[request], 1, request, WRITE, false);
                }
                case INDIRECT -> next(tables[request], PARTS * DESCRIPTOR_BYTES, request, INDIRECT, isFirst);
            }
        }

        /** The flags of the first descriptor of a batch wait for {@link #show}. */
        private void next(long address, int bytes, int id, int flags, boolean held) {
            long at = descriptors + (long) DESCRIPTOR_BYTES * place;
            int marked = flags | marks;
            if (held) {
                firstFlags = marked;
                marked = (short) U16.getOpaque(segment, at + 14);
            }
            put(at, address, bytes, id, marked);
            if (++place == SIZE) {
                place = 0;
                marks ^= AVAIL | USED;
            }
        }

        private void put(long at, long address, int bytes, int id, int flags) {
            U64.setOpaque(segment, at, address);
            U32.setOpaque(segment, at + 8, bytes);
            U16.setOpaque(segment, at + 12, (short) id);
            U16.setOpaque(segment, at + 14, (short) flags);
        }

        /** Shows the batch, and asks for an interrupt when the first of it is used. */
        void show() {
            int position = usedPlace | (usedMarks == 0 ? 0 : 0x8000);
            U32.setOpaque(segment, driverEvent, 2 << 16 | position);
            U16.setRelease(segment, first + 14, (short) firstFlags);
        }

        /** Fails unless the device has used the next request. */
        void requireUsed() {
            int flags = (short) U16.getAcquire(segment, descriptors + (long) DESCRIPTOR_BYTES * usedPlace + 14);
            if ((flags & (AVAIL | USED)) != usedMarks) {
                throw new IllegalStateException("place " + usedPlace + " is not used");
            }
            usedPlace += shape == Shape.CHAINED ? PARTS : 1;
            if (usedPlace >= SIZE) {
                usedPlace -= SIZE;
                usedMarks ^= AVAIL | USED;
            }
        }
    }

    @Benchmark
    @OperationsPerInvocation(REQUESTS)
    public void takeCompletePublish(Ring state) {
        for (int done = 0; done < REQUESTS; done += state.batch) {
            for (int i = 0; i < state.batch; i++) {
                state.offer(done + i, i == 0);
            }
            state.show();
            while (state.device.next(state.chain)) {
                state.device.complete(state.chain.id(), state.chain.writableBytes());
            }
            state.device.publish();
            for (int i = 0; i < state.batch; i++) {
                state.requireUsed();
            }
        }
    }

    private static final class Listener implements RingListener {
        @Override
        public void notifyDriver(Virtqueue queue) {
            // Nobody waits.
        }

        @Override
        public void ringFailed(Virtqueue queue, String reason) {
            throw new IllegalStateException(reason);
        }
    }
}
