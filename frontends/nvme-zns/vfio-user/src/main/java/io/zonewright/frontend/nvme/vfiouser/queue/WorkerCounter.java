package io.zonewright.frontend.nvme.vfiouser.queue;

/** What each worker counts. */
public enum WorkerCounter {
    /** Commands taken from submission queues, admin ones too. */
    COMMANDS,
    /** Commands that ended with a status other than success. */
    FAILED_COMMANDS,
    /** Bytes given to the host by commands that succeeded. */
    BYTES_READ,
    /** Bytes taken from the host by commands that succeeded. */
    BYTES_WRITTEN,
    /** Interrupts, after coalescing. */
    INTERRUPTS
}
