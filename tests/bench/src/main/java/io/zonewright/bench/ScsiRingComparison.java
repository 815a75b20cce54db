package io.zonewright.bench;

import io.zonewright.posix.EventFd;
import io.zonewright.posix.Posix;
import io.zonewright.testkit.blk.BlkQueue;
import io.zonewright.testkit.blk.DriverOptions;
import io.zonewright.testkit.blk.VirtioBlk;
import io.zonewright.testkit.blk.VirtioBlkDriver;
import io.zonewright.testkit.device.TestDevice;
import io.zonewright.testkit.guest.GuestMemory;
import io.zonewright.testkit.scsi.virtio.ChainQueue;
import io.zonewright.testkit.scsi.virtio.VirtioScsi;
import io.zonewright.testkit.scsi.virtio.VirtioScsiDriver;
import io.zonewright.testkit.virtio.SplitRing;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;

/**
 * Reads and writes over vhost-user-scsi against the same over virtio-blk, both over vhost-user, on ordinary disks in memory
 * and by the same driver: a split ring with EVENT_IDX, one indirect table a request, completions polled for, so many in
 * flight. In turns within one run; only the ratios mean something. Run by {@code tests/bench/run --scsi-ring}.
 */
public final class ScsiRingComparison {
    private static final int BLOCK = 4096;
    private static final int ROUNDS = 21;
    private static final int RING = 256;
    private static final long DISK_BYTES = 64L << 20;
    /** Of the guest's memory, with the rings and all that is in flight. */
    private static final int REGION = 0;

    private static final int SECTOR_OFFSET = 8;
    private static final int BLK_HEADER_BYTES = 16;
    private static final int CDB_OFFSET = VirtioScsi.REQUEST_BYTES;
    private static final int RESPONSE_BYTES = VirtioScsi.RESPONSE_BYTES + VirtioScsi.SENSE_BYTES;
    private static final int LBA_OFFSET = CDB_OFFSET + 2;
    private static final int READ_16 = 0x88;
    private static final int WRITE_16 = 0x8A;

    private ScsiRingComparison() {}

    /** How requests look. */
    private enum Language {
        BLK,
        SCSI
    }

    /** What is measured. */
    private record Load(boolean write, int bytes, int depth) {
        @Override
        public String toString() {
            return (write ? "write " : "read ") + bytes / 1024 + " KiB depth " + depth;
        }
    }

    /**
     * Prints the figures.
     *
     * @param args milliseconds of a turn; default 200
     */
    public static void main(String[] args) {
        long turnNanos = (args.length == 0 ? 200L : Long.parseLong(args[0])) * 1_000_000;
        Load[] loads = {
            new Load(false, BLOCK, 1),
            new Load(false, BLOCK, 32),
            new Load(false, BLOCK, 128),
            new Load(true, BLOCK, 1),
            new Load(true, BLOCK, 32),
            new Load(true, BLOCK, 128),
            new Load(false, 128 << 10, 32),
            new Load(true, 128 << 10, 32)
        };
        try (TestDevice blkDisk = disk();
                TestDevice scsiDisk = disk();
                Blk blk = new Blk(blkDisk.start("virtio-blk", "vhost-user", Map.of()));
                Scsi scsi = new Scsi(scsiDisk.start("scsi-zbc", "vhost-user", Map.of()))) {
            // Both disks hold data everywhere; both ways are warm.
            blk.turn(new Load(true, 128 << 10, 32), 2 * turnNanos);
            scsi.turn(new Load(true, 128 << 10, 32), 2 * turnNanos);
            for (Load load : loads) {
                compare(blk, scsi, load, turnNanos);
            }
        }
    }

    private static TestDevice disk() {
        return TestDevice.over(
                "null-zoned",
                Map.of(
                        "model", "none",
                        "size", Long.toString(DISK_BYTES),
                        "block-size", Integer.toString(BLOCK)));
    }

