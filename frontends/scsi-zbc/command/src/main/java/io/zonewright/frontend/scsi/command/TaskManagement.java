package io.zonewright.frontend.scsi.command;

/** Task management functions (SAM-5, "Task management functions"). */
public enum TaskManagement {
    /** Ends one task, named by its tag, of this nexus and logical unit. */
    ABORT_TASK,
    /** Ends all tasks of this nexus in the logical unit. */
    ABORT_TASK_SET,
    /** Ends all tasks of all nexuses in the logical unit. */
    CLEAR_TASK_SET,
    /** Not offered, as ACA is not. */
    CLEAR_ACA,
    /** Ends all tasks of the logical unit and resets it. */
    LOGICAL_UNIT_RESET,
    /** Resets all logical units of the target, for all initiators; LUN and tag are not looked at. */
    TARGET_RESET,
    /** Ends all tasks of this nexus in all logical units, as if it had been lost. */
    I_T_NEXUS_RESET,
    /** Asks whether a task is there. */
    QUERY_TASK,
    /** Asks whether any task of this nexus is there. */
    QUERY_TASK_SET,
    /** Asks whether a unit attention is pending. */
    QUERY_ASYNCHRONOUS_EVENT
}
