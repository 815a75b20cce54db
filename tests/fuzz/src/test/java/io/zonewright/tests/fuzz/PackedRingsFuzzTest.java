package io.zonewright.tests.fuzz;

import io.zonewright.posix.Posix;
import io.zonewright.testkit.blk.BlkQueue;
import io.zonewright.testkit.blk.BlkRequest;
import io.zonewright.testkit.blk.DriverOptions;
import io.zonewright.testkit.blk.VirtioBlk;
import io.zonewright.testkit.blk.VirtioBlkDriver;
import io.zonewright.testkit.guest.GuestMemory;
import io.zonewright.testkit.virtio.PackedRing;
import io.zonewright.testkit.virtio.Ring;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Packed rings that no driver would make: chains without an end, ids in flight twice, marks of the wrong lap or flipped
 * while a request is in flight, tables that are nowhere, event suppression structures of noise, bases in the middle of
 * nothing. As for split rings the device may refuse, fail or stop; it may not write anywhere but into what a descriptor
 * called writable and into the ring itself, hang, leak, or harm its neighbour.
 */
@Timeout(900)
class PackedRingsFuzzTest {
    private static final int ROUNDS = 6;
    private static final int ARENA_BYTES = 64 * 1024;
    private static final int FENCE_BYTES = 4096;
    private static final int FENCE = 0x77;
    private static final int MARKS = PackedRing.F_AVAIL | PackedRing.F_USED;
    private static final long SETTLE_NANOS = TimeUnit.MICROSECONDS.toNanos(300);
    private static final DriverOptions WELL_BEHAVED =
            Target.SMALL.packed().withQueues(1, 67).startingAt(67 + 50);

    /** Where the parts of broken requests are. */
    record Places(long readable, long writable, long table, long fence) {}

    @Test
    void brokenPackedRings() {
        try (Surprises surprises = Surprises.watch();
                Target target = new Target(WELL_BEHAVED)) {
            target.checkAttacked();
            target.checkNeighbour();
            Leaks leaks = Leaks.watch();
            FuzzRun.run("packed rings", random -> {
                attack(target, random);
                target.checkNeighbour();
                target.checkAttacked();
                surprises.check();
                leaks.check();
            });
        }
    }

    private static void attack(Target target, Random random) {
        int size = 1 + random.nextInt(128);
        DriverOptions options = Target.SMALL.packed().withQueues(1, size).startingAt(random.nextInt(3 * size));
        try (VirtioBlkDriver driver = VirtioBlkDriver.connect(Posix.system(), target.socket(), options)) {
            GuestMemory memory = driver.memory();
            Places places = new Places(
                    memory.allocate(1, ARENA_BYTES, 16),
                    memory.allocate(1, ARENA_BYTES, 16),
                    memory.allocate(2, ARENA_BYTES, 16),
                    memory.allocate(0, FENCE_BYTES, 16)); // no descriptor leads near it
            memory.fill(places.fence, FENCE_BYTES, FENCE);
            Cursor at = new Cursor(driver.queue(0).packedRing());
            for (int round = 0; round < ROUNDS; round++) {
                breakRing(driver, places, at, random);
                LockSupport.parkNanos(SETTLE_NANOS);
            }
            if (random.nextInt(8) == 0) {
                // Stopped and started again somewhere, with positions and wrap counters of chance.
                BlkQueue queue = driver.queue(0);
                driver.device().getVringBase(0);
                driver.device().restartQueue(0, queue.ring(), base(size, random), memory, queue.kick(), queue.call());
                breakRing(driver, places, at, random);
                LockSupport.parkNanos(SETTLE_NANOS);
            }
            byte[] whole = new byte[FENCE_BYTES];
            Arrays.fill(whole, (byte) FENCE);
            if (!Arrays.equals(memory.get(places.fence, FENCE_BYTES), whole)) {
                throw new AssertionError("the device wrote where no descriptor allowed it");
            }
        }
    }

    private static int base(int size, Random random) {
        return random.nextBoolean()
                ? random.nextInt()
                : random.nextInt(size) | random.nextInt(size) << 16 | (random.nextInt(4) << 15 & 0x8000);
    }

    /** Where the device will look next, if all goes on as it should. */
    private static final class Cursor {
        private final int size;
        private int place;
        private int marks;

        Cursor(PackedRing ring) {
            size = ring.size();
            place = ring.nextPlace();
            marks = ring.nextMarks();
        }

        int next() {
            int result = place;
            if (++place == size) {
                place = 0;
                marks ^= MARKS;
            }
            return result;
        }
    }

    /** Fills some places with valid requests or noise, breaks something, shows it, and kicks. */
    private static void breakRing(VirtioBlkDriver driver, Places places, Cursor at, Random random) {
        BlkQueue queue = driver.queue(0);
        PackedRing ring = queue.packedRing();
        driver.memory().put(places.readable, header(random).readable());
        int mischief = random.nextInt(12);
        int chains = 1 + random.nextInt(4);
        for (int i = 0; i < chains; i++) {
            int id = mischief == 0 ? 7 : random.nextInt(mischief == 1 ? 65_536 : ring.size());
            chain(ring, places, at, id, random);
        }
        int victim = random.nextInt(ring.size());
        switch (mischief) {
            case 2 -> endless(ring, places, at.marks);
            case 3 -> ring.rawFlags(victim, random.nextInt(65_536));
            case 4 -> ring.rawFlags(victim, ring.rawFlags(victim) ^ MARKS);
            case 5 -> table(ring, places, at, random);
            case 6 -> ring.rawDescriptor(victim, oddAddress(places, random), 512, victim, at.marks | Ring.F_WRITE);
            case 7 -> ring.rawDescriptor(victim, places.writable, oddLength(random), victim, at.marks | Ring.F_WRITE);
            case 8 -> ring.rawDriverEvent(random.nextInt(65_536), random.nextInt(65_536));
            case 9 -> at.marks ^= MARKS; // a lap ahead, or behind
            default -> {}
        }
        queue.kick().signal();
        if (mischief >= 10) {
            changeWhileRead(ring, places, at, random);
        }
    }

