package io.zonewright.frontend.scsi.command.block;

import io.zonewright.api.buffer.ScratchPool;
import io.zonewright.frontend.scsi.command.CommandHandler;
import io.zonewright.frontend.scsi.command.ScsiTask;
import io.zonewright.frontend.scsi.command.page.HostMemory;
import io.zonewright.frontend.scsi.command.zone.ZoneAccess;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * ORWRITE (SBC-4): writes what is there, or-ed with the data, piece by piece. No other command of the logical unit runs
 * meanwhile.
 */
final class OrWriteHandler implements CommandHandler {
    private static final int WRITING = 1;

    private final ScratchPool pool;
    private final BlockJob.Steps steps = OrWriteHandler::next;

    OrWriteHandler(ScratchPool pool) {
        this.pool = pool;
    }

    @Override
    public boolean check(ScsiTask task) {
        return WriteHandler.checkWrite(task)
                && ZoneAccess.mayWriteInPieces(task, BlockRange.lba(task), BlockRange.count(task));
    }

    @Override
    public void execute(ScsiTask task) {
        if (task.transferBytes() == 0) {
            task.end();
        } else {
            BlockJob.of(task).start(task, steps, pool, task.transferBytes());
        }
    }

    private static boolean next(ScsiTask task, BlockJob job) {
        long offset = BlockRange.offset(task) + job.position();
        if (!job.begun()) {
            return job.read(offset, job.pieceLength());
        }
        if (!job.cause().success()) {
            BlockRange.fail(task, job.causes(), job.position() + job.transferred());
            return false;
        }
        if (job.stage() == WRITING) {
            job.setStage(0);
            job.setPosition(job.position() + job.length());
            long length = job.pieceLength();
            return length != 0 && job.read(BlockRange.offset(task) + job.position(), length);
        }
        long length = job.length();
        try {
            task.data().copyTo(job.position(), job.beside(), 0, length);
        } catch (RuntimeException | InternalError gone) {
            HostMemory.lost(task, gone);
            return false;
        }
        or(job.piece(), job.beside(), length);
        job.setStage(WRITING);
        job.write(offset, length);
        job.setForceUnitAccess(BlockRange.stable(task, BlockRange.forceUnitAccess(task)));
        return true;
    }

    private static void or(MemorySegment into, MemorySegment with, long length) {
        for (long at = 0; at < length; at += Long.BYTES) {
            long both = into.get(ValueLayout.JAVA_LONG, at) | with.get(ValueLayout.JAVA_LONG, at);
            into.set(ValueLayout.JAVA_LONG, at, both);
        }
    }
}
