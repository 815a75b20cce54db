package io.zonewright.bench;

import io.zonewright.posix.Posix;
import io.zonewright.testkit.device.TestDevice;
import io.zonewright.testkit.guest.GuestMemory;
import io.zonewright.testkit.nvme.NvmeRequest;
import io.zonewright.testkit.nvme.Sqe;
import io.zonewright.testkit.nvme.pcie.NvmePcieHost;
import io.zonewright.testkit.nvme.pcie.PcieOptions;
import io.zonewright.testkit.nvme.pcie.PcieOptions.Doorbells;
import io.zonewright.testkit.nvme.pcie.PcieQueue;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntConsumer;

/**
 * 4 KiB commands at depth 32 on an NVMe queue behind vfio-user, with a mapped doorbell page, against a probe that walks the
 * same ring in the driver's own thread, copies the same bytes and does nothing else; in turns
 * within one run; only the ratios mean something. Run by {@code tests/bench/run --nvme-ring}.
 */
public final class NvmeRingComparison {
    private static final int BLOCK = 4096;
    private static final int DEPTH = 32;
    private static final int SIZE = 128;
    private static final int ROUNDS = 5;
    private static final int READ = 0x02;
    private static final long STORE_BYTES = 64L << 20;
    private static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong U64 = ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle WORD = U32.varHandle();

    private NvmeRingComparison() {}

    /**
     * Prints the figures.
     *
     * @param args milliseconds of a turn; default 1000
     */
    public static void main(String[] args) {
        long turnNanos = (args.length == 0 ? 1_000L : Long.parseLong(args[0])) * 1_000_000;
        try (TestDevice device = TestDevice.over(
                "null-zoned", Map.of("model", "none", "size", "64MiB", "block-size", Integer.toString(BLOCK)))) {
            Path socket = device.start("nvme-zns", "vfio-user", Map.of("doorbells", "mapped"));
            fill(socket);
            double[] ours = new double[ROUNDS];
            double[] theirs = new double[ROUNDS];
            real(socket, turnNanos);
            bare(turnNanos);
            for (int i = 0; i < ROUNDS; i++) {
                ours[i] = real(socket, turnNanos);
                theirs[i] = bare(turnNanos);
            }
            Arrays.sort(ours);
            Arrays.sort(theirs);
            System.out.println(String.format(
                    Locale.ROOT,
                    "nvme vfio-user read 4 KiB depth %d, doorbells mapped: %.0f/s; probe %.0f/s; ratio %.2f",
                    DEPTH,
                    ours[ROUNDS / 2],
                    theirs[ROUNDS / 2],
                    ours[ROUNDS / 2] / theirs[ROUNDS / 2]));
        }
    }

    private static PcieOptions options() {
        return PcieOptions.DEFAULT.withQueues(1, SIZE).with(Doorbells.MAPPED).polling();
    }

    private static void fill(Path socket) {
        byte[] data = new byte[64 << 10];
        Arrays.fill(data, (byte) 1);
        try (NvmePcieHost host = NvmePcieHost.connect(Posix.system(), socket, PcieOptions.DEFAULT)) {
            for (long lba = 0; lba < STORE_BYTES / BLOCK; lba += data.length / BLOCK) {
                if (host.run(NvmeRequest.write(1, lba, BLOCK, data)).status() != 0) {
                    throw new IllegalStateException("cannot fill the device");
                }
            }
        }
    }

    /** Attached for one turn only, so that the device's polling thread takes nothing from the probe's turn. */
    private static double real(Path socket, long turnNanos) {
        try (NvmePcieHost host = NvmePcieHost.connect(Posix.system(), socket, options())) {
            if (!host.doorbellsMapped()) {
                throw new IllegalStateException("the device offers no doorbells to map");
            }
            PcieQueue queue = host.queue(1);
            return new Driver(
                            host.memory(),
                            queue.submissions(),
                            queue.completions(),
                            queue::ringRaw,
                            queue::ringCompletionRaw)
                    .run(turnNanos);
        }
    }

    private static double bare(long turnNanos) {
        try (GuestMemory memory = new GuestMemory(Posix.system(), 16L << 20);
                Probe probe = new Probe(memory)) {
            return new Driver(memory, probe.submissions, probe.completions, probe::ring, head -> {}).run(turnNanos);
        }
    }

