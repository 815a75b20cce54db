package io.zonewright.frontend.scsi.command.block;

import io.zonewright.api.buffer.ScratchPool;
import io.zonewright.api.request.DeviceRequest;
import io.zonewright.api.request.Operation;
import io.zonewright.frontend.scsi.command.CommandHandler;
import io.zonewright.frontend.scsi.command.ScsiTask;
import io.zonewright.frontend.scsi.command.Sense;
import io.zonewright.frontend.scsi.command.Transfer;
import io.zonewright.frontend.scsi.command.page.HostMemory;
import io.zonewright.frontend.scsi.command.zone.ZoneAccess;
import java.lang.foreign.MemorySegment;

/**
 * VERIFY and WRITE AND VERIFY (SBC-4): reads the range, and compares it if BYTCHK (bits 2:1 of byte 1) says so: 01b with as
 * much data, 11b with one block of data each (VERIFY only). The initiator's data is copied before it is looked at: it
 * may change at any time, and lie in memory that goes away. MISCOMPARE tells the block in INFORMATION.
 */
final class VerifyHandler implements CommandHandler {
    private static final int BYTCHK_BYTE = 1;
    private static final int BYTCHK_SHIFT = 1;
    private static final int BYTCHK_MASK = 3;
    private static final int BYTCHK_BIT = 2;
    private static final int NONE = 0;
    private static final int ALL = 1;
    private static final int ONE_BLOCK = 3;

    private final ScratchPool pool;
    private final boolean writes;
    private final BlockJob.Steps steps = this::next;

    /** @param writes for WRITE AND VERIFY */
    VerifyHandler(ScratchPool pool, boolean writes) {
        this.pool = pool;
        this.writes = writes;
    }

    @Override
    public boolean check(ScsiTask task) {
        int bytchk = bytchk(task);
        if (bytchk != NONE && bytchk != ALL && (writes || bytchk != ONE_BLOCK)) {
            return task.invalidField(BYTCHK_BYTE, BYTCHK_BIT);
        }
        if (writes) {
            return WriteHandler.checkWrite(task);
        }
        long count = BlockRange.count(task);
        if (!BlockRange.inside(task, count)
                || !BlockRange.notTooLong(task, count)
                || !ZoneAccess.mayRead(task, BlockRange.lba(task), count)) {
            return false;
        }
        return switch (bytchk) {
            case NONE -> task.expect(Transfer.NONE, 0);
            case ALL -> WriteHandler.expectBlocks(task, count);
            default -> WriteHandler.expectBlocks(task, Math.min(1, count));
        };
    }

    @Override
    public void execute(ScsiTask task) {
        if (!writes) {
            verify(task);
        } else if (task.transferBytes() == 0) {
            task.end();
        } else {
            DeviceRequest request = task.request();
            request.prepare(Operation.WRITE, BlockRange.offset(task), task.transferBytes());
            request.setForceUnitAccess(BlockRange.stable(task, true));
            task.unit().device().submit(request);
        }
    }

    @Override
    public void deviceDone(ScsiTask task) {
        DeviceRequest request = task.request();
        if (request.cause().success()) {
            verify(task);
        } else {
            BlockRange.fail(task, request.causes(), request.transferred());
            task.end();
        }
    }

    private void verify(ScsiTask task) {
        long bytes = task.unit().shape().toBytes(BlockRange.count(task));
        if (writes || bytchk(task) == ALL) {
            bytes = task.transferBytes();
        }
        if (bytes == 0 || (bytchk(task) == ONE_BLOCK && task.transferBytes() == 0)) {
            task.end();
        } else {
            BlockJob.of(task).start(task, steps, pool, bytes);
        }
    }

    private boolean next(ScsiTask task, BlockJob job) {
        if (job.begun()) {
            if (!job.cause().success()) {
                BlockRange.fail(task, job.causes(), job.position() + job.transferred());
                return false;
            }
            if (bytchk(task) != NONE && !same(task, job)) {
                return false;
            }
            job.setPosition(job.position() + job.length());
        }
        long length = job.pieceLength();
        return length != 0 && job.read(BlockRange.offset(task) + job.position(), length);
    }

    private static boolean same(ScsiTask task, BlockJob job) {
        long differs = differsAt(task, job);
        if (differs >= 0) {
            long block = task.unit().shape().toBlocks(job.position() + differs);
            task.fail(Sense.MISCOMPARE, BlockRange.lba(task) + block);
        }
        return differs == -1;
    }

    /** First byte of the piece that is not as it should be; -1 if all are; -2 if the data is gone. */
    private static long differsAt(ScsiTask task, BlockJob job) {
        long length = job.length();
        MemorySegment copy = job.beside();
        boolean one = bytchk(task) == ONE_BLOCK;
        int block = task.unit().shape().blockSize();
        try {
            long from = one ? 0 : job.position();
            task.data().copyTo(from, copy, 0, one ? block : length);
        } catch (RuntimeException | InternalError gone) {
            HostMemory.lost(task, gone);
            return -2;
        }
        if (!one) {
            return MemorySegment.mismatch(job.piece(), 0, length, copy, 0, length);
        }
        for (long at = 0; at < length; at += block) {
            long differs = MemorySegment.mismatch(job.piece(), at, at + block, copy, 0, block);
            if (differs >= 0) {
                return at + differs;
            }
        }
        return -1;
    }

    private static int bytchk(ScsiTask task) {
        return task.byteAt(BYTCHK_BYTE) >>> BYTCHK_SHIFT & BYTCHK_MASK;
    }
}
