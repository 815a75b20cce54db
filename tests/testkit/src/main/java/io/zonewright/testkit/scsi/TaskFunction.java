package io.zonewright.testkit.scsi;

/** Task management functions (SAM-6 section 7.1); each carrier has numbers of its own for them. */
public enum TaskFunction {
    ABORT_TASK,
    ABORT_TASK_SET,
    CLEAR_ACA,
    CLEAR_TASK_SET,
    LOGICAL_UNIT_RESET,
    I_T_NEXUS_RESET,
    QUERY_TASK,
    QUERY_TASK_SET,
    QUERY_ASYNCHRONOUS_EVENT,
    /** iSCSI only (RFC 7143 section 11.5.1). */
    TARGET_WARM_RESET,
    /** iSCSI only; the target hangs up. */
    TARGET_COLD_RESET
}