    /** Keeps {@link #DEPTH} reads in flight, each slot with a page of its own. */
    private static final class Driver {
        private final MemorySegment submissions;
        private final MemorySegment completions;
        private final IntConsumer submissionBell;
        private final IntConsumer completionBell;
        private final long[] pages = new long[DEPTH];
        private int tail;
        private int head;
        private int phase = 1;
        private long next;

        Driver(GuestMemory memory, long sq, long cq, IntConsumer submissionBell, IntConsumer completionBell) {
            submissions = memory.slice(sq, (long) SIZE * Sqe.BYTES);
            completions = memory.slice(cq, (long) SIZE * 16);
            this.submissionBell = submissionBell;
            this.completionBell = completionBell;
            for (int i = 0; i < DEPTH; i++) {
                pages[i] = memory.allocate(0, BLOCK, BLOCK);
            }
        }

        private void offer(int cid) {
            long at = (long) tail * Sqe.BYTES;
            submissions.asSlice(at, Sqe.BYTES).fill((byte) 0);
            submissions.set(U32, at, READ | cid << 16);
            submissions.set(U32, at + 4, 1);
            submissions.set(U64, at + 24, pages[cid]);
            submissions.set(U64, at + 40, next);
            next = (next + 1) % (STORE_BYTES / BLOCK);
            tail = (tail + 1) % SIZE;
        }

        /** Commands per second. */
        double run(long nanos) {
            long begin = System.nanoTime();
            long done = 0;
            int inFlight = DEPTH;
            for (int i = 0; i < DEPTH; i++) {
                offer(i);
            }
            submissionBell.accept(tail);
            while (inFlight > 0) {
                int before = head;
                boolean over = System.nanoTime() - begin > nanos;
                boolean more = false;
                int last = (int) WORD.getAcquire(completions, head * 16L + 12);
                while ((last >>> 16 & 1) == phase) {
                    if (last >>> 17 != 0) {
                        throw new IllegalStateException("status 0x" + Integer.toHexString(last >>> 17));
                    }
                    head = (head + 1) % SIZE;
                    phase = head == 0 ? 1 - phase : phase;
                    done++;
                    if (over) {
                        inFlight--;
                    } else {
                        offer(last & 0xFFFF);
                        more = true;
                    }
                    last = (int) WORD.getAcquire(completions, head * 16L + 12);
                }
                if (head != before) {
                    completionBell.accept(head);
                }
                if (more) {
                    submissionBell.accept(tail);
                }
                if (head == before) {
                    Thread.onSpinWait();
                }
            }
            return done * 1e9 / (System.nanoTime() - begin);
        }
    }

    /** Walks the ring and copies at each doorbell; no checks, no commands but reads. */
    private static final class Probe implements AutoCloseable {
        private final Arena arena = Arena.ofShared();
        private final MemorySegment sq;
        private final MemorySegment cq;
        private final MemorySegment guest;
        private final MemorySegment store = arena.allocate(STORE_BYTES, BLOCK);
        private final long submissions;
        private final long completions;
        private int head;
        private int phase = 1;

        Probe(GuestMemory memory) {
            store.fill((byte) 1);
            submissions = memory.allocate(0, (long) SIZE * Sqe.BYTES, BLOCK);
            completions = memory.allocate(0, (long) SIZE * 16, BLOCK);
            memory.fill(completions, (long) SIZE * 16, 0);
            sq = memory.slice(submissions, (long) SIZE * Sqe.BYTES);
            cq = memory.slice(completions, (long) SIZE * 16);
            guest = memory.slice(0, 16L << 20);
        }

        void ring(int tail) {
            for (; head != tail; head = (head + 1) % SIZE) {
                long at = (long) head * Sqe.BYTES;
                int cid = sq.get(U32, at) >>> 16;
                long from = sq.get(U64, at + 40) * BLOCK;
                MemorySegment.copy(store, from, guest, sq.get(U64, at + 24), BLOCK);
                cq.set(U32, head * 16L + 8, head);
                WORD.setRelease(cq, head * 16L + 12, cid | phase << 16);
                phase = head == SIZE - 1 ? 1 - phase : phase;
            }
        }

        @Override
        public void close() {
            arena.close();
        }
    }
}
