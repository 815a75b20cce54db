package io.zonewright.frontend.nvme.command.io;

import io.zonewright.frontend.nvme.command.NvmeCommand;

/** Which writes have to be stable before they complete. */
final class Stability {
    private Stability() {}

    /** Whether this write has to be, by its Force Unit Access bit. */
    static boolean demanded(NvmeCommand command) {
        return BlockRange.forceUnitAccess(command);
    }
}
