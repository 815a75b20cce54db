package io.zonewright.frontend.scsi.command;

/** Which way a command's data goes. */
public enum Transfer {
    /** There is none. */
    NONE,
    /** Data-out: the initiator sends it. */
    TO_TARGET,
    /** Data-in: the initiator receives it. */
    TO_INITIATOR
}
