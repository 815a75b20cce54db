package io.zonewright.frontend.scsi.command.zone;

import io.zonewright.frontend.scsi.command.CommandHandler;
import io.zonewright.frontend.scsi.command.ScsiTask;

/**
 * SEQUENTIALIZE ZONE (ZBC-2), for sequential write preferred zones: nothing is stored out of order, so there is nothing to
 * put in order, and NON_SEQ is never set.
 */
final class SequentializeHandler implements CommandHandler {
    @Override
    public boolean check(ScsiTask task) {
        return ZoneActionHandler.checkZones(task);
    }

    @Override
    public void execute(ScsiTask task) {
        task.end();
    }
}
