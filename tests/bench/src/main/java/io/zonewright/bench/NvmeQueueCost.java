package io.zonewright.bench;

import io.zonewright.testkit.device.TestDevice;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Locale;

/**
 * What a 4 KiB command costs the thread that serves an NVMe queue of a virtual machine: reads, writes and appends, over 64
 * and over 65,536 zones, in turns within one run. Server and driver are turned by one thread, batches of 32 are timed
 * one by one, and the figure is the median batch: so it holds on a machine that does other work too. The medium discards
 * data (reads zero it). Beside it the bare copy of the same bytes. Run by {@code tests/bench/run --nvme-cost}.
 */
public final class NvmeQueueCost {
    private static final int FEW = 64;
    private static final int MANY = 65_536;
    private static final int BLOCK = 4096;
    private static final long ZONE_BLOCKS = Disks.ZONE_BYTES / BLOCK;
    /** Zones that are written in turn, so that the table is walked and not one place in it. */
    private static final int BATCHES = 8_192;

    private static final int BATCH = NvmeQueueByHand.BATCH;
    private static final String[] KINDS = {"read", "write", "append"};

    private NvmeQueueCost() {}

    /**
     * Prints the figures.
     *
     * @param args rounds; default 9
     */
    public static void main(String[] args) {
        int rounds = args.length == 0 ? 9 : Integer.parseInt(args[0]);
        try (TestDevice few = Disks.nullZoned(FEW, "discard");
                TestDevice many = Disks.nullZoned(MANY, "discard");
                Subject small = new Subject(few, FEW);
                Subject large = new Subject(many, MANY)) {
            double[][][] figures = new double[KINDS.length][2][rounds];
            double[] copies = new double[rounds];
            for (int i = -2; i < rounds; i++) {
                for (int kind = 0; kind < KINDS.length; kind++) {
                    double a = small.measure(kind);
                    double b = large.measure(kind);
                    if (i >= 0) {
                        figures[kind][0][i] = a;
                        figures[kind][1][i] = b;
                    }
                }
                double copy = copy();
                if (i >= 0) {
                    copies[i] = copy;
                }
            }
            for (int kind = 0; kind < KINDS.length; kind++) {
                double a = median(figures[kind][0]);
                double b = median(figures[kind][1]);
                System.out.println(String.format(
                        Locale.ROOT,
                        "nvme vfio-user %-6s 4 KiB: %d zones %.1f ns, %d zones %.1f ns, ratio %.3f",
                        KINDS[kind],
                        FEW,
                        a,
                        MANY,
                        b,
                        b / a));
            }
            System.out.println(String.format(Locale.ROOT, "copy of 4 KiB: %.1f ns", median(copies)));
        }
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    private static double copy() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment store = arena.allocate(64L << 20, BLOCK);
            MemorySegment pages = arena.allocate((long) BATCH * BLOCK, BLOCK);
            store.fill((byte) 1);
            long[] times = new long[BATCHES];
            long block = 0;
            for (int i = 0; i < BATCHES; i++) {
                long before = System.nanoTime();
                for (int j = 0; j < BATCH; j++) {
                    MemorySegment.copy(store, block * BLOCK, pages, (long) j * BLOCK, BLOCK);
                    block = (block + 1) % (store.byteSize() / BLOCK);
                }
                times[i] = System.nanoTime() - before;
            }
            Arrays.sort(times);
            return (double) times[BATCHES / 2] / BATCH;
        }
    }

    /** One device behind its queue. A batch of writes or appends goes to as many zones; full ones are reset apart. */
    private static final class Subject implements AutoCloseable {
        private final NvmeQueueByHand queue;
        private final int groups;
        private final long[] times = new long[BATCHES];
        private int group;
        private int level;

        Subject(TestDevice device, int zones) {
            queue = new NvmeQueueByHand(device.device());
            groups = zones / BATCH;
        }

        double measure(int kind) {
            for (int i = 0; i < BATCHES; i++) {
                times[i] = batch(kind);
            }
            Arrays.sort(times);
            return (double) times[BATCHES / 2] / BATCH;
        }

        private long batch(int kind) {
            int first = group * BATCH;
            for (int i = 0; i < BATCH; i++) {
                long start = (first + i) * ZONE_BLOCKS;
                switch (kind) {
                    case 0 -> queue.offer(NvmeQueueByHand.READ, start + level, 0);
                    case 1 -> queue.offer(NvmeQueueByHand.WRITE, start + level, 0);
                    default -> queue.offer(NvmeQueueByHand.ZONE_APPEND, start, 0);
                }
            }
            long nanos = queue.turn();
            group++;
            if (group == groups) {
                group = 0;
                level += kind == 0 ? 0 : 1;
                if (level == ZONE_BLOCKS) {
                    reset();
                }
            }
            return nanos;
        }

        private void reset() {
            level = 0;
            for (int zone = 0; zone < groups * BATCH; zone += BATCH) {
                for (int i = 0; i < BATCH; i++) {
                    queue.offer(NvmeQueueByHand.ZONE_SEND, (zone + i) * ZONE_BLOCKS, NvmeQueueByHand.RESET);
                }
                queue.turn();
            }
        }

        @Override
        public void close() {
            queue.close();
        }
    }
}
