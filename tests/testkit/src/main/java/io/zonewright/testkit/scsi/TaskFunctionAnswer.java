package io.zonewright.testkit.scsi;

/** What a task management function ended with (SAM-6 section 7.1), as far as the carrier can say it. */
public enum TaskFunctionAnswer {
    /** FUNCTION COMPLETE. */
    COMPLETE,
    /** FUNCTION SUCCEEDED: what was asked about is there. Carriers without such an answer say {@link #COMPLETE}. */
    SUCCEEDED,
    /** FUNCTION REJECTED: not supported. */
    REJECTED,
    INCORRECT_LUN,
    /** iSCSI: the task is not there. */
    TASK_NOT_FOUND,
    /** Anything else that means failure. */
    FAILED
}