    private static void compare(Guest blk, Guest scsi, Load load, long turnNanos) {
        double[] theirs = new double[ROUNDS];
        double[] ours = new double[ROUNDS];
        blk.turn(load, turnNanos / 2);
        scsi.turn(load, turnNanos / 2);
        for (int i = 0; i < ROUNDS; i++) {
            theirs[i] = blk.turn(load, turnNanos);
            ours[i] = scsi.turn(load, turnNanos);
        }
        double[] ratios = new double[ROUNDS];
        Arrays.setAll(ratios, i -> ours[i] / theirs[i]);
        Arrays.sort(ratios);
        Arrays.sort(theirs);
        Arrays.sort(ours);
        System.out.println(String.format(
                Locale.ROOT,
                "scsi vhost-user %s: %.0f/s; virtio-blk %.0f/s; ratio %.2f (%.2f to %.2f)",
                load,
                ours[ROUNDS / 2],
                theirs[ROUNDS / 2],
                ratios[ROUNDS / 2],
                ratios[0],
                ratios[ROUNDS - 1]));
    }

    /** A driver's half of one queue. */
    private abstract static class Guest implements AutoCloseable {
        private final Language language;
        private final GuestMemory memory;
        private final SplitRing ring;
        private final EventFd kick;
        private int available;
        private int used;
        private long place;

        Guest(Language language, GuestMemory memory, SplitRing ring, EventFd kick) {
            this.language = language;
            this.memory = memory;
            this.ring = ring;
            this.kick = kick;
            available = ring.usedIndex();
            used = available;
        }

        /** Requests per second. */
        final double turn(Load load, long nanos) {
            place = 0;
            long mark = memory.mark(REGION);
            Slot[] slots = new Slot[load.depth];
            for (int i = 0; i < slots.length; i++) {
                slots[i] = layOut(i, load);
            }
            try {
                return run(slots, load, nanos);
            } finally {
                memory.release(REGION, mark);
            }
        }

        private double run(Slot[] slots, Load load, long nanos) {
            long begin = System.nanoTime();
            long done = 0;
            int inFlight = slots.length;
            int before = available;
            for (Slot slot : slots) {
                offer(slot, load);
            }
            show(before);
            boolean over = false;
            while (inFlight > 0) {
                before = available;
                int end = ring.usedIndex();
                if (end == used) {
                    Thread.onSpinWait();
                    continue;
                }
                over = over || System.nanoTime() - begin > nanos;
                while (used != end) {
                    Slot slot = slots[ring.usedAt(used).head()];
                    slot.requireGood(memory);
                    used = used + 1 & 0xFFFF;
                    done++;
                    if (over) {
                        inFlight--;
                    } else {
                        offer(slot, load);
                    }
                }
                if (available != before) {
                    show(before);
                }
            }
            return done * 1e9 / (System.nanoTime() - begin);
        }

        private void offer(Slot slot, Load load) {
            place = (place + load.bytes) % DISK_BYTES;
            slot.setPlace(memory, place);
            ring.rawAvailable(available, slot.index);
            available = available + 1 & 0xFFFF;
        }

        /** The index, and a kick if the device wants one (virtio 1.3, section 2.7.10). */
        private void show(int before) {
            ring.rawAvailableIndex(available);
            VarHandle.fullFence();
            int event = memory.getU16Acquire(ring.deviceArea() + 4 + 8L * ring.size());
            if ((available - event - 1 & 0xFFFF) < (available - before & 0xFFFF)) {
                kick.signal();
            }
        }

        private Slot layOut(int index, Load load) {
            byte[] header = language == Language.BLK ? blkHeader(load) : scsiHeader(load);
            int tail = language == Language.BLK ? 1 : RESPONSE_BYTES;
            long at = memory.allocate(REGION, header.length, 64);
            long table = memory.allocate(REGION, 3 * SplitRing.DESCRIPTOR_BYTES, 16);
            long answer = memory.allocate(REGION, tail, 64);
            long data = memory.allocate(REGION, load.bytes, BLOCK);
            memory.put(at, header);
            memory.fill(data, load.bytes, 0x5A);
            int in = SplitRing.F_WRITE;
            ring.putDescriptor(table, at, header.length, SplitRing.F_NEXT, 1);
            // Data lies between header and status in blk, behind the response in SCSI if the device writes it.
            boolean answerFirst = language == Language.SCSI && !load.write;
            long second = answerFirst ? answer : data;
            int secondBytes = answerFirst ? tail : load.bytes;
            ring.putDescriptor(table + 16, second, secondBytes, (load.write ? 0 : in) | SplitRing.F_NEXT, 2);
            ring.putDescriptor(table + 32, answerFirst ? data : answer, answerFirst ? load.bytes : tail, in, 0);
            ring.rawDescriptor(index, table, 3 * SplitRing.DESCRIPTOR_BYTES, SplitRing.F_INDIRECT, 0);
            return language == Language.BLK ? new BlkSlot(index, at, answer) : new ScsiSlot(index, at, answer);
        }

