package io.zonewright.frontend.nvme.command;

/** Which way a command's data goes. */
public enum Transfer {
    /** No data. */
    NONE,
    /** From the host, as in Write. */
    TO_CONTROLLER,
    /** To the host, as in Read. */
    TO_HOST
}
