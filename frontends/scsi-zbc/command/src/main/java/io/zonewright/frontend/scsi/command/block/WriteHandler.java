package io.zonewright.frontend.scsi.command.block;

import io.zonewright.api.request.DeviceRequest;
import io.zonewright.api.request.Operation;
import io.zonewright.frontend.scsi.command.CommandHandler;
import io.zonewright.frontend.scsi.command.ScsiTask;
import io.zonewright.frontend.scsi.command.Transfer;
import io.zonewright.frontend.scsi.command.zone.ZoneAccess;

/**
 * WRITE (SBC-4; ZBC-2 where zones are touched). Of data that an initiator offers too little of, the whole blocks are
 * written. The carrier need not bring what is cut off.
 */
final class WriteHandler implements CommandHandler {
    @Override
    public boolean check(ScsiTask task) {
        return checkWrite(task);
    }

    /** Checks, and expects the data, of any command that writes its data to its range. */
    static boolean checkWrite(ScsiTask task) {
        long count = BlockRange.count(task);
        if (!BlockRange.inside(task, count)
                || !BlockRange.notTooLong(task, count)
                || !BlockRange.writable(task)
                || !ZoneAccess.mayWrite(task, BlockRange.lba(task), count)) {
            return false;
        }
        return expectBlocks(task, count);
    }

    /** Expects this many blocks of data-out, or as many whole ones as the initiator offers. */
    static boolean expectBlocks(ScsiTask task, long count) {
        int block = task.unit().shape().blockSize();
        long offered = task.offeredOut() & -block;
        return task.expect(Transfer.TO_TARGET, task.unit().shape().toBytes(count), offered);
    }

    @Override
    public void execute(ScsiTask task) {
        if (task.transferBytes() == 0) {
            task.end();
            return;
        }
        DeviceRequest request = task.request();
        request.prepare(Operation.WRITE, BlockRange.offset(task), task.transferBytes());
        request.setForceUnitAccess(BlockRange.stable(task, BlockRange.forceUnitAccess(task)));
        task.unit().device().submit(request);
    }

    @Override
    public void deviceDone(ScsiTask task) {
        DeviceRequest request = task.request();
        if (!request.cause().success()) {
            BlockRange.fail(task, request.causes(), request.transferred());
        }
        task.end();
    }
}
