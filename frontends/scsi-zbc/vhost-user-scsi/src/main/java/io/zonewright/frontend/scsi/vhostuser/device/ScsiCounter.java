package io.zonewright.frontend.scsi.vhostuser.device;

/** What each request queue counts. */
public enum ScsiCounter {
    /** Commands answered. */
    COMMANDS,
    /** Bytes of data-in that drivers got. */
    BYTES_READ,
    /** Bytes of data-out of commands that ended with GOOD. */
    BYTES_WRITTEN,
    /** Commands that ended with CHECK CONDITION. */
    CHECK_CONDITIONS,
    /** Commands that ended without a status: a response other than OK. */
    WITHOUT_STATUS
}
