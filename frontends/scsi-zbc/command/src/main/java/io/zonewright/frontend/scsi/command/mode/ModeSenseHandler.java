package io.zonewright.frontend.scsi.command.mode;

import io.zonewright.frontend.scsi.command.CommandHandler;
import io.zonewright.frontend.scsi.command.LogicalUnit;
import io.zonewright.frontend.scsi.command.ScsiOpcode;
import io.zonewright.frontend.scsi.command.ScsiTask;
import io.zonewright.frontend.scsi.command.Sense;
import io.zonewright.frontend.scsi.command.Transfer;
import io.zonewright.frontend.scsi.command.UnitShape;
import io.zonewright.frontend.scsi.command.page.Page;
import java.io.ByteArrayOutputStream;

/**
 * MODE SENSE (SPC-5; SBC-4 for the device-specific parameter and the block descriptors): DBD in bit 3 of byte 1 and, of 10
 * bytes, LLBAA in bit 4; PC 7:6 and page code 5:0 in byte 2; subpage code in byte 3.
 *
 * <pre>
 *  header 6    0 u8 length of the rest   1 u8 medium type   2 u8 WP 7, DPOFUA 4   3 u8 block descriptor length
 *  header 10   0 be16 length of the rest   2 u8 medium type   3 u8 WP 7, DPOFUA 4   4 u8 LONGLBA 0   6 be16 descriptor length
 *  descriptor  short: be32 blocks, be24 block length at 5   long: be64 blocks, be32 block length at 12
 * </pre>
 */
final class ModeSenseHandler implements CommandHandler {
    private static final int FLAGS_BYTE = 1;
    private static final int DBD = 1 << 3;
    private static final int LLBAA = 1 << 4;
    private static final int PAGE_BYTE = 2;
    private static final int PAGE_MASK = 0x3F;
    private static final int PAGE_BIT = 5;
    private static final int CONTROL_SHIFT = 6;
    private static final int SUBPAGE_BYTE = 3;
    private static final int ALL_PAGES = 0x3F;
    private static final int ALL_SUBPAGES = 0xFF;
    private static final int SHORT_ALLOCATION_BYTE = 4;
    private static final int ALLOCATION_BYTES = 7;

    static final int SHORT_HEADER = 4;
    static final int HEADER = 8;
    static final int SHORT_DESCRIPTOR = 8;
    static final int LONG_DESCRIPTOR = 16;
    private static final int WP = 1 << 7;
    private static final int DPOFUA = 1 << 4;
    private static final long MAX_SHORT = 0xFFFF_FFFFL;
    private static final int BOUND = 512;

    @Override
    public boolean check(ScsiTask task) {
        int code = task.byteAt(PAGE_BYTE) & PAGE_MASK;
        if (code != ALL_PAGES && !ModePages.known(code)) {
            return task.invalidField(PAGE_BYTE, PAGE_BIT);
        }
        int subpage = task.byteAt(SUBPAGE_BYTE);
        if (subpage != 0 && subpage != ALL_SUBPAGES) {
            return task.invalidField(SUBPAGE_BYTE);
        }
        if (control(task) == ModePages.SAVED) {
            return task.fail(Sense.SAVING_PARAMETERS_NOT_SUPPORTED);
        }
        return task.expect(Transfer.TO_INITIATOR, allocation(task), BOUND);
    }

    @Override
    public void execute(ScsiTask task) {
        LogicalUnit unit = task.unit();
        byte[] descriptor = (task.byteAt(FLAGS_BYTE) & DBD) != 0
                ? new byte[0]
                : blockDescriptor(unit.shape(), (task.byteAt(FLAGS_BYTE) & LLBAA) != 0);
        ByteArrayOutputStream list = new ByteArrayOutputStream();
        int wanted = task.byteAt(PAGE_BYTE) & PAGE_MASK;
        for (int code : ModePages.CODES) {
            if (wanted == ALL_PAGES || wanted == code) {
                list.writeBytes(unit.modes().page(code, control(task)));
            }
        }
        int header = shortForm(task) ? SHORT_HEADER : HEADER;
        int flags = DPOFUA | (unit.shape().readOnly() || unit.modes().writeProtected() ? WP : 0);
        Page page = new Page(header + descriptor.length + list.size());
        if (shortForm(task)) {
            page.put8(0, page.size() - 1).put8(2, flags).put8(3, descriptor.length);
        } else {
            page.put16(0, page.size() - 2)
                    .put8(3, flags)
                    .put8(4, descriptor.length == LONG_DESCRIPTOR ? 1 : 0)
                    .put16(6, descriptor.length);
        }
        page.put(header, descriptor).put(header + descriptor.length, list.toByteArray());
        page.answer(task, allocation(task));
    }

    /** The block descriptor as it is now. */
    static byte[] blockDescriptor(UnitShape shape, boolean longForm) {
        return longForm
                ? new Page(LONG_DESCRIPTOR)
                        .put64(0, shape.blocks())
                        .put32(12, shape.blockSize())
                        .array()
                : new Page(SHORT_DESCRIPTOR)
                        .put32(0, Math.min(shape.blocks(), MAX_SHORT))
                        .put32(4, shape.blockSize())
                        .array();
    }

    private static int control(ScsiTask task) {
        return task.byteAt(PAGE_BYTE) >>> CONTROL_SHIFT;
    }

    private static int allocation(ScsiTask task) {
        return shortForm(task) ? task.byteAt(SHORT_ALLOCATION_BYTE) : task.shortAt(ALLOCATION_BYTES);
    }

    private static boolean shortForm(ScsiTask task) {
        return task.opcode() == ScsiOpcode.MODE_SENSE_6;
    }
}
