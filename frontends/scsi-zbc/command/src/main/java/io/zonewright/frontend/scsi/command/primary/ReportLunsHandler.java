package io.zonewright.frontend.scsi.command.primary;

import io.zonewright.frontend.scsi.command.CommandHandler;
import io.zonewright.frontend.scsi.command.Lun;
import io.zonewright.frontend.scsi.command.ScsiTarget;
import io.zonewright.frontend.scsi.command.ScsiTask;
import io.zonewright.frontend.scsi.command.Transfer;
import io.zonewright.frontend.scsi.command.page.Page;
import java.util.List;

/**
 * REPORT LUNS (SPC-5): SELECT REPORT in byte 2, allocation length in bytes 6 to 9. The data is a be32 length of the list,
 * four reserved bytes, and eight bytes for each LUN, ascending. There are no well-known, administrative or subsidiary
 * logical units, so some selections give an empty list.
 */
final class ReportLunsHandler implements CommandHandler {
    private static final int SELECT_BYTE = 2;
    private static final int ALLOCATION_BYTES = 6;
    private static final int HEADER = 8;

    private static final int NOT_WELL_KNOWN = 0x00;
    private static final int WELL_KNOWN = 0x01;
    private static final int ALL = 0x02;
    private static final int ADMINISTRATIVE = 0x10;
    private static final int TOP_LEVEL = 0x11;
    private static final int CONGLOMERATE = 0x12;

    @Override
    public boolean check(ScsiTask task) {
        return switch (task.byteAt(SELECT_BYTE)) {
            case NOT_WELL_KNOWN, WELL_KNOWN, ALL, ADMINISTRATIVE, TOP_LEVEL, CONGLOMERATE ->
                task.expect(
                        Transfer.TO_INITIATOR,
                        task.intAt(ALLOCATION_BYTES),
                        HEADER + (long) ScsiTarget.MAX_UNITS * Long.BYTES);
            default -> task.invalidField(SELECT_BYTE);
        };
    }

    @Override
    public void execute(ScsiTask task) {
        if (task.hasUnit()) {
            task.nexus().clearLunsChanged();
        }
        List<Integer> luns = switch (task.byteAt(SELECT_BYTE)) {
            case NOT_WELL_KNOWN, ALL, TOP_LEVEL -> task.nexus().target().luns();
            default -> List.of();
        };
        Page page = new Page(HEADER + luns.size() * Long.BYTES);
        page.put32(0, (long) luns.size() * Long.BYTES);
        for (int i = 0; i < luns.size(); i++) {
            page.put64(HEADER + i * Long.BYTES, Lun.encode(luns.get(i)));
        }
        page.answer(task, task.intAt(ALLOCATION_BYTES));
    }
}
