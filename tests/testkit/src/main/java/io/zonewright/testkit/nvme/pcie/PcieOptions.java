package io.zonewright.testkit.nvme.pcie;

/**
 * How a host attaches.
 *
 * @param doorbells how I/O doorbells are rung
 * @param queues how many I/O queues
 * @param queueSize entries of each submission and completion queue
 * @param interrupts whether completion queues have an interrupt, each its own vector; else the host polls
 * @param dataBytes size of each of the two data regions
 */
public record PcieOptions(Doorbells doorbells, int queues, int queueSize, boolean interrupts, long dataBytes) {
    /** Ways to tell the controller. */
    public enum Doorbells {
        /** By a write message for each. */
        TRAPPED,
        /** By a store to the page that the controller offers for mapping; trapped where it offers none. */
        MAPPED,
        /** In shadow doorbells with event indexes (Base section 5.2.5); trapped only where the controller asks for it. */
        SHADOW
    }

    /** One I/O queue of 128 with interrupts. */
    public static final PcieOptions DEFAULT = new PcieOptions(Doorbells.TRAPPED, 1, 128, true, 64L << 20);

    public PcieOptions with(Doorbells kind) {
        return new PcieOptions(kind, queues, queueSize, interrupts, dataBytes);
    }

    public PcieOptions withQueues(int count, int size) {
        return new PcieOptions(doorbells, count, size, interrupts, dataBytes);
    }

    public PcieOptions polling() {
        return new PcieOptions(doorbells, queues, queueSize, false, dataBytes);
    }
}
