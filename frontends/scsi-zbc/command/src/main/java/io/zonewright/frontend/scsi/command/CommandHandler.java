package io.zonewright.frontend.scsi.command;

/**
 * Carries out one command of the {@link OpcodeTable}. One object serves every command of its kind in a logical unit, from
 * any thread, so it keeps nothing between calls; what belongs to one command is in the {@link ScsiTask}. Reads and
 * writes allocate nothing.
 */
public interface CommandHandler {
    /**
     * Checks the CDB before any data has moved, and says how much data there is with {@link ScsiTask#expect}. Logical
     * unit, length, reserved bits, unit attentions and reservations have been dealt with.
     *
     * @return false if the command ends here: {@link ScsiTask#fail} or {@link ScsiTask#invalidField} was called
     */
    boolean check(ScsiTask task);

    /**
     * Carries out a command that {@link #check} let pass, with its data in {@link ScsiTask#data}. Ends with exactly one
     * {@link ScsiTask#end}, perhaps later and on another thread. Must not block.
     */
    void execute(ScsiTask task);

    /**
     * The device has completed {@link ScsiTask#request}, which {@link #execute} or this method submitted. Any thread. A
     * handler that submits none never sees this.
     */
    default void deviceDone(ScsiTask task) {
        throw new IllegalStateException("no device request was submitted for " + task);
    }
}
