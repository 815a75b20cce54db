package io.zonewright.frontend.scsi.command.primary;

import io.zonewright.frontend.scsi.command.CommandHandler;
import io.zonewright.frontend.scsi.command.ScsiTask;
import io.zonewright.frontend.scsi.command.Sense;
import io.zonewright.frontend.scsi.command.SenseData;
import io.zonewright.frontend.scsi.command.Transfer;
import io.zonewright.frontend.scsi.command.page.Page;
import java.util.Arrays;

/**
 * REQUEST SENSE (SPC-5): allocation length in byte 4, DESC in bit 0 of byte 1. Takes the next unit attention if one is
 * pending; else NO SENSE, since sense data goes along with CHECK CONDITION.
 */
final class RequestSenseHandler implements CommandHandler {
    private static final int DESC_BYTE = 1;
    private static final int DESC = 1;
    private static final int ALLOCATION_BYTE = 4;

    @Override
    public boolean check(ScsiTask task) {
        return task.expect(Transfer.TO_INITIATOR, task.byteAt(ALLOCATION_BYTE), SenseData.MAX_SIZE);
    }

    @Override
    public void execute(ScsiTask task) {
        Sense sense = Sense.LOGICAL_UNIT_NOT_SUPPORTED;
        if (task.hasUnit()) {
            Sense attention = task.unitNexus().takeAttention();
            sense = attention == null ? Sense.NO_SENSE : attention;
        }
        byte[] bytes = new byte[SenseData.MAX_SIZE];
        boolean descriptor = (task.byteAt(DESC_BYTE) & DESC) != 0;
        int length = SenseData.write(bytes, descriptor, sense, -1, 0);
        byte[] exact = Arrays.copyOf(bytes, length);
        new Page(length).put(0, exact).answer(task, task.byteAt(ALLOCATION_BYTE));
    }
}
