package io.zonewright.frontend.scsi.iscsi;

/** What connections count. */
enum IscsiCounter {
    /** SCSI commands. */
    COMMANDS,
    /** Commands that ended with another status than GOOD. */
    ERRORS,
    /** Data sent to initiators. */
    BYTES_TO_INITIATORS,
    /** Data received from initiators, with commands, unsolicited or after an R2T. */
    BYTES_FROM_INITIATORS,
    /** R2Ts. */
    READY_TO_TRANSFERS,
    /** Task management functions. */
    TASK_MANAGEMENT,
    /** PDUs that were rejected. */
    REJECTS,
    /** Headers or data that arrived damaged, by their digest. */
    DIGEST_ERRORS,
    /** Commands outside the window, which are passed over. */
    OUT_OF_WINDOW,
    /** Connections ended because of what the initiator sent. */
    PROTOCOL_ERRORS,
    /** Connections ended because the initiator was too slow. */
    TIMEOUTS,
    /** Commands that waited for memory. */
    MEMORY_WAITS,
    /** Commands that were told to come again, since there was no memory for the data that came with them. */
    MEMORY_REFUSALS,
    /** Logins that were refused. */
    LOGINS_REFUSED
}
