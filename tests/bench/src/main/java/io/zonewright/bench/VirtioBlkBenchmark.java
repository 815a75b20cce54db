package io.zonewright.bench;

import static io.zonewright.bench.Disks.ZONE_BYTES;

import io.zonewright.frontend.virtioblk.QueueOfDevice;
import io.zonewright.testkit.blk.VirtioBlk;
import io.zonewright.testkit.device.TestDevice;
import io.zonewright.virtio.QueueHandler;
import io.zonewright.virtio.queue.SplitVirtqueue;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * A request's whole way: available ring, virtio-blk, engine, null-zoned, status, used ring. What is missing is what the
 * process cannot see: kicks and interrupts, and the guest on another core. {@link CeilingBenchmark} is what the same
 * ring and the same copy cost without anything in between.
 */
public class VirtioBlkBenchmark extends Measured {
    /** Zones in use: 64 MiB. */
    static final int ZONES = 16;

    private static final int RING_SIZE = 128;
    private static final int LIMIT = 64;
    private static final int SMALL = 4 << 10;
    private static final int LARGE = 128 << 10;

    /** Driver, queue and device, in one thread. */
    @State(Scope.Thread)
    @SuppressWarnings("NullAway.Init") // by open(), before all else
    public abstract static class Stack {
        /** Of null-zoned: {@code discard} copies nothing and reads zeroes, which leaves the cost of the path itself. */
        @Param({"keep", "discard"})
        public String data;

        /** Requests that the driver shows at once. */
        @Param("32")
        public int batch;

        private final int type;
        private final int bytes;
        private TestDevice device;
        private BlkDriver driver;
        private SplitVirtqueue queue;
        private QueueHandler handler;
        private long at;
        private boolean used;

        Stack(int type, int bytes) {
            this.type = type;
            this.bytes = bytes;
        }

        @Setup
        public void open() {
            device = Disks.nullZoned(ZONES, data);
            if (type == VirtioBlk.T_IN) {
                new Client(device.device(), 0, ZONES, 1).fill();
            }
            driver = new BlkDriver(type, bytes);
            queue = driver.ring().device();
            handler = QueueOfDevice.open(device.device(), RING_SIZE);
            handler.start(queue, GuestRing.FEATURES | VirtioBlk.F_ZONED);
        }

        @TearDown
        public void close() {
            handler.stop();
            driver.close();
            device.close();
        }

        /** 32 requests, in ascending order through all zones; a zone that was written before is reset on the way. */
        void run() {
            for (int done = 0; done < REQUESTS; done += batch) {
                for (int slot = 0; slot < batch; slot++) {
                    offer(slot);
                }
                driver.ring().show(batch);
                process();
                driver.requireGood(batch);
            }
        }

        private void offer(int slot) {
            long inZone = at % ZONE_BYTES;
            if (inZone == 0 && used && type != VirtioBlk.T_IN) {
                reset(slot);
            }
            boolean append = type == VirtioBlk.T_ZONE_APPEND;
            driver.offer(slot, (append ? at - inZone : at) / VirtioBlk.SECTOR);
            at += bytes;
            if (at == (long) ZONES * ZONE_BYTES) {
                at = 0;
                used = true;
            }
        }

        /** @param offered requests that the driver has offered and not yet shown */
        private void reset(int offered) {
            driver.offerReset(at / VirtioBlk.SECTOR);
            driver.ring().show(offered + 1);
            process();
            driver.requireGoodReset();
        }

        private void process() {
            while (handler.process(LIMIT) != 0) {
                queue.publish();
            }
        }
    }

    /** Reads of 4 KiB. */
    public static class Read4k extends Stack {
        public Read4k() {
            super(VirtioBlk.T_IN, SMALL);
        }
    }

    /** Writes of 4 KiB. */
    public static class Write4k extends Stack {
        public Write4k() {
            super(VirtioBlk.T_OUT, SMALL);
        }
    }

    /** Zone appends of 4 KiB. */
    public static class Append4k extends Stack {
        public Append4k() {
            super(VirtioBlk.T_ZONE_APPEND, SMALL);
        }
    }

    /** Reads of 128 KiB. */
    public static class Read128k extends Stack {
        public Read128k() {
            super(VirtioBlk.T_IN, LARGE);
        }
    }

    /** Writes of 128 KiB. */
    public static class Write128k extends Stack {
        public Write128k() {
            super(VirtioBlk.T_OUT, LARGE);
        }
    }

    @Benchmark
    @OperationsPerInvocation(REQUESTS)
    public void read4k(Read4k stack) {
        stack.run();
    }

    @Benchmark
    @OperationsPerInvocation(REQUESTS)
    public void write4k(Write4k stack) {
        stack.run();
    }

    @Benchmark
    @OperationsPerInvocation(REQUESTS)
    public void append4k(Append4k stack) {
        stack.run();
    }

    @Benchmark
    @OperationsPerInvocation(REQUESTS)
    public void read128k(Read128k stack) {
        stack.run();
    }

    @Benchmark
    @OperationsPerInvocation(REQUESTS)
    public void write128k(Write128k stack) {
        stack.run();
    }
}
