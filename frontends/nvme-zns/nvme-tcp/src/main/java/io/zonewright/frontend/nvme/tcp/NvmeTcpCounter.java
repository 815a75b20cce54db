package io.zonewright.frontend.nvme.tcp;

/** What connections count. */
enum NvmeTcpCounter {
    /** Capsules with commands. */
    COMMANDS,
    /** Commands that ended with an error. */
    ERRORS,
    /** Data sent to hosts. */
    BYTES_TO_HOSTS,
    /** Data received from hosts, with commands or after an R2T. */
    BYTES_FROM_HOSTS,
    /** R2Ts. */
    READY_TO_TRANSFERS,
    /** Data that arrived damaged, by its digest. */
    DATA_DIGEST_ERRORS,
    /** Connections ended because of what the host sent. */
    FATAL_ERRORS,
    /** Connections ended because the host was too slow. */
    TIMEOUTS,
    /** Commands that waited for memory. */
    MEMORY_WAITS,
    /** Connect commands refused. */
    CONNECTS_REFUSED,
    /** Authentications that failed. */
    AUTHENTICATION_FAILURES
}
