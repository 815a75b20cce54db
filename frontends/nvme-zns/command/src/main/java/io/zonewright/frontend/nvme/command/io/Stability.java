package io.zonewright.frontend.nvme.command.io;

import io.zonewright.frontend.nvme.command.NvmeCommand;

/** Which writes have to be stable before they complete. */
final class Stability {
    private Stability() {}

    /** Whether this write has to be, by its Force Unit Access bit or because the host switched the write cache off. */
    static boolean demanded(NvmeCommand command) {
        return BlockRange.forceUnitAccess(command) || command.controller().writeThrough();
    }
}
