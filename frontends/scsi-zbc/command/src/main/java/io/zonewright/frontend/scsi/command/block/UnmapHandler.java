package io.zonewright.frontend.scsi.command.block;

import io.zonewright.api.buffer.ScratchPool;
import io.zonewright.api.request.Operation;
import io.zonewright.frontend.scsi.command.CauseSense;
import io.zonewright.frontend.scsi.command.CommandHandler;
import io.zonewright.frontend.scsi.command.ScsiTask;
import io.zonewright.frontend.scsi.command.Sense;
import io.zonewright.frontend.scsi.command.Transfer;
import io.zonewright.frontend.scsi.command.UnitLimits;
import io.zonewright.frontend.scsi.command.UnitShape;
import io.zonewright.frontend.scsi.command.page.HostMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * UNMAP (SBC-4). Parameter list length in bytes 7 and 8; the list, copied before it is looked at:
 *
 * <pre>
 *  0 be16 data length   2 be16 block descriptor data length   8 descriptors: be64 LBA, be32 number of blocks, 4 reserved
 * </pre>
 *
 * All descriptors are checked before the first is carried out.
 */
final class UnmapHandler implements CommandHandler {
    private static final int LENGTH_BYTE = 7;
    private static final int HEADER = 8;
    private static final int DESCRIPTOR = 16;
    private static final int DESCRIPTORS_LENGTH_OFFSET = 2;
    private static final long UNSIGNED = 0xFFFF_FFFFL;
    private static final int LIST_BOUND = HEADER + UnitLimits.UNMAP_DESCRIPTORS * DESCRIPTOR;

    private static final ValueLayout.OfShort BE16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt BE32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfLong BE64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private final ScratchPool pool;
    private final BlockJob.Steps steps = UnmapHandler::next;

    UnmapHandler(ScratchPool pool) {
        this.pool = pool;
    }

    @Override
    public boolean check(ScsiTask task) {
        int length = task.shortAt(LENGTH_BYTE);
        if (length != 0 && length < HEADER) {
            return task.fail(Sense.PARAMETER_LIST_LENGTH_ERROR);
        }
        return BlockRange.writable(task) && task.expect(Transfer.TO_TARGET, length, LIST_BOUND);
    }

    @Override
    public void execute(ScsiTask task) {
        if (task.shortAt(LENGTH_BYTE) == 0) {
            task.end();
        } else if (task.transferBytes() < HEADER) {
            task.fail(Sense.PARAMETER_LIST_LENGTH_ERROR);
            task.end();
        } else {
            BlockJob.of(task).start(task, steps, pool, task.transferBytes());
        }
    }

    /** The position is that in the list. */
    private static boolean next(ScsiTask task, BlockJob job) {
        MemorySegment list = job.beside();
        if (!job.begun()) {
            if (!copyAndCheck(task, job, list)) {
                return false;
            }
            job.setPosition(HEADER);
        } else if (!job.cause().success()) {
            CauseSense.fail(task, job.causes(), LENGTH_BYTE, 0);
            return false;
        }
        UnitShape shape = task.unit().shape();
        while (job.position() < job.stage()) {
            long at = job.position();
            job.setPosition(at + DESCRIPTOR);
            long count = list.get(BE32, at + Long.BYTES) & UNSIGNED;
            if (count != 0) {
                job.data().clear();
                job.prepare(Operation.DISCARD, shape.toBytes(list.get(BE64, at)), shape.toBytes(count));
                return true;
            }
        }
        return false;
    }

    /** The stage is where the descriptors end. */
    private static boolean copyAndCheck(ScsiTask task, BlockJob job, MemorySegment list) {
        try {
            task.data().copyTo(0, list, 0, task.transferBytes());
        } catch (RuntimeException | InternalError gone) {
            HostMemory.lost(task, gone);
            return false;
        }
        int told = (list.get(BE16, DESCRIPTORS_LENGTH_OFFSET) & 0xFFFF) / DESCRIPTOR;
        int sent = (task.shortAt(LENGTH_BYTE) - HEADER) / DESCRIPTOR;
        int descriptors = Math.min(told, sent);
        if (descriptors > UnitLimits.UNMAP_DESCRIPTORS) {
            return task.invalidParameter(DESCRIPTORS_LENGTH_OFFSET);
        }
        long end = HEADER + (long) descriptors * DESCRIPTOR;
        if (end > task.transferBytes()) {
            return task.fail(Sense.PARAMETER_LIST_LENGTH_ERROR);
        }
        job.setStage(end);
        UnitShape shape = task.unit().shape();
        long blocks = 0;
        for (long at = HEADER; at < end; at += DESCRIPTOR) {
            long count = list.get(BE32, at + Long.BYTES) & UNSIGNED;
            if (!shape.contains(list.get(BE64, at), count)) {
                return task.fail(Sense.LBA_OUT_OF_RANGE);
            }
            blocks += count;
            if (blocks > UnitLimits.unmapBlocks(shape)) {
                return task.invalidParameter((int) at + Long.BYTES);
            }
        }
        return true;
    }
}
