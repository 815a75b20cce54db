package io.zonewright.testkit.blk;

import io.zonewright.testkit.guest.GuestMemory;
import io.zonewright.testkit.virtio.SplitRing;

/**
 * Sends many small requests of fixed places in guest memory, batch by batch, past the careful driver: a slot is three
 * descriptors (header, data, status) that are written once. The queue has at least 96 descriptors and nobody else uses it;
 * EVENT_IDX is not negotiated, since interrupts are switched off once and every batch is kicked for.
 */
public final class BlkLoad {
    private static final int SLOTS = 32;
    private static final int HEADER_BYTES = 16;
    private static final long PATIENCE_NANOS = 20_000_000_000L;

    private final BlkQueue queue;
    private final SplitRing ring;
    private final GuestMemory memory;
    private final int bytes;
    private final long[] headers = new long[SLOTS];
    private final long[] statuses = new long[SLOTS];
    private int index;

    /**
     * Takes its places in guest memory.
     *
     * @param queueIndex the queue
     * @param bytes payload of each request
     */
    public BlkLoad(VirtioBlkDriver driver, int queueIndex, int bytes) {
        this.queue = driver.queue(queueIndex);
        this.ring = queue.ring();
        this.memory = driver.memory();
        this.bytes = bytes;
        this.index = ring.startIndex();
        for (int slot = 0; slot < SLOTS; slot++) {
            headers[slot] = memory.allocate(1, HEADER_BYTES, 16);
            long data = memory.allocate(2, bytes, 4096);
            statuses[slot] = memory.allocate(1, 1, 1);
            ring.rawDescriptor(slot * 3, headers[slot], HEADER_BYTES, SplitRing.F_NEXT, slot * 3 + 1);
            ring.rawDescriptor(slot * 3 + 1, data, bytes, 0, slot * 3 + 2);
            ring.rawDescriptor(slot * 3 + 2, statuses[slot], 1, SplitRing.F_WRITE, 0);
        }
        ring.interrupts(false);
    }

    /** {@code count} requests in ascending order from {@code sector} on. */
    public void run(int type, long sector, int count) {
        boolean reads = type == VirtioBlk.T_IN;
        for (int slot = 0; slot < SLOTS; slot++) {
            ring.rawDescriptorFlags(slot * 3 + 1, SplitRing.F_NEXT | (reads ? SplitRing.F_WRITE : 0));
        }
        long next = sector;
        for (int done = 0; done < count; ) {
            int batch = Math.min(SLOTS, count - done);
            for (int slot = 0; slot < batch; slot++) {
                memory.putU32(headers[slot], type);
                memory.putU64(headers[slot] + 8, next);
                memory.putU8(statuses[slot], 0xEE);
                ring.rawAvailable(index + slot, slot * 3);
                next += bytes / VirtioBlk.SECTOR;
            }
            index = index + batch & 0xFFFF;
            ring.rawAvailableIndex(index);
            queue.kick().signal();
            await();
            for (int slot = 0; slot < batch; slot++) {
                int status = memory.getU8(statuses[slot]);
                if (status != 0) {
                    throw new AssertionError("request type " + type + " near sector " + next + ": status " + status);
                }
            }
            done += batch;
        }
    }

    /** One request without data, for zone actions. */
    public void action(int type, long sector) {
        memory.putU32(headers[0], type);
        memory.putU64(headers[0] + 8, sector);
        memory.putU8(statuses[0], 0xEE);
        ring.rawDescriptor(0, headers[0], HEADER_BYTES, SplitRing.F_NEXT, 2);
        ring.rawAvailable(index, 0);
        index = index + 1 & 0xFFFF;
        ring.rawAvailableIndex(index);
        queue.kick().signal();
        await();
        int status = memory.getU8(statuses[0]);
        if (status != 0) {
            throw new AssertionError("zone action " + type + " at sector " + sector + ": status " + status);
        }
        ring.rawDescriptor(0, headers[0], HEADER_BYTES, SplitRing.F_NEXT, 1);
    }

    private void await() {
        long end = System.nanoTime() + PATIENCE_NANOS;
        while (ring.usedIndex() != index) {
            Thread.onSpinWait();
            if (System.nanoTime() > end) {
                throw new AssertionError("the device does not go on: used " + ring.usedIndex() + " of " + index);
            }
        }
    }
}
