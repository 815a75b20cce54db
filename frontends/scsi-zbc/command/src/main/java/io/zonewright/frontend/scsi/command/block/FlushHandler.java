package io.zonewright.frontend.scsi.command.block;

import io.zonewright.api.request.Operation;
import io.zonewright.frontend.scsi.command.CommandHandler;
import io.zonewright.frontend.scsi.command.ScsiTask;

/**
 * SYNCHRONIZE CACHE (SBC-4): the device flushes as a whole, whatever the range, and with IMMED, too, answers when that is
 * done.
 */
final class FlushHandler implements CommandHandler {
    @Override
    public boolean check(ScsiTask task) {
        return BlockRange.inside(task, BlockRange.count(task));
    }

    @Override
    public void execute(ScsiTask task) {
        task.request().prepare(Operation.FLUSH, 0, 0);
        task.unit().device().submit(task.request());
    }

    @Override
    public void deviceDone(ScsiTask task) {
        if (!task.request().cause().success()) {
            BlockRange.fail(task, task.request().causes(), 0);
        }
        task.end();
    }
}
