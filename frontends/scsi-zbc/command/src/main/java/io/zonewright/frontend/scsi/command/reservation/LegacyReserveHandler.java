package io.zonewright.frontend.scsi.command.reservation;

import io.zonewright.frontend.scsi.command.CommandHandler;
import io.zonewright.frontend.scsi.command.ScsiOpcode;
import io.zonewright.frontend.scsi.command.ScsiStatus;
import io.zonewright.frontend.scsi.command.ScsiTask;

/**
 * RESERVE and RELEASE of the whole unit (SPC-2). Conflict with each other's holder, and with any registration (SPC-5 without
 * CRH). RELEASE by somebody who holds nothing is good and does nothing.
 */
final class LegacyReserveHandler implements CommandHandler {
    @Override
    public boolean check(ScsiTask task) {
        return true;
    }

    @Override
    public void execute(ScsiTask task) {
        Reservations reservations = task.unit().reservations();
        ScsiOpcode opcode = task.opcode();
        if (opcode == ScsiOpcode.RESERVE_6 || opcode == ScsiOpcode.RESERVE_10) {
            if (!reservations.reserveLegacy(task.unitNexus())) {
                task.setStatus(ScsiStatus.RESERVATION_CONFLICT);
            }
        } else if (reservations.registrations() != 0) {
            task.setStatus(ScsiStatus.RESERVATION_CONFLICT);
        } else {
            reservations.releaseLegacy(task.unitNexus());
        }
        task.end();
    }
}