    private static BlkRequest header(Random random) {
        int[] types = {
            VirtioBlk.T_IN,
            VirtioBlk.T_OUT,
            VirtioBlk.T_ZONE_APPEND,
            VirtioBlk.T_ZONE_REPORT,
            VirtioBlk.T_GET_ID,
            VirtioBlk.T_FLUSH,
            VirtioBlk.T_ZONE_RESET,
            VirtioBlk.T_DISCARD,
            VirtioBlk.T_WRITE_ZEROES,
            random.nextInt()
        };
        return new BlkRequest(
                types[random.nextInt(types.length)], random.nextInt((int) Target.DEVICE_SECTORS), new byte[0], 0, 1);
    }

    /** Header, data, status in successive places, the first of them shown last; readable first, unless chance says otherwise. */
    private static void chain(PackedRing ring, Places places, Cursor at, int id, Random random) {
        int length = 1 + random.nextInt(Math.min(20, ring.size()));
        int readable = random.nextInt(6) == 0 ? random.nextInt(length + 1) : Math.max(1, length / 2);
        boolean mixed = random.nextInt(8) == 0;
        int first = at.place;
        int firstFlags = 0;
        for (int i = 0; i < length; i++) {
            boolean writes = mixed ? random.nextBoolean() : i >= readable;
            long base = writes ? places.writable : places.readable;
            int offset = i == 0 ? 0 : 512 * random.nextInt(40); // overlaps happen
            int bytes = i == 0 && !writes ? 16 : 1 + random.nextInt(1024);
            int flags = at.marks | (writes ? Ring.F_WRITE : 0) | (i == length - 1 ? 0 : Ring.F_NEXT);
            if (i == 0) {
                firstFlags = flags;
                flags ^= MARKS;
            }
            ring.rawDescriptor(at.next(), base + offset, bytes, id, flags);
        }
        ring.rawFlags(first, firstFlags);
    }

    /** Every place goes on to the next. */
    private static void endless(PackedRing ring, Places places, int marks) {
        for (int place = 0; place < ring.size(); place++) {
            ring.rawDescriptor(place, places.readable, place % 2, place, marks | Ring.F_NEXT);
        }
    }

    /** An indirect table that is wrong in some way. */
    private static void table(PackedRing ring, Places places, Cursor at, Random random) {
        int entries = 1 + random.nextInt(12);
        for (int i = 0; i < entries; i++) {
            boolean writes = i >= entries / 2;
            ring.rawDescriptorAt(
                    places.table + 16L * i,
                    random.nextInt(10) == 0
                            ? oddAddress(places, random)
                            : (writes ? places.writable : places.readable) + 64L * i,
                    random.nextInt(10) == 0 ? oddLength(random) : 16 + random.nextInt(600),
                    random.nextInt(65_536),
                    random.nextInt(4) == 0 ? random.nextInt(65_536) : writes ? Ring.F_WRITE : 0);
        }
        int bytes = random.nextInt(3) == 0 ? oddLength(random) : 16 * entries;
        int marks = at.marks;
        int flags = marks | Ring.F_INDIRECT | (random.nextInt(4) == 0 ? random.nextInt(8) : 0);
        long address = random.nextInt(8) == 0 ? oddAddress(places, random) : places.table;
        ring.rawDescriptor(at.next(), address, bytes, random.nextInt(ring.size()), flags);
    }

    /** A driver that rewrites what it has shown. */
    private static void changeWhileRead(PackedRing ring, Places places, Cursor at, Random random) {
        for (int i = 0; i < 2000; i++) {
            boolean writes = random.nextBoolean();
            ring.rawDescriptor(
                    random.nextInt(ring.size()),
                    random.nextInt(50) == 0 ? oddAddress(places, random) : writes ? places.writable : places.readable,
                    16 + random.nextInt(2048),
                    random.nextInt(ring.size()),
                    (random.nextBoolean() ? at.marks : at.marks ^ MARKS)
                            | (writes ? Ring.F_WRITE : 0)
                            | (random.nextBoolean() ? Ring.F_NEXT : 0));
        }
    }

    /** Nowhere, at the edge of somewhere, or where an addition overflows. */
    private static long oddAddress(Places places, Random random) {
        return switch (random.nextInt(6)) {
            case 0 -> -1 - random.nextInt(4096);
            case 1 -> Long.MAX_VALUE - random.nextInt(4096);
            case 2 -> Long.MIN_VALUE;
            case 3 -> GuestMemory.REGION_STRIDE - random.nextInt(64);
            case 4 -> GuestMemory.REGION_STRIDE + Target.SMALL.dataBytes() - random.nextInt(64);
            default -> places.readable ^ 1L << 40;
        };
    }

    private static int oddLength(Random random) {
        int[] lengths = {0, 1, 15, 17, 31, -1, Integer.MIN_VALUE, Integer.MAX_VALUE, 1 << 20, (1 << 20) + 1, 16 * 70_000
        };
        return lengths[random.nextInt(lengths.length)];
    }
}
