package io.zonewright.frontend.scsi.command.block;

import io.zonewright.api.buffer.ScratchPool;
import io.zonewright.api.buffer.SpanList;
import io.zonewright.api.request.Operation;
import io.zonewright.frontend.scsi.command.CommandHandler;
import io.zonewright.frontend.scsi.command.ScsiTask;
import io.zonewright.frontend.scsi.command.Sense;
import io.zonewright.frontend.scsi.command.Transfer;
import io.zonewright.frontend.scsi.command.UnitLimits;
import io.zonewright.frontend.scsi.command.page.HostMemory;
import io.zonewright.frontend.scsi.command.zone.ZoneAccess;
import java.lang.foreign.MemorySegment;

/**
 * COMPARE AND WRITE (SBC-4): NUMBER OF LOGICAL BLOCKS in byte 13; the data is what must be there, and as much that is then
 * written. No other command of the logical unit runs meanwhile. MISCOMPARE tells in INFORMATION the offset, in bytes,
 * of the first byte that differs.
 */
final class CompareAndWriteHandler implements CommandHandler {
    private static final int COUNT_BYTE = 13;
    private static final int WRITING = 1;

    private final ScratchPool pool;
    private final BlockJob.Steps steps = CompareAndWriteHandler::next;

    CompareAndWriteHandler(ScratchPool pool) {
        this.pool = pool;
    }

    @Override
    public boolean check(ScsiTask task) {
        int count = task.byteAt(COUNT_BYTE);
        if (!BlockRange.inside(task, count)) {
            return false;
        }
        long wanted = 2 * task.unit().shape().toBytes(count);
        // Half of what is to be compared makes no sense, so there is no residual here.
        if (count > UnitLimits.compareAndWriteBlocks(task.unit().shape()) || task.offeredOut() != wanted) {
            return task.invalidField(COUNT_BYTE);
        }
        return BlockRange.writable(task)
                && ZoneAccess.mayWrite(task, BlockRange.lba(task), count)
                && ZoneAccess.mayRead(task, BlockRange.lba(task), count)
                && task.expect(Transfer.TO_TARGET, wanted);
    }

    @Override
    public void execute(ScsiTask task) {
        if (task.transferBytes() == 0) {
            task.end();
        } else {
            BlockJob.of(task).start(task, steps, pool, task.transferBytes() / 2);
        }
    }

    private static boolean next(ScsiTask task, BlockJob job) {
        if (job.begun()) {
            if (!job.cause().success()) {
                BlockRange.fail(task, job.causes(), job.position() + job.transferred());
                return false;
            }
            if (job.stage() == WRITING || !same(task, job)) {
                return false;
            }
            job.setPosition(job.position() + job.length());
        }
        long length = job.pieceLength();
        if (length != 0) {
            return job.read(BlockRange.offset(task) + job.position(), length);
        }
        job.setStage(WRITING);
        SpanList spans = job.data();
        spans.clear();
        spans.addSlice(task.data(), job.end(), job.end());
        job.prepare(Operation.WRITE, BlockRange.offset(task), job.end());
        job.setForceUnitAccess(BlockRange.stable(task, BlockRange.forceUnitAccess(task)));
        job.setPosition(0);
        return true;
    }

    private static boolean same(ScsiTask task, BlockJob job) {
        long length = job.length();
        MemorySegment copy = job.beside();
        try {
            task.data().copyTo(job.position(), copy, 0, length);
        } catch (RuntimeException | InternalError gone) {
            HostMemory.lost(task, gone);
            return false;
        }
        long differs = MemorySegment.mismatch(job.piece(), 0, length, copy, 0, length);
        return differs < 0 || task.fail(Sense.MISCOMPARE, job.position() + differs);
    }
}
