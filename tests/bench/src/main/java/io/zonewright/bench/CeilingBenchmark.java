package io.zonewright.bench;

import static io.zonewright.bench.Disks.ZONE_BYTES;

import io.zonewright.posix.Mapping;
import io.zonewright.posix.Posix;
import io.zonewright.testkit.blk.VirtioBlk;
import io.zonewright.virtio.queue.DescriptorChain;
import io.zonewright.virtio.queue.SplitVirtqueue;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * The least that the requests of {@link VirtioBlkBenchmark} can cost over our ring: the same driver, the ring walked, the
 * data copied from or to 64 MiB of memory that is always there, a status, the used ring. No header is looked at.
 */
public class CeilingBenchmark extends Measured {
    private static final int HEADER_BYTES = 16;
    private static final int SMALL = 4 << 10;
    private static final int LARGE = 128 << 10;
    private static final long STORE_BYTES = (long) VirtioBlkBenchmark.ZONES * ZONE_BYTES;

    /** A driver, a ring and some memory, in one thread. */
    @State(Scope.Thread)
    @SuppressWarnings("NullAway.Init") // by open(), before all else
    public abstract static class Probe {
        /** Requests that the driver shows at once. */
        @Param("32")
        public int batch;

        private final boolean reads;
        private final int bytes;
        private Mapping store;
        private BlkDriver driver;
        private SplitVirtqueue queue;
        private final DescriptorChain chain = new DescriptorChain();
        private long at;

        Probe(boolean reads, int bytes) {
            this.reads = reads;
            this.bytes = bytes;
        }

        @Setup
        public void open() {
            store = Mapping.anonymous(Posix.system(), STORE_BYTES);
            store.segment().fill((byte) 1);
            driver = new BlkDriver(reads ? VirtioBlk.T_IN : VirtioBlk.T_OUT, bytes);
            queue = driver.ring().device();
        }

        @TearDown
        public void close() {
            driver.close();
            store.close();
        }

        void run() {
            for (int done = 0; done < REQUESTS; done += batch) {
                for (int slot = 0; slot < batch; slot++) {
                    driver.offer(slot, at / VirtioBlk.SECTOR);
                }
                driver.ring().show(batch);
                while (queue.next(chain)) {
                    if (reads) {
                        chain.writeWritable(0, store.segment(), at, bytes);
                    } else {
                        chain.copyReadable(HEADER_BYTES, store.segment(), at, bytes);
                    }
                    at = (at + bytes) % STORE_BYTES;
                    chain.writeByte(chain.writableBytes() - 1, (byte) 0);
                    queue.complete(chain.id(), chain.writableBytes());
                }
                queue.publish();
                driver.requireGood(batch);
            }
        }
    }

    /** Reads of 4 KiB. */
    public static class Read4k extends Probe {
        public Read4k() {
            super(true, SMALL);
        }
    }

    /** Writes of 4 KiB. */
    public static class Write4k extends Probe {
        public Write4k() {
            super(false, SMALL);
        }
    }

    /** Reads of 128 KiB. */
    public static class Read128k extends Probe {
        public Read128k() {
            super(true, LARGE);
        }
    }

    /** Writes of 128 KiB. */
    public static class Write128k extends Probe {
        public Write128k() {
            super(false, LARGE);
        }
    }

    @Benchmark
    @OperationsPerInvocation(REQUESTS)
    public void read4k(Read4k probe) {
        probe.run();
    }

    @Benchmark
    @OperationsPerInvocation(REQUESTS)
    public void write4k(Write4k probe) {
        probe.run();
    }

    @Benchmark
    @OperationsPerInvocation(REQUESTS)
    public void read128k(Read128k probe) {
        probe.run();
    }

    @Benchmark
    @OperationsPerInvocation(REQUESTS)
    public void write128k(Write128k probe) {
        probe.run();
    }
}
