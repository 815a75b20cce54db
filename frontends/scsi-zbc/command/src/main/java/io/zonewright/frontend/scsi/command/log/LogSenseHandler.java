package io.zonewright.frontend.scsi.command.log;

import io.zonewright.frontend.scsi.command.CommandHandler;
import io.zonewright.frontend.scsi.command.ScsiTask;
import io.zonewright.frontend.scsi.command.Transfer;
import io.zonewright.frontend.scsi.command.page.Page;

/**
 * LOG SENSE (SPC-5): PC 7:6, which must ask for current values (00b or 01b), and page code 5:0 in byte 2, subpage code in 3,
 * parameter pointer in 5 and 6, allocation length in 7 and 8. Pages: the list of those that there are (00h, with subpages
 * 00h/FFh), on zoned devices their statistics (14h/01h), and informational exceptions (2Fh), of which there never are any.
 *
 * <pre>
 *  page       0 u8 SPF 6, page code 5:0   1 u8 subpage code   2 be16 length of the rest
 *  parameter  0 be16 code   2 u8 format 1:0 (11b, binary list)   3 u8 length, 8   8 be32 value
 *             of 2Fh: 0 be16 code 0   2 u8 format 11b   3 u8 length, 4   4 u8 ASC, ASCQ   6 u8 temperature, FFh: not told
 * </pre>
 */
public final class LogSenseHandler implements CommandHandler {
    private static final int PAGE_BYTE = 2;
    private static final int PAGE_MASK = 0x3F;
    private static final int PAGE_BIT = 5;
    private static final int CONTROL_BIT = 7;
    private static final int CONTROL_SHIFT = 6;
    private static final int LAST_CONTROL = 1;
    private static final int SUBPAGE_BYTE = 3;
    private static final int POINTER_BYTES = 5;
    private static final int ALLOCATION_BYTES = 7;

    private static final int SUPPORTED = 0x00;
    private static final int STATISTICS = 0x14;
    private static final int STATISTICS_SUBPAGE = 0x01;
    private static final int EXCEPTIONS = 0x2F;
    private static final int SUBPAGES = 0xFF;
    private static final int SPF = 0x40;
    private static final int HEADER = 4;
    private static final int BINARY = 0x03;
    private static final int PARAMETER = 12;
    private static final int EXCEPTION = 8;
    private static final int NOT_TOLD = 0xFF;
    private static final int BOUND = 256;
    private static final long MOST = 0xFFFF_FFFFL;

    /** Parameter codes. */
    private static final int FAILED_EXPLICIT_OPENS = 0x0008;

    private static final int READ_RULE_VIOLATIONS = 0x0009;
    private static final int WRITE_RULE_VIOLATIONS = 0x000A;

    @Override
    public boolean check(ScsiTask task) {
        if (task.byteAt(PAGE_BYTE) >>> CONTROL_SHIFT > LAST_CONTROL) {
            return task.invalidField(PAGE_BYTE, CONTROL_BIT);
        }
        int code = code(task);
        if (code != SUPPORTED && code != EXCEPTIONS && !(code == STATISTICS && zoned(task))) {
            return task.invalidField(PAGE_BYTE, PAGE_BIT);
        }
        int subpage = task.byteAt(SUBPAGE_BYTE);
        boolean known = switch (code) {
            case SUPPORTED -> subpage == 0 || subpage == SUBPAGES;
            case STATISTICS -> subpage == STATISTICS_SUBPAGE;
            default -> subpage == 0;
        };
        if (!known) {
            return task.invalidField(SUBPAGE_BYTE);
        }
        int last = code == STATISTICS ? WRITE_RULE_VIOLATIONS : 0;
        if (task.shortAt(POINTER_BYTES) > last) {
            return task.invalidField(POINTER_BYTES);
        }
        return task.expect(Transfer.TO_INITIATOR, task.shortAt(ALLOCATION_BYTES), BOUND);
    }

    @Override
    public void execute(ScsiTask task) {
        Page page = switch (code(task)) {
            case STATISTICS -> statistics(task);
            case EXCEPTIONS -> exceptions();
            default -> task.byteAt(SUBPAGE_BYTE) == SUBPAGES ? subpages(zoned(task)) : pages(zoned(task));
        };
        page.put16(2, page.size() - HEADER).answer(task, task.shortAt(ALLOCATION_BYTES));
    }

    private static Page pages(boolean zoned) {
        return zoned
                ? new Page(HEADER + 3).put8(HEADER + 1, STATISTICS).put8(HEADER + 2, EXCEPTIONS)
                : new Page(HEADER + 2).put8(HEADER + 1, EXCEPTIONS);
    }

    private static Page subpages(boolean zoned) {
        Page page = new Page(HEADER + (zoned ? 8 : 6))
                .put8(0, SPF | SUPPORTED)
                .put8(1, SUBPAGES)
                .put8(HEADER + 3, SUBPAGES);
        int last = page.size() - 2;
        if (zoned) {
            page.put8(HEADER + 4, STATISTICS).put8(HEADER + 5, STATISTICS_SUBPAGE);
        }
        return page.put8(last, EXCEPTIONS);
    }

    private static Page exceptions() {
        return new Page(HEADER + EXCEPTION)
                .put8(0, EXCEPTIONS)
                .put8(HEADER + 2, BINARY)
                .put8(HEADER + 3, EXCEPTION - HEADER)
                .put8(HEADER + 6, NOT_TOLD);
    }

    private static Page statistics(ScsiTask task) {
        ZoneStatistics counted = task.unit().zoneStatistics();
        int from = task.shortAt(POINTER_BYTES);
        int first = Math.max(from, FAILED_EXPLICIT_OPENS);
        Page page = new Page(HEADER + (WRITE_RULE_VIOLATIONS - first + 1) * PARAMETER)
                .put8(0, SPF | STATISTICS)
                .put8(1, STATISTICS_SUBPAGE);
        for (int code = first; code <= WRITE_RULE_VIOLATIONS; code++) {
            int at = HEADER + (code - first) * PARAMETER;
            page.put16(at, code)
                    .put8(at + 2, BINARY)
                    .put8(at + 3, PARAMETER - HEADER)
                    .put32(at + 8, Math.min(MOST, value(counted, code)));
        }
        return page;
    }

    private static long value(ZoneStatistics counted, int code) {
        return switch (code) {
            case FAILED_EXPLICIT_OPENS -> counted.failedOpens();
            case READ_RULE_VIOLATIONS -> counted.readViolations();
            default -> counted.writeViolations();
        };
    }

    private static boolean zoned(ScsiTask task) {
        return task.unit().shape().zoned();
    }

    private static int code(ScsiTask task) {
        return task.byteAt(PAGE_BYTE) & PAGE_MASK;
    }
}
