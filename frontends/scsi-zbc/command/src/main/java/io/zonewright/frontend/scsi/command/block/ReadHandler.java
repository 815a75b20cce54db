package io.zonewright.frontend.scsi.command.block;

import io.zonewright.api.buffer.ScratchPool;
import io.zonewright.api.request.DeviceRequest;
import io.zonewright.api.request.Operation;
import io.zonewright.frontend.scsi.command.CommandHandler;
import io.zonewright.frontend.scsi.command.LogicalUnit;
import io.zonewright.frontend.scsi.command.ScsiTask;
import io.zonewright.frontend.scsi.command.Transfer;
import io.zonewright.frontend.scsi.command.UnitShape;
import io.zonewright.frontend.scsi.command.page.HostMemory;
import io.zonewright.frontend.scsi.command.zone.ZoneAccess;

/**
 * READ (SBC-4; ZBC-2 where zones are touched). With FUA, what the medium still caches is made stable before it is read.
 * An initiator that takes less than it asks for gets the start of it, blocks cut in the middle included.
 */
final class ReadHandler implements CommandHandler {
    private static final long FLUSHING = 1;

    private final ScratchPool pool;
    private final BlockJob.Steps cut = ReadHandler::nextOfCut;

    ReadHandler(ScratchPool pool) {
        this.pool = pool;
    }

    @Override
    public boolean check(ScsiTask task) {
        long count = BlockRange.count(task);
        return BlockRange.inside(task, count)
                && BlockRange.notTooLong(task, count)
                && ZoneAccess.mayRead(task, BlockRange.lba(task), count)
                && task.expect(Transfer.TO_INITIATOR, task.unit().shape().toBytes(count))
                && (!lends(task) || task.offerLoan());
    }

    /** Whether the medium can show the data itself: whole blocks of it. */
    private static boolean lends(ScsiTask task) {
        LogicalUnit unit = task.unit();
        return unit.device().lends() && task.transferBytes() % unit.shape().blockSize() == 0;
    }

    @Override
    public void execute(ScsiTask task) {
        if (task.transferBytes() == 0) {
            task.end();
        } else if (BlockRange.forceUnitAccess(task) && task.unit().shape().cached()) {
            task.setState(FLUSHING);
            task.request().prepare(Operation.FLUSH, 0, 0);
            task.unit().device().submit(task.request());
        } else {
            read(task);
        }
    }

    @Override
    public void deviceDone(ScsiTask task) {
        DeviceRequest request = task.request();
        if (!request.cause().success()) {
            BlockRange.fail(task, request.causes(), request.transferred());
            task.end();
        } else if (task.state() == FLUSHING) {
            task.setState(0);
            read(task);
        } else {
            task.setTransferred(task.transferBytes());
            task.end();
        }
    }

    private void read(ScsiTask task) {
        UnitShape shape = task.unit().shape();
        long bytes = task.transferBytes();
        if ((bytes & (shape.blockSize() - 1)) != 0) {
            BlockJob.of(task).start(task, cut, pool, bytes);
            return;
        }
        task.request().prepare(Operation.READ, BlockRange.offset(task), bytes);
        task.request().setLend(task.borrows());
        task.unit().device().submit(task.request());
    }

    /** Piece by piece by way of the buffer, since the last block does not fit into the initiator's data. */
    private static boolean nextOfCut(ScsiTask task, BlockJob job) {
        if (job.begun()) {
            if (!job.cause().success()) {
                BlockRange.fail(task, job.causes(), job.position());
                return false;
            }
            long length = job.pieceLength();
            try {
                task.data().copyFrom(job.piece(), 0, job.position(), length);
            } catch (RuntimeException | InternalError gone) {
                HostMemory.lost(task, gone);
                return false;
            }
            job.setPosition(job.position() + length);
            task.setTransferred(job.position());
        }
        int block = task.unit().shape().blockSize();
        long whole = (job.pieceLength() + block - 1) & -block;
        return whole != 0 && job.read(BlockRange.offset(task) + job.position(), whole);
    }
}
