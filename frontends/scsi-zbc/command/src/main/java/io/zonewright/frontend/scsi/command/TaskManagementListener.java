package io.zonewright.frontend.scsi.command;

/** Hears the end of a task management function. */
@FunctionalInterface
public interface TaskManagementListener {
    /**
     * The function is done: {@link ScsiTask#onComplete} of every task that it ended has returned. Called exactly once, on
     * any thread, perhaps before {@link Nexus#manage} returns; must not block.
     *
     * @param information for {@link TaskManagement#QUERY_ASYNCHRONOUS_EVENT}: sense key, additional sense code and
     *     qualifier of the first pending unit attention, as the low three bytes of SAM-5's additional response
     *     information; else 0
     */
    void done(TaskManagementResult result, int information);
}
