package io.zonewright.frontend.scsi.command;

/** Service response to a task management function (SAM-5, "Task management functions"). */
public enum TaskManagementResult {
    /** Done; or, to a query: no. ABORT TASK gives this for a task that is not there, too. */
    COMPLETE,
    /** To a query: yes. */
    SUCCEEDED,
    /** Not offered. */
    REJECTED,
    /** There is no such logical unit. */
    INCORRECT_LOGICAL_UNIT
}
