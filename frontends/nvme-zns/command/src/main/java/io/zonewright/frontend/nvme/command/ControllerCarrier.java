package io.zonewright.frontend.nvme.command;

/** What the carrier does for the core. Called on any thread; must not block. */
public interface ControllerCarrier {
    /**
     * CC.EN went from 0 to 1 with valid settings: queues may run. Called before CSTS.RDY is shown; a carrier that finds
     * its admin queue impossible calls {@link ControllerRegisters#fail}, and RDY is never shown.
     */
    void enabled();

    /**
     * CC.EN went from 1 to 0: all I/O queues are deleted, commands in flight end unseen. CSTS.RDY goes to 0 when the
     * carrier calls {@link NvmeController#disabledDone}, which it may do before this returns.
     */
    void disabled();

    /** CC.SHN: shutdown was asked for. The core flushes, then shows CSTS.SHST 2. */
    void shutdown();

    /**
     * Opcodes that are the carrier's own: queue creation and deletion and Doorbell Buffer Config (PCIe), Fabrics
     * commands. The carrier ends the command with {@link NvmeCommand#finish}.
     *
     * @return false if the carrier does not know it; the core then answers Invalid Command Opcode
     */
    boolean carrierAdmin(NvmeCommand command);

    /**
     * Number of Queues: what the host gets.
     *
     * @param requested NCQR in bits 31:16, NSQR in bits 15:0, both 0's-based
     * @return NCQA and NSQA in the same shape
     */
    int grantQueues(int requested);

    /**
     * Interrupt Coalescing (PCIe).
     *
     * @param threshold 0's-based entries
     * @param time in units of 100 µs
     */
    default void setInterruptCoalescing(int threshold, int time) {}

    /** Interrupt Vector Configuration (PCIe). */
    default void setInterruptVector(int vector, boolean coalescingDisabled) {}

    /** The keep-alive timer ran out: drop the host. CSTS.CFS is set already. */
    void keepAliveExpired();
}
