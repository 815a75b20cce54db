package io.zonewright.tests.fuzz;

import io.zonewright.posix.Posix;
import io.zonewright.testkit.blk.BlkQueue;
import io.zonewright.testkit.blk.BlkRequest;
import io.zonewright.testkit.blk.VirtioBlk;
import io.zonewright.testkit.blk.VirtioBlkDriver;
import io.zonewright.testkit.guest.GuestMemory;
import io.zonewright.testkit.virtio.SplitRing;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Rings that no driver would make: loops, heads and tables that are nowhere, lengths that wrap, readable behind
 * writable, tables in tables, indices that jump, descriptors that change while they are read. The device may refuse,
 * fail or stop; it may not write anywhere but into what a descriptor called writable, hang, leak, or harm its neighbour.
 */
@Timeout(900)
class RingsFuzzTest {
    private static final int ROUNDS = 6;
    private static final int QUEUE = Target.SMALL.queueSize();
    private static final int ARENA_BYTES = 64 * 1024;
    private static final int FENCE_BYTES = 4096;
    private static final int FENCE = 0x77;
    private static final long SETTLE_NANOS = TimeUnit.MICROSECONDS.toNanos(300);

    /** Where the parts of broken requests are. */
    record Places(long readable, long writable, long table, long fence) {}

    @Test
    void brokenRings() {
        try (Surprises surprises = Surprises.watch();
                Target target = new Target()) {
            target.checkAttacked();
            target.checkNeighbour();
            Leaks leaks = Leaks.watch();
            FuzzRun.run("split rings", random -> {
                attack(target, random);
                target.checkNeighbour();
                target.checkAttacked();
                surprises.check();
                leaks.check();
            });
        }
    }

    private static void attack(Target target, Random random) {
        try (VirtioBlkDriver driver = VirtioBlkDriver.connect(Posix.system(), target.socket(), Target.SMALL)) {
            GuestMemory memory = driver.memory();
            Places places = new Places(
                    memory.allocate(1, ARENA_BYTES, 16),
                    memory.allocate(1, ARENA_BYTES, 16),
                    memory.allocate(2, ARENA_BYTES, 16),
                    memory.allocate(0, FENCE_BYTES, 16)); // no descriptor leads near it
            memory.fill(places.fence, FENCE_BYTES, FENCE);
            for (int round = 0; round < ROUNDS; round++) {
                breakRing(driver, places, random);
                LockSupport.parkNanos(SETTLE_NANOS);
            }
            byte[] whole = new byte[FENCE_BYTES];
            Arrays.fill(whole, (byte) FENCE);
            if (!Arrays.equals(memory.get(places.fence, FENCE_BYTES), whole)) {
                throw new AssertionError("the device wrote where no descriptor allowed it");
            }
        }
    }

