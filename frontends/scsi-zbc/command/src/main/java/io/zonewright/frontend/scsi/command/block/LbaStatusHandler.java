package io.zonewright.frontend.scsi.command.block;

import io.zonewright.frontend.scsi.command.CommandHandler;
import io.zonewright.frontend.scsi.command.ScsiTask;
import io.zonewright.frontend.scsi.command.Transfer;
import io.zonewright.frontend.scsi.command.page.Page;

/**
 * GET LBA STATUS (SBC-4): start LBA in bytes 2 to 9, allocation length in 10 to 13, REPORT TYPE in 14 (0h only). One
 * descriptor, from the start LBA on, says 0h, which is mapped or unknown: media do not tell.
 *
 * <pre>
 *  0 be32 length of what follows   8 descriptor: be64 LBA, be32 number of blocks, u8 provisioning status 3:0, 3 reserved
 * </pre>
 */
final class LbaStatusHandler implements CommandHandler {
    private static final int ALLOCATION_BYTES = 10;
    private static final int TYPE_BYTE = 14;
    private static final int HEADER = 8;
    private static final int SIZE = HEADER + 16;
    private static final long MAX_COUNT = 0xFFFF_FFFFL;

    @Override
    public boolean check(ScsiTask task) {
        if (!BlockRange.inside(task, 1)) {
            return false;
        }
        return task.byteAt(TYPE_BYTE) == 0
                ? task.expect(Transfer.TO_INITIATOR, task.intAt(ALLOCATION_BYTES), SIZE)
                : task.invalidField(TYPE_BYTE);
    }

    @Override
    public void execute(ScsiTask task) {
        long lba = BlockRange.lba(task);
        long count = Math.min(task.unit().shape().blocks() - lba, MAX_COUNT);
        new Page(SIZE)
                .put32(0, SIZE - Integer.BYTES)
                .put64(HEADER, lba)
                .put32(HEADER + Long.BYTES, count)
                .answer(task, task.intAt(ALLOCATION_BYTES));
    }
}