        private static byte[] blkHeader(Load load) {
            return ByteBuffer.allocate(BLK_HEADER_BYTES)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putInt(load.write ? VirtioBlk.T_OUT : VirtioBlk.T_IN)
                    .array();
        }

        private static byte[] scsiHeader(Load load) {
            byte[] cdb = ByteBuffer.allocate(16)
                    .put(0, (byte) (load.write ? WRITE_16 : READ_16))
                    .putInt(10, load.bytes / BLOCK)
                    .array();
            return VirtioScsi.command(VirtioScsi.lun(0), 1, 0, cdb, VirtioScsi.CDB_BYTES, new byte[0]);
        }

        @Override
        public abstract void close();
    }

    /** A request's memory. */
    private abstract static class Slot {
        final int index;
        final long header;
        final long answer;

        Slot(int index, long header, long answer) {
            this.index = index;
            this.header = header;
            this.answer = answer;
        }

        abstract void setPlace(GuestMemory memory, long place);

        abstract void requireGood(GuestMemory memory);
    }

    private static final class BlkSlot extends Slot {
        BlkSlot(int index, long header, long answer) {
            super(index, header, answer);
        }

        @Override
        void setPlace(GuestMemory memory, long place) {
            memory.putU64(header + SECTOR_OFFSET, place / VirtioBlk.SECTOR);
        }

        @Override
        void requireGood(GuestMemory memory) {
            if (memory.getU8(answer) != 0) {
                throw new IllegalStateException("status " + memory.getU8(answer));
            }
        }
    }

    private static final class ScsiSlot extends Slot {
        ScsiSlot(int index, long header, long answer) {
            super(index, header, answer);
        }

        @Override
        void setPlace(GuestMemory memory, long place) {
            memory.putU64(header + LBA_OFFSET, Long.reverseBytes(place / BLOCK));
        }

        @Override
        void requireGood(GuestMemory memory) {
            int ends = memory.getU16(answer + 10);
            if (ends != 0) {
                throw new IllegalStateException("response and status 0x" + Integer.toHexString(ends));
            }
        }
    }

    private static final class Blk extends Guest {
        private final VirtioBlkDriver driver;

        Blk(Path socket) {
            this(VirtioBlkDriver.connect(Posix.system(), socket, DriverOptions.DEFAULT.withQueues(1, RING)));
        }

        private Blk(VirtioBlkDriver driver) {
            this(driver, driver.queue(0));
        }

        private Blk(VirtioBlkDriver driver, BlkQueue queue) {
            super(Language.BLK, driver.memory(), queue.splitRing(), queue.kick());
            this.driver = driver;
        }

        @Override
        public void close() {
            driver.close();
        }
    }

    private static final class Scsi extends Guest {
        private final VirtioScsiDriver driver;

        Scsi(Path socket) {
            this(ready(VirtioScsiDriver.connect(
                    Posix.system(),
                    socket,
                    VirtioScsiDriver.Options.DEFAULT
                            .withQueueSize(RING)
                            .withFeatures(VirtioScsiDriver.Options.DEFAULT.features() | VirtioScsi.F_INDIRECT_DESC))));
        }

        private Scsi(VirtioScsiDriver driver) {
            this(driver, driver.requests(0));
        }

        private Scsi(VirtioScsiDriver driver, ChainQueue queue) {
            super(Language.SCSI, driver.memory(), queue.splitRing(), queue.kick());
            this.driver = driver;
        }

        private static VirtioScsiDriver ready(VirtioScsiDriver driver) {
            driver.clearAttentions(0);
            return driver;
        }

        @Override
        public void close() {
            driver.close();
        }
    }
}
