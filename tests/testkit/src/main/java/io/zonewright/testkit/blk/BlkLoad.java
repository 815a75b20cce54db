package io.zonewright.testkit.blk;

import io.zonewright.testkit.guest.GuestMemory;
import io.zonewright.testkit.virtio.Ring;
import io.zonewright.testkit.virtio.Ring.Piece;
import java.util.ArrayList;
import java.util.List;

/**
 * Sends many small requests of fixed places in guest memory, batch by batch, past the careful queue: a slot is header, data
 * and status, three descriptors. The queue has at least 96 descriptors and nobody else uses it; EVENT_IDX is not negotiated,
 * since interrupts are switched off once and every batch is kicked for.
 */
public final class BlkLoad {
    private static final int SLOTS = 32;
    private static final int HEADER_BYTES = 16;
    private static final long PATIENCE_NANOS = 20_000_000_000L;

    private final BlkQueue queue;
    private final Ring ring;
    private final GuestMemory memory;
    private final int bytes;
    private final long[] headers = new long[SLOTS];
    private final long[] statuses = new long[SLOTS];
    private final List<List<Piece>> reads = new ArrayList<>();
    private final List<List<Piece>> writes = new ArrayList<>();
    private final List<Piece> action;

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
        for (int slot = 0; slot < SLOTS; slot++) {
            headers[slot] = memory.allocate(1, HEADER_BYTES, 16);
            long data = memory.allocate(2, bytes, 4096);
            statuses[slot] = memory.allocate(1, 1, 1);
            Piece header = new Piece(headers[slot], HEADER_BYTES, false);
            Piece status = new Piece(statuses[slot], 1, true);
            reads.add(List.of(header, new Piece(data, bytes, true), status));
            writes.add(List.of(header, new Piece(data, bytes, false), status));
        }
        action = List.of(new Piece(headers[0], HEADER_BYTES, false), new Piece(statuses[0], 1, true));
        ring.interrupts(false);
    }

    /** {@code count} requests in ascending order from {@code sector} on. */
    public void run(int type, long sector, int count) {
        List<List<Piece>> slots = type == VirtioBlk.T_IN ? reads : writes;
        long next = sector;
        for (int done = 0; done < count; ) {
            int batch = Math.min(SLOTS, count - done);
            for (int slot = 0; slot < batch; slot++) {
                stage(slot, type, next, slots.get(slot));
                next += bytes / VirtioBlk.SECTOR;
            }
            carryOut(batch, type, next);
            done += batch;
        }
    }

    /** One request without data, for zone actions. */
    public void action(int type, long sector) {
        stage(0, type, sector, action);
        carryOut(1, type, sector);
    }

    private void stage(int slot, int type, long sector, List<Piece> pieces) {
        memory.putU32(headers[slot], type);
        memory.putU64(headers[slot] + 8, sector);
        memory.putU8(statuses[slot], 0xEE);
        ring.add(pieces);
    }

    private void carryOut(int batch, int type, long sector) {
        ring.publish();
        queue.kick().signal();
        long end = System.nanoTime() + PATIENCE_NANOS;
        for (int used = 0; used < batch; ) {
            if (ring.takeUsed() != null) {
                used++;
                continue;
            }
            Thread.onSpinWait();
            if (System.nanoTime() > end) {
                throw new AssertionError("the device does not go on: " + ring.inFlight() + " requests in flight");
            }
        }
        for (int slot = 0; slot < batch; slot++) {
            int status = memory.getU8(statuses[slot]);
            if (status != 0) {
                throw new AssertionError("request type " + type + " near sector " + sector + ": status " + status);
            }
        }
    }
}
