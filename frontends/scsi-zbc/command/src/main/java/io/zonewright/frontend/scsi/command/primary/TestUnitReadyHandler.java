package io.zonewright.frontend.scsi.command.primary;

import io.zonewright.frontend.scsi.command.CommandHandler;
import io.zonewright.frontend.scsi.command.ScsiTask;

/** TEST UNIT READY (SPC-5): there is nothing that could make a unit not ready. */
final class TestUnitReadyHandler implements CommandHandler {
    @Override
    public boolean check(ScsiTask task) {
        return true;
    }

    @Override
    public void execute(ScsiTask task) {
        task.end();
    }
}
