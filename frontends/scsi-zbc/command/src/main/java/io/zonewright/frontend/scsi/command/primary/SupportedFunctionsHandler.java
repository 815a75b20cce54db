package io.zonewright.frontend.scsi.command.primary;

import io.zonewright.frontend.scsi.command.CommandHandler;
import io.zonewright.frontend.scsi.command.ScsiTask;
import io.zonewright.frontend.scsi.command.Transfer;
import io.zonewright.frontend.scsi.command.page.Page;

/**
 * REPORT SUPPORTED TASK MANAGEMENT FUNCTIONS (SPC-5): REPD in bit 7 of byte 2, allocation length in bytes 6 to 9. Byte 0 of
 * the data: ABORT TASK, ABORT TASK SET, CLEAR ACA (not offered), CLEAR TASK SET, LOGICAL UNIT RESET, QUERY TASK, then two
 * obsolete bits; byte 1: QUERY ASYNCHRONOUS EVENT 2, QUERY TASK SET 1, I_T NEXUS RESET 0.
 */
final class SupportedFunctionsHandler implements CommandHandler {
    private static final int REPD_BYTE = 2;
    private static final int REPD = 0x80;
    private static final int ALLOCATION_BYTES = 6;
    private static final int SHORT_SIZE = 4;
    private static final int LONG_SIZE = 16;
    private static final int FIRST = 0xDC;
    private static final int SECOND = 0x07;

    @Override
    public boolean check(ScsiTask task) {
        long allocation = task.intAt(ALLOCATION_BYTES);
        // SPC-5: an allocation length below four is an error here, unlike elsewhere.
        return allocation < SHORT_SIZE
                ? task.invalidField(ALLOCATION_BYTES)
                : task.expect(Transfer.TO_INITIATOR, allocation, LONG_SIZE);
    }

    @Override
    public void execute(ScsiTask task) {
        boolean extended = (task.byteAt(REPD_BYTE) & REPD) != 0;
        new Page(extended ? LONG_SIZE : SHORT_SIZE)
                .put8(0, FIRST)
                .put8(1, SECOND)
                .put8(3, extended ? LONG_SIZE - SHORT_SIZE : 0)
                .answer(task, task.intAt(ALLOCATION_BYTES));
    }
}