    /** Fills some descriptors with a valid request or noise, breaks something, publishes, and kicks. */
    private static void breakRing(VirtioBlkDriver driver, Places places, Random random) {
        BlkQueue queue = driver.queue(0);
        SplitRing ring = queue.splitRing();
        GuestMemory memory = driver.memory();
        memory.put(places.readable, header(random).readable());
        int length = 1 + random.nextInt(20);
        int first = random.nextInt(QUEUE - length);
        chain(ring, places, first, length, random);
        int mischief = random.nextInt(12);
        int victim = first + random.nextInt(length);
        switch (mischief) {
            case 0 -> ring.rawDescriptor(victim, places.readable, 16, SplitRing.F_NEXT, first); // a loop
            case 1 -> ring.rawDescriptor(victim, places.readable, 16, SplitRing.F_NEXT, QUEUE + random.nextInt(40_000));
            case 2 -> ring.rawDescriptor(victim, oddAddress(places, random), 512, SplitRing.F_WRITE, 0);
            case 3 -> ring.rawDescriptor(victim, places.writable, oddLength(random), SplitRing.F_WRITE, 0);
            case 4 -> ring.rawDescriptor(victim, places.readable, 16, random.nextInt(65_536), random.nextInt(QUEUE));
            case 5, 6, 7 -> table(ring, places, victim, random);
            case 8 -> ring.rawDescriptor(victim, places.readable, 0, SplitRing.F_NEXT, (victim + 1) % QUEUE);
            default -> {}
        }
        int index = ring.usedIndex();
        switch (mischief) {
            case 9 -> {
                ring.rawAvailable(index, QUEUE + random.nextInt(65_536 - QUEUE));
                ring.rawAvailableIndex(index + 1);
            }
            case 10 -> ring.rawAvailableIndex(index + QUEUE + 1 + random.nextInt(40_000));
            default -> {
                int heads = 1 + random.nextInt(3);
                for (int i = 0; i < heads; i++) {
                    ring.rawAvailable(index + i, first); // the same head more than once, too
                }
                ring.rawAvailableIndex(index + heads);
            }
        }
        queue.kick().signal();
        if (mischief == 11) {
            changeWhileRead(ring, places, first, length, random);
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

    /** Header, data, status in a row of descriptors; readable ones first, unless chance says otherwise. */
    private static void chain(SplitRing ring, Places places, int first, int length, Random random) {
        int readable = random.nextInt(6) == 0 ? random.nextInt(length + 1) : Math.max(1, length / 2);
        boolean mixed = random.nextInt(8) == 0;
        for (int i = 0; i < length; i++) {
            boolean writes = mixed ? random.nextBoolean() : i >= readable;
            long base = writes ? places.writable : places.readable;
            int offset = i == 0 ? 0 : 512 * random.nextInt(40); // overlaps happen
            int bytes = i == 0 && !writes ? 16 : 1 + random.nextInt(1024);
            boolean last = i == length - 1;
            ring.rawDescriptor(
                    first + i,
                    base + offset,
                    bytes,
                    (writes ? SplitRing.F_WRITE : 0) | (last ? 0 : SplitRing.F_NEXT),
                    last ? 0 : first + i + 1);
        }
    }

    /** An indirect table that is wrong in some way. */
    private static void table(SplitRing ring, Places places, int victim, Random random) {
        int entries = 1 + random.nextInt(12);
        for (int i = 0; i < entries; i++) {
            int flags = random.nextInt(3) == 0 ? random.nextInt(8) : (i < entries - 1 ? SplitRing.F_NEXT : 0);
            int next = random.nextInt(3) == 0 ? random.nextInt(65_536) : i + 1;
            boolean self = random.nextInt(10) == 0;
            ring.putDescriptor(
                    places.table + 16L * i,
                    self ? places.table : (i < entries / 2 ? places.readable : places.writable) + 64L * i,
                    random.nextInt(10) == 0 ? oddLength(random) : 16 + random.nextInt(600),
                    flags,
                    next);
        }
        int bytes = random.nextInt(3) == 0 ? oddLength(random) : 16 * entries;
        int flags = SplitRing.F_INDIRECT | (random.nextInt(4) == 0 ? random.nextInt(8) : 0);
        long at = random.nextInt(8) == 0 ? oddAddress(places, random) : places.table;
        ring.rawDescriptor(victim, at, bytes, flags, random.nextInt(QUEUE));
    }

    /** A driver that rewrites what it has published. */
    private static void changeWhileRead(SplitRing ring, Places places, int first, int length, Random random) {
        for (int i = 0; i < 2000; i++) {
            int victim = first + random.nextInt(length);
            boolean writes = random.nextBoolean();
            ring.rawDescriptor(
                    victim,
                    random.nextInt(50) == 0 ? oddAddress(places, random) : writes ? places.writable : places.readable,
                    16 + random.nextInt(2048),
                    (writes ? SplitRing.F_WRITE : 0) | (random.nextBoolean() ? SplitRing.F_NEXT : 0),
                    first + random.nextInt(length));
            ring.rawAvailableIndex(ring.usedIndex() + random.nextInt(4));
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
