package io.zonewright.frontend.scsi.command.block;

import io.zonewright.api.request.DeviceRequest;
import io.zonewright.api.request.Operation;
import io.zonewright.frontend.scsi.command.CommandHandler;
import io.zonewright.frontend.scsi.command.ScsiTask;
import io.zonewright.frontend.scsi.command.Sense;
import io.zonewright.frontend.scsi.command.Transfer;
import io.zonewright.frontend.scsi.command.UnitShape;
import io.zonewright.frontend.scsi.command.zone.ZoneAccess;

/**
 * WRITE (SBC-4; ZBC-2 where zones are touched). Of data that an initiator offers too little of, the blocks offered are
 * written.
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

    /**
     * Expects this many blocks of data-out, or as many as the initiator offers. What is offered and is no whole number of
     * blocks could only be lost in silence: INVALID FIELD IN COMMAND INFORMATION UNIT, one of the three answers that FCP-4
     * ("FCP_DL field") gives to choose from, and libiscsi asks of iSCSI.
     */
    static boolean expectBlocks(ScsiTask task, long count) {
        UnitShape shape = task.unit().shape();
        long wanted = shape.toBytes(count);
        task.expect(Transfer.TO_TARGET, wanted);
        boolean cut = task.offeredOut() < wanted && task.offeredOut() % shape.blockSize() != 0;
        return !cut || task.fail(Sense.INVALID_FIELD_IN_COMMAND_INFORMATION_UNIT);
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
