package io.zonewright.frontend.scsi.command.block;

import io.zonewright.frontend.scsi.command.CommandHandler;
import io.zonewright.frontend.scsi.command.ScsiOpcode;
import io.zonewright.frontend.scsi.command.ScsiTask;
import io.zonewright.frontend.scsi.command.Transfer;
import io.zonewright.frontend.scsi.command.UnitShape;
import io.zonewright.frontend.scsi.command.page.Page;

/**
 * READ CAPACITY (SBC-4; ZBC-2 for RC BASIS):
 *
 * <pre>
 *  10   0 be32 last LBA, FFFFFFFFh if it does not fit   4 be32 block length
 *  16   0 be64 last LBA   8 be32 block length   12 u8 RC BASIS 5:4   13 u8 LBPPBE 3:0   14 u8 LBPME 7, LBPRZ 6
 * </pre>
 *
 * RC BASIS is 1: the last LBA is that of the device, and not of the conventional zones that it may begin with.
 */
final class CapacityHandler implements CommandHandler {
    private static final int SHORT_SIZE = 8;
    private static final int LONG_SIZE = 32;
    private static final int ALLOCATION_BYTES = 10;
    private static final long MAX_SHORT = 0xFFFF_FFFFL;
    private static final int ALL_ZONES_BASIS = 0x10;
    private static final int LBPME_AND_LBPRZ = 0xC0;

    @Override
    public boolean check(ScsiTask task) {
        return longForm(task)
                ? task.expect(Transfer.TO_INITIATOR, task.intAt(ALLOCATION_BYTES), LONG_SIZE)
                : task.expect(Transfer.TO_INITIATOR, SHORT_SIZE);
    }

    @Override
    public void execute(ScsiTask task) {
        UnitShape shape = task.unit().shape();
        long last = shape.blocks() - 1;
        if (longForm(task)) {
            new Page(LONG_SIZE)
                    .put64(0, last)
                    .put32(8, shape.blockSize())
                    .put8(12, shape.hostManaged() ? ALL_ZONES_BASIS : 0)
                    .put8(13, shape.physicalExponent())
                    .put8(14, shape.unmaps() ? LBPME_AND_LBPRZ : 0)
                    .answer(task, task.intAt(ALLOCATION_BYTES));
        } else {
            new Page(SHORT_SIZE)
                    .put32(0, Math.min(last, MAX_SHORT))
                    .put32(4, shape.blockSize())
                    .answer(task, SHORT_SIZE);
        }
    }

    private static boolean longForm(ScsiTask task) {
        return task.opcode() == ScsiOpcode.READ_CAPACITY_16;
    }
}
