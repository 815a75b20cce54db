package io.zonewright.frontend.scsi.command.block;

import io.zonewright.api.request.Operation;
import io.zonewright.frontend.scsi.command.CauseSense;
import io.zonewright.frontend.scsi.command.CommandHandler;
import io.zonewright.frontend.scsi.command.ScsiTask;

/**
 * START STOP UNIT (SBC-4): byte 4 has POWER CONDITION 7:4, NO_FLUSH 2, LOEJ 1, START 0. To stop, the device is flushed unless
 * NO_FLUSH says otherwise; it stays ready all the same, since other initiators and protocols share it. There is
 * nothing to eject, and no power condition but START_VALID and active.
 */
final class StartStopHandler implements CommandHandler {
    private static final int FLAGS_BYTE = 4;
    private static final int START = 1;
    private static final int LOEJ = 1 << 1;
    private static final int NO_FLUSH = 1 << 2;
    private static final int LOEJ_BIT = 1;
    private static final int CONDITION_SHIFT = 4;
    private static final int CONDITION_BIT = 7;
    private static final int ACTIVE = 1;

    @Override
    public boolean check(ScsiTask task) {
        int flags = task.byteAt(FLAGS_BYTE);
        if (flags >>> CONDITION_SHIFT > ACTIVE) {
            return task.invalidField(FLAGS_BYTE, CONDITION_BIT);
        }
        return flags >>> CONDITION_SHIFT != 0 || (flags & LOEJ) == 0 || task.invalidField(FLAGS_BYTE, LOEJ_BIT);
    }

    @Override
    public void execute(ScsiTask task) {
        int flags = task.byteAt(FLAGS_BYTE);
        if (flags >>> CONDITION_SHIFT != 0 || (flags & (START | NO_FLUSH)) != 0) {
            task.end();
        } else {
            task.request().prepare(Operation.FLUSH, 0, 0);
            task.unit().device().submit(task.request());
        }
    }

    @Override
    public void deviceDone(ScsiTask task) {
        if (!task.request().cause().success()) {
            CauseSense.fail(task, task.request().causes(), 0, 0);
        }
        task.end();
    }
}
