package io.zonewright.frontend.scsi.command.primary;

import io.zonewright.frontend.scsi.command.CommandHandler;
import io.zonewright.frontend.scsi.command.OpcodeTable;
import io.zonewright.frontend.scsi.command.ScsiOpcode;
import io.zonewright.frontend.scsi.command.ScsiTask;
import io.zonewright.frontend.scsi.command.Transfer;
import io.zonewright.frontend.scsi.command.page.Page;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * REPORT SUPPORTED OPERATION CODES (SPC-5): byte 2 has RCTD in bit 7 and REPORTING OPTIONS in 2:0; requested opcode in byte
 * 3, service action in 4 and 5; allocation length in 6 to 9.
 *
 * <pre>
 *  all  0 be32 length   then for each: u8 opcode, be16 service action at 2, u8 at 5: CTDP 1, SERVACTV 0, be16 CDB length at 6,
 *       and with RCTD 12 bytes of timeouts
 *  one  1 u8 CTDP 7, SUPPORT 2:0   2 be16 CDB length   4 usage data, and with RCTD 12 bytes of timeouts
 * </pre>
 *
 * Timeouts are zero, which says that none are known.
 */
final class SupportedOpcodesHandler implements CommandHandler {
    private static final int OPTIONS_BYTE = 2;
    private static final int OPTIONS_MASK = 0x7;
    private static final int OPTIONS_BIT = 2;
    private static final int RCTD = 0x80;
    private static final int OPCODE_BYTE = 3;
    private static final int SERVICE_ACTION_BYTES = 4;
    private static final int ALLOCATION_BYTES = 6;

    private static final int ALL = 0;
    private static final int BY_OPCODE = 1;
    private static final int BY_SERVICE_ACTION = 2;
    private static final int BY_EITHER = 3;

    private static final int HEADER = 4;
    private static final int DESCRIPTOR = 8;
    private static final int TIMEOUTS = 12;
    private static final int TIMEOUTS_LENGTH = TIMEOUTS - 2;
    private static final int CTDP_OF_ALL = 1 << 1;
    private static final int SERVACTV = 1;
    private static final int CTDP_OF_ONE = 1 << 7;
    private static final int NOT_SUPPORTED = 1;
    private static final int SUPPORTED = 3;
    private static final int BOUND = 16 << 10;

    @Override
    public boolean check(ScsiTask task) {
        OpcodeTable table = task.unit().table();
        boolean actions = table.hasServiceActions(task.byteAt(OPCODE_BYTE));
        boolean good = switch (options(task)) {
            case ALL, BY_EITHER -> true;
            case BY_OPCODE -> !actions;
            case BY_SERVICE_ACTION -> actions || !table.offers(task.byteAt(OPCODE_BYTE));
            default -> false;
        };
        return good
                ? task.expect(Transfer.TO_INITIATOR, task.intAt(ALLOCATION_BYTES), BOUND)
                : task.invalidField(OPTIONS_BYTE, OPTIONS_BIT);
    }

    @Override
    public void execute(ScsiTask task) {
        OpcodeTable table = task.unit().table();
        boolean timeouts = (task.byteAt(OPTIONS_BYTE) & RCTD) != 0;
        Page page = options(task) == ALL ? all(table.offered(), timeouts) : one(find(task, table), timeouts);
        page.answer(task, task.intAt(ALLOCATION_BYTES));
    }

    private static @Nullable ScsiOpcode find(ScsiTask task, OpcodeTable table) {
        int code = task.byteAt(OPCODE_BYTE);
        int action = task.shortAt(SERVICE_ACTION_BYTES);
        boolean actions = table.hasServiceActions(code);
        if (options(task) == BY_EITHER && !actions && action != 0) {
            return null;
        }
        return table.find(code, actions ? action : ScsiOpcode.NO_SERVICE_ACTION);
    }

    private static Page all(List<ScsiOpcode> offered, boolean timeouts) {
        int size = timeouts ? DESCRIPTOR + TIMEOUTS : DESCRIPTOR;
        Page page = new Page(HEADER + offered.size() * size);
        page.put32(0, (long) offered.size() * size);
        for (int i = 0; i < offered.size(); i++) {
            ScsiOpcode opcode = offered.get(i);
            boolean action = opcode.serviceAction() != ScsiOpcode.NO_SERVICE_ACTION;
            int at = HEADER + i * size;
            page.put8(at, opcode.code())
                    .put16(at + 2, action ? opcode.serviceAction() : 0)
                    .put8(at + 5, (timeouts ? CTDP_OF_ALL : 0) | (action ? SERVACTV : 0))
                    .put16(at + 6, opcode.length());
            if (timeouts) {
                page.put16(at + DESCRIPTOR, TIMEOUTS_LENGTH);
            }
        }
        return page;
    }

    private static Page one(@Nullable ScsiOpcode opcode, boolean timeouts) {
        if (opcode == null) {
            return new Page(HEADER).put8(1, NOT_SUPPORTED);
        }
        int length = opcode.length();
        Page page = new Page(HEADER + length + (timeouts ? TIMEOUTS : 0))
                .put8(1, (timeouts ? CTDP_OF_ONE : 0) | SUPPORTED)
                .put16(2, length)
                .put(HEADER, opcode.usage());
        return timeouts ? page.put16(HEADER + length, TIMEOUTS_LENGTH) : page;
    }

    private static int options(ScsiTask task) {
        return task.byteAt(OPTIONS_BYTE) & OPTIONS_MASK;
    }
}
