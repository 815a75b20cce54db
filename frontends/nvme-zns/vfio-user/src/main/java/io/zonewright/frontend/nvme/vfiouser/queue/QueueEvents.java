package io.zonewright.frontend.nvme.vfiouser.queue;

/** What queues have to tell their controller; from any worker's thread. */
public interface QueueEvents {
    /** A doorbell has a value that it cannot have. */
    void invalidDoorbellValue();

    /** Entries were put into this completion queue that the host should look at. */
    void interrupt(CompletionQueue queue);

    /** The host has taken all entries of this queue. Told only while {@link #levelInterrupts}. */
    void allTaken(CompletionQueue queue);

    /** Whether interrupts are a level, so that the head of each completion queue has to be watched. */
    boolean levelInterrupts();

    /** The controller cannot go on, for this reason. */
    void fatal(String reason);
}
