package io.zonewright.frontend.scsi.command.primary;

import io.zonewright.frontend.scsi.command.CommandHandler;
import io.zonewright.frontend.scsi.command.ScsiTask;

/** PREVENT ALLOW MEDIUM REMOVAL (SPC-5): byte 4 bits 1:0. Kept per nexus; the medium cannot be removed anyway. */
final class PreventAllowHandler implements CommandHandler {
    private static final int PREVENT_BYTE = 4;
    private static final int PREVENT = 1;
    private static final int OBSOLETE = 2;
    private static final int OBSOLETE_BIT = 1;

    @Override
    public boolean check(ScsiTask task) {
        return (task.byteAt(PREVENT_BYTE) & OBSOLETE) == 0 || task.invalidField(PREVENT_BYTE, OBSOLETE_BIT);
    }

    @Override
    public void execute(ScsiTask task) {
        task.unitNexus().setPreventsRemoval((task.byteAt(PREVENT_BYTE) & PREVENT) != 0);
        task.end();
    }
}
