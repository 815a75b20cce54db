package io.zonewright.frontend.nvme.command;

/**
 * Carries out one command of the {@link OpcodeTable}. One object serves every command of its kind, from any thread, so
 * it keeps nothing between calls; what belongs to one command is in the {@link NvmeCommand}. Nothing is allocated per
 * command on the I/O path.
 */
public interface CommandHandler {
    /**
     * Checks the submission entry before any data has moved, and says how much data there is with
     * {@link NvmeCommand#expect}. The NSID has been checked against {@link NvmeOpcode#nsid} and fused and PSDT bits are
     * good. Reserved fields are ignored.
     *
     * @return {@link NvmeStatus#SUCCESS}, or the status with which the command ends
     */
    int check(NvmeCommand command);

    /**
     * Carries out a command that {@link #check} let pass, with its data in {@link NvmeCommand#data}. Ends with exactly one
     * {@link NvmeCommand#finish}, perhaps later and on another thread. Must not block.
     */
    void execute(NvmeCommand command);

    /**
     * The device has completed {@link NvmeCommand#request}, which {@link #execute} or this method submitted. Any
     * thread. A handler that submits none never sees this.
     */
    default void deviceDone(NvmeCommand command) {
        throw new IllegalStateException("no device request was submitted for " + command);
    }
}
