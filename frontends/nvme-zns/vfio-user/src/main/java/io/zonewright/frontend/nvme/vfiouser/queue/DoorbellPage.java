package io.zonewright.frontend.nvme.vfiouser.queue;

import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * Doorbells or event indexes of all queues in one piece of memory, four bytes each: submission queue 0's tail,
 * completion queue 0's head, submission queue 1's tail and so on (PCIe Transport 1.1, section 3.1.2, with a stride of 0;
 * Base 2.1, section 5.2.5).
 *
 * <p>It is the controller's own memory where doorbells are trapped, the BAR's shared page where they are mapped, and
 * a page of the guest's for shadow doorbells. Any thread.
 */
public final class DoorbellPage {
    private final MemorySegment memory;

    public DoorbellPage(MemorySegment memory) {
        this.memory = memory;
    }

    /** Memory of our own for this many queue pairs, all zero. */
    public static DoorbellPage ofOwnMemory(int queuePairs) {
        return new DoorbellPage(MemorySegment.ofArray(new int[2 * queuePairs]));
    }

    /** How many cells there are. */
    public int count() {
        return (int) (memory.byteSize() / Cell.BYTES);
    }

    /** Tail of a submission queue. */
    public Cell tail(int sqid) {
        return cell(2 * sqid);
    }

    /** Head of a completion queue. */
    public Cell head(int cqid) {
        return cell(2 * cqid + 1);
    }

    /** A doorbell by its position. */
    public Cell cell(int index) {
        return new Cell(memory, (long) Objects.checkIndex(index, count()) * Cell.BYTES);
    }
}
