package io.zonewright.frontend.nvme.command.io;

import io.zonewright.frontend.nvme.command.NvmeCommand;

/** Which writes have to be stable before they complete. */
final class Stability {
    private Stability() {}

    /** By the command's Force Unit Access bit, or because the host switched the volatile write cache off. */
    static boolean demanded(NvmeCommand command) {
        return BlockRange.forceUnitAccess(command) || command.controller().writeThrough();
    }
}
