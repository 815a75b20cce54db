package io.zonewright.frontend.scsi.command.block;

import io.zonewright.api.buffer.ScratchPool;
import io.zonewright.api.request.DeviceRequest;
import io.zonewright.api.request.Operation;
import io.zonewright.frontend.scsi.command.CommandHandler;
import io.zonewright.frontend.scsi.command.ScsiOpcode;
import io.zonewright.frontend.scsi.command.ScsiTask;
import io.zonewright.frontend.scsi.command.Transfer;
import io.zonewright.frontend.scsi.command.UnitLimits;
import io.zonewright.frontend.scsi.command.UnitShape;
import io.zonewright.frontend.scsi.command.page.HostMemory;
import io.zonewright.frontend.scsi.command.zone.ZoneAccess;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * WRITE SAME (SBC-4): byte 1 has UNMAP in bit 3 and, in the 16-byte CDB, NDOB in bit 0: no data-out, zeroes are meant. UNMAP of
 * a block of zeroes gives the room back, which then reads as zeroes (LBPRZ); of any other, it is written. In sequential
 * zones it is a write at the write pointer (ZBC-2).
 */
final class WriteSameHandler implements CommandHandler {
    private static final int FLAGS_BYTE = 1;
    private static final int UNMAP = 1 << 3;
    private static final int UNMAP_BIT = 3;
    private static final int NDOB = 1;

    private final ScratchPool pool;
    private final BlockJob.Steps steps = WriteSameHandler::next;

    WriteSameHandler(ScratchPool pool) {
        this.pool = pool;
    }

    @Override
    public boolean check(ScsiTask task) {
        long count = BlockRange.count(task);
        UnitShape shape = task.unit().shape();
        if (!BlockRange.inside(task, count)) {
            return false;
        }
        if (count == 0 || count > UnitLimits.writeSameBlocks(task.unit())) {
            return task.invalidField(BlockRange.countByte(task));
        }
        if (has(task, UNMAP) && !shape.unmaps()) {
            return task.invalidField(FLAGS_BYTE, UNMAP_BIT);
        }
        long wanted = noData(task) ? 0 : shape.blockSize();
        if (wanted != 0 && task.offeredOut() != wanted) {
            return task.invalidField(BlockRange.countByte(task));
        }
        return BlockRange.writable(task)
                && ZoneAccess.mayWriteInPieces(task, BlockRange.lba(task), count)
                && task.expect(Transfer.TO_TARGET, wanted);
    }

    @Override
    public void execute(ScsiTask task) {
        BlockJob.of(task).start(task, steps, pool, task.unit().shape().toBytes(BlockRange.count(task)));
    }

    private static boolean next(ScsiTask task, BlockJob job) {
        if (!job.begun()) {
            return first(task, job);
        }
        if (!job.cause().success()) {
            BlockRange.fail(task, job.causes(), job.position() + job.transferred());
            return false;
        }
        job.setPosition(job.position() + job.length());
        long length = job.pieceLength();
        return length != 0 && write(task, job, length);
    }

    private static boolean first(ScsiTask task, BlockJob job) {
        UnitShape shape = task.unit().shape();
        int block = shape.blockSize();
        MemorySegment piece = job.piece();
        if (noData(task)) {
            piece.asSlice(0, block).fill((byte) 0);
        } else {
            try {
                task.data().copyTo(0, piece, 0, block);
            } catch (RuntimeException | InternalError gone) {
                HostMemory.lost(task, gone);
                return false;
            }
        }
        boolean zeroes = zero(piece, block);
        boolean discards = zeroes && has(task, UNMAP);
        if (discards || (zeroes && shape.writesZeroes())) {
            DeviceRequest request = job;
            request.data().clear();
            request.prepare(discards ? Operation.DISCARD : Operation.WRITE_ZEROES, BlockRange.offset(task), job.end());
            request.setForceUnitAccess(BlockRange.stable(task, false));
            return true;
        }
        long length = job.pieceLength();
        for (long at = block; at < length; at += block) {
            MemorySegment.copy(piece, 0, piece, at, block);
        }
        return write(task, job, length);
    }

    private static boolean write(ScsiTask task, BlockJob job, long length) {
        job.write(BlockRange.offset(task) + job.position(), length);
        job.setForceUnitAccess(BlockRange.stable(task, false));
        return true;
    }

    private static boolean zero(MemorySegment piece, int length) {
        for (int at = 0; at < length; at += Long.BYTES) {
            if (piece.get(ValueLayout.JAVA_LONG, at) != 0) {
                return false;
            }
        }
        return true;
    }

    private static boolean noData(ScsiTask task) {
        return task.opcode() == ScsiOpcode.WRITE_SAME_16 && has(task, NDOB);
    }

    private static boolean has(ScsiTask task, int flag) {
        return (task.byteAt(FLAGS_BYTE) & flag) != 0;
    }
}
