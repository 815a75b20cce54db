package io.zonewright.frontend.virtioblk;

/** What each queue counts. */
enum BlkCounter {
    /** Read requests ended. */
    READS,
    /** Write requests ended. */
    WRITES,
    /** Append requests ended. */
    APPENDS,
    /** Flush requests ended. */
    FLUSHES,
    /** Opens, closes, finishes and resets ended. */
    ZONE_ACTIONS,
    /** Zone reports ended. */
    ZONE_REPORTS,
    /** All other requests ended: identity, discard, write zeroes, unknown. */
    OTHERS,
    /** Bytes given to drivers by reads that succeeded. */
    BYTES_READ,
    /** Bytes taken from drivers by writes and appends that succeeded. */
    BYTES_WRITTEN,
    /** Requests that ended with a status other than OK. */
    ERRORS
}
