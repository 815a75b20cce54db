package io.zonewright.bench;

import io.zonewright.posix.Posix;
import io.zonewright.testkit.guest.GuestMemory;
import io.zonewright.virtio.queue.DescriptorChain;
import io.zonewright.virtio.queue.SplitVirtqueue;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** What a chain costs on its way through a split ring: taken, given back, shown to the driver; no data is touched. */
public class VirtqueueBenchmark extends Measured {
    private static final int HEADER_BYTES = 16;
    private static final int DATA_BYTES = 4096;
    private static final int PARTS = 3;

    /** How a request is laid out in descriptors. */
    public enum Shape {
        /** One descriptor. */
        DIRECT,
        /** Header, data and status in a chain of three. */
        CHAINED,
        /** The same in an indirect table, as Linux does it. */
        INDIRECT
    }

    /** A ring with 32 requests laid out, and the device's half. */
    @State(Scope.Thread)
    @SuppressWarnings("NullAway.Init") // by open(), before all else
    public static class Ring {
        @Param({"DIRECT", "CHAINED", "INDIRECT"})
        public Shape shape;

        /** Requests that the driver shows at once. */
        @Param({"1", "32"})
        public int batch;

        GuestMemory memory;
        GuestRing driver;
        SplitVirtqueue device;
        final DescriptorChain chain = new DescriptorChain();
        final int[] heads = new int[REQUESTS];

        @Setup
        public void open() {
            memory = new GuestMemory(Posix.system(), 1 << 20);
            driver = new GuestRing(memory, 128);
            device = driver.device();
            for (int i = 0; i < REQUESTS; i++) {
                heads[i] = i * PARTS;
                layOut(heads[i]);
            }
        }

        @TearDown
        public void close() {
            memory.close();
        }

        private void layOut(int head) {
            long header = memory.allocate(0, HEADER_BYTES, 16);
            long data = memory.allocate(0, DATA_BYTES, DATA_BYTES);
            long status = memory.allocate(0, 1, 1);
            switch (shape) {
                case DIRECT -> driver.descriptor(head, data, DATA_BYTES, GuestRing.WRITE, 0);
                case CHAINED -> {
                    driver.descriptor(head, header, HEADER_BYTES, GuestRing.NEXT, head + 1);
                    driver.descriptor(head + 1, data, DATA_BYTES, GuestRing.WRITE | GuestRing.NEXT, head + 2);
                    driver.descriptor(head + 2, status, 1, GuestRing.WRITE, 0);
                }
                case INDIRECT -> {
                    long table = memory.allocate(0, PARTS * GuestRing.DESCRIPTOR_BYTES, GuestRing.DESCRIPTOR_BYTES);
                    driver.put(table, header, HEADER_BYTES, GuestRing.NEXT, 1);
                    driver.put(table + 16, data, DATA_BYTES, GuestRing.WRITE | GuestRing.NEXT, 2);
                    driver.put(table + 32, status, 1, GuestRing.WRITE, 0);
                    driver.descriptor(head, table, PARTS * GuestRing.DESCRIPTOR_BYTES, GuestRing.INDIRECT, 0);
                }
            }
        }
    }

    @Benchmark
    @OperationsPerInvocation(REQUESTS)
    public void takeCompletePublish(Ring state) {
        for (int done = 0; done < REQUESTS; done += state.batch) {
            for (int i = 0; i < state.batch; i++) {
                state.driver.offer(state.heads[done + i]);
            }
            state.driver.show(state.batch);
            while (state.device.next(state.chain)) {
                state.device.complete(state.chain.id(), state.chain.writableBytes());
            }
            state.device.publish();
            state.driver.requireAllUsed();
        }
    }
}
