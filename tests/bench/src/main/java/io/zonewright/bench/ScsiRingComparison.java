package io.zonewright.bench;

import io.zonewright.posix.Posix;
import io.zonewright.testkit.blk.BlkLoad;
import io.zonewright.testkit.blk.BlkRequest;
import io.zonewright.testkit.blk.DriverOptions;
import io.zonewright.testkit.blk.VirtioBlk;
import io.zonewright.testkit.blk.VirtioBlkDriver;
import io.zonewright.testkit.device.TestDevice;
import io.zonewright.testkit.guest.GuestMemory;
import io.zonewright.testkit.scsi.Scsi;
import io.zonewright.testkit.scsi.virtio.ChainQueue;
import io.zonewright.testkit.scsi.virtio.VirtioScsi;
import io.zonewright.testkit.scsi.virtio.VirtioScsiDriver;
import io.zonewright.testkit.virtio.SplitRing;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Reads of one device by vhost-user-scsi and by vhost-user-blk, in turns: batches of 32 on one queue, three descriptors each,
 * no notices to the driver, which waits by looking at the ring. Run by {@code tests/bench/run --scsi-ring}; only the ratios mean
 * something.
 */
public final class ScsiRingComparison {
    private static final int BLOCK = 4096;
    private static final int SLOTS = 32;
    private static final int RING = 128;
    private static final int ROUNDS = 5;
    private static final int CALLS = 64;
    private static final long DEVICE_BYTES = 64L << 20;
    private static final int HEADER_BYTES = VirtioScsi.REQUEST_BYTES + VirtioScsi.CDB_BYTES;
    private static final int ANSWER_BYTES = VirtioScsi.RESPONSE_BYTES + VirtioScsi.SENSE_BYTES;
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);

    private ScsiRingComparison() {}

    /**
     * Prints the figures.
     *
     * @param args milliseconds of a turn; default 1000
     */
    public static void main(String[] args) {
        long turnNanos = (args.length == 0 ? 1_000L : Long.parseLong(args[0])) * 1_000_000;
        try (TestDevice device = TestDevice.over(
                "null-zoned", Map.of("model", "none", "size", "64MiB", "block-size", Integer.toString(BLOCK)))) {
            Path scsi = device.start("scsi-zbc", "vhost-user", Map.of());
            Path blk = device.start("virtio-blk", "vhost-user", Map.of());
            fill(blk);
            compare(scsi, blk, 4 << 10, turnNanos);
            compare(scsi, blk, 128 << 10, turnNanos);
        }
    }

    private static void fill(Path socket) {
        byte[] data = new byte[64 << 10];
        Arrays.fill(data, (byte) 1);
        try (VirtioBlkDriver driver = VirtioBlkDriver.connect(Posix.system(), socket, DriverOptions.DEFAULT)) {
            for (long at = 0; at < DEVICE_BYTES; at += data.length) {
                if (driver.run(BlkRequest.write(at / VirtioBlk.SECTOR, data)).status() != 0) {
                    throw new IllegalStateException("cannot fill the device");
                }
            }
        }
    }

    private static void compare(Path scsi, Path blk, int bytes, long turnNanos) {
        double[] ours = new double[ROUNDS];
        double[] theirs = new double[ROUNDS];
        double[] ratios = new double[ROUNDS];
        scsi(scsi, bytes, turnNanos);
        blk(blk, bytes, turnNanos);
        for (int i = 0; i < ROUNDS; i++) {
            ours[i] = scsi(scsi, bytes, turnNanos);
            theirs[i] = blk(blk, bytes, turnNanos);
            ratios[i] = ours[i] / theirs[i];
        }
        Arrays.sort(ours);
        Arrays.sort(theirs);
        Arrays.sort(ratios);
        System.out.println(String.format(
                Locale.ROOT,
                "vhost-user-scsi read %d KiB in batches of %d: %.0f/s, %.2f GB/s; vhost-user-blk %.0f/s; rate ratio %.2f (%.2f to %.2f)",
                bytes >> 10,
                SLOTS,
                ours[ROUNDS / 2],
                ours[ROUNDS / 2] * bytes / 1e9,
                theirs[ROUNDS / 2],
                ratios[ROUNDS / 2],
                ratios[0],
                ratios[ROUNDS - 1]));
    }

    /** Attached for one turn only, so that the polling thread of one takes nothing from the other's turn. */
    private static double scsi(Path socket, int bytes, long turnNanos) {
        VirtioScsiDriver.Options options = VirtioScsiDriver.Options.DEFAULT
                .withQueueSize(RING)
                .withFeatures(VirtioScsi.F_VERSION_1)
                .withDataBytes(1L << 20);
        try (VirtioScsiDriver driver = VirtioScsiDriver.connect(Posix.system(), socket, options)) {
            return rate(new Load(driver, bytes)::run, bytes, turnNanos);
        }
    }

    private static double blk(Path socket, int bytes, long turnNanos) {
        DriverOptions options = DriverOptions.DEFAULT.without(VirtioBlk.F_EVENT_IDX);
        try (VirtioBlkDriver driver = VirtioBlkDriver.connect(Posix.system(), socket, options)) {
            BlkLoad load = new BlkLoad(driver, 0, bytes);
            return rate((at, count) -> load.run(VirtioBlk.T_IN, at / VirtioBlk.SECTOR, count), bytes, turnNanos);
        }
    }

    /** Reads so many pieces in ascending order from a byte on. */
    private interface Reads {
        void run(long from, int count);
    }

    /** Requests per second. */
    private static double rate(Reads reads, int bytes, long turnNanos) {
        long begin = System.nanoTime();
        long done = 0;
        long at = 0;
        int count = (int) Math.min((long) SLOTS * CALLS, DEVICE_BYTES / 2 / bytes / SLOTS * SLOTS);
        while (System.nanoTime() - begin < turnNanos) {
            reads.run(at, count);
            done += count;
            at = (at + (long) count * bytes) % (DEVICE_BYTES / 2);
        }
        return done * 1e9 / (System.nanoTime() - begin);
    }

    /** What BlkLoad is for virtio-blk: a header, an answer and data for each slot. */
    private static final class Load {
        private final ChainQueue queue;
        private final SplitRing ring;
        private final GuestMemory memory;
        private final int bytes;
        private final long[] headers = new long[SLOTS];
        private final long[] answers = new long[SLOTS];
        private int index;

        Load(VirtioScsiDriver driver, int bytes) {
            queue = driver.requests(0);
            ring = queue.splitRing();
            memory = driver.memory();
            this.bytes = bytes;
            index = ring.startIndex();
            // In the region of the rings: the other is all taken by the queues of the careful driver.
            for (int slot = 0; slot < SLOTS; slot++) {
                headers[slot] = memory.allocate(0, HEADER_BYTES, 16);
                answers[slot] = memory.allocate(0, ANSWER_BYTES, 16);
                long data = memory.allocate(0, bytes, 4096);
                // LUN 0 of target 0 (virtio 1.2 section 5.6.6.1), a tag, READ(16).
                memory.fill(headers[slot], HEADER_BYTES, 0);
                memory.putU8(headers[slot], 1);
                memory.putU8(headers[slot] + 2, 0x40);
                memory.putU64(headers[slot] + 8, slot);
                memory.putU8(headers[slot] + VirtioScsi.REQUEST_BYTES, Scsi.READ_16);
                memory.putU8(headers[slot] + VirtioScsi.REQUEST_BYTES + 13, bytes / BLOCK);
                ring.rawDescriptor(slot * 3, headers[slot], HEADER_BYTES, SplitRing.F_NEXT, slot * 3 + 1);
                ring.rawDescriptor(
                        slot * 3 + 1, answers[slot], ANSWER_BYTES, SplitRing.F_NEXT | SplitRing.F_WRITE, slot * 3 + 2);
                ring.rawDescriptor(slot * 3 + 2, data, bytes, SplitRing.F_WRITE, 0);
            }
            ring.interrupts(false);
        }

        void run(long from, int count) {
            long lba = from / BLOCK;
            for (int done = 0; done < count; done += SLOTS) {
                for (int slot = 0; slot < SLOTS; slot++) {
                    // Big-endian, in bytes 2 to 9 of the CDB.
                    memory.putU64(headers[slot] + VirtioScsi.REQUEST_BYTES + 2, Long.reverseBytes(lba));
                    memory.putU8(answers[slot] + 11, 0xEE);
                    ring.rawAvailable(index + slot, slot * 3);
                    lba += bytes / BLOCK;
                }
                index = (index + SLOTS) & 0xFFFF;
                ring.rawAvailableIndex(index);
                queue.kick().signal();
                await();
                for (int slot = 0; slot < SLOTS; slot++) {
                    int status = memory.getU8(answers[slot] + 10);
                    int response = memory.getU8(answers[slot] + 11);
                    // A fresh nexus tells its unit attention once.
                    if (response != VirtioScsi.S_OK || (status != 0 && done > 0)) {
                        throw new IllegalStateException("response " + response + ", status " + status);
                    }
                }
            }
        }

        private void await() {
            long end = System.nanoTime() + PATIENCE_NANOS;
            while (ring.usedIndex() != index) {
                Thread.onSpinWait();
                if (System.nanoTime() > end) {
                    throw new IllegalStateException("the device does not go on");
                }
            }
        }
    }
}
