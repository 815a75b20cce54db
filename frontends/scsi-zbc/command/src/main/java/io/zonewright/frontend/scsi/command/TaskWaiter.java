package io.zonewright.frontend.scsi.command;

/** Waits for tasks to leave the task set. */
@FunctionalInterface
interface TaskWaiter {
    /** One that was waited for is gone, or back in line. Any thread. */
    void left(ScsiTask task);
}
