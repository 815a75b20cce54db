package io.zonewright.frontend.scsi.command.block;

import io.zonewright.frontend.scsi.command.CommandHandler;
import io.zonewright.frontend.scsi.command.ScsiTask;
import io.zonewright.frontend.scsi.command.zone.ZoneAccess;

/** PRE-FETCH (SBC-4). Nothing is fetched, so the status is GOOD and not CONDITION MET: not all of it is in a cache. */
final class PreFetchHandler implements CommandHandler {
    @Override
    public boolean check(ScsiTask task) {
        long count = BlockRange.count(task);
        return BlockRange.inside(task, count)
                && BlockRange.notTooLong(task, count)
                && ZoneAccess.mayRead(task, BlockRange.lba(task), count);
    }

    @Override
    public void execute(ScsiTask task) {
        task.end();
    }
}
