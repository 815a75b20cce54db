package io.zonewright.frontend.scsi.command.mode;

import io.zonewright.frontend.scsi.command.CommandHandler;
import io.zonewright.frontend.scsi.command.LogicalUnit;
import io.zonewright.frontend.scsi.command.ScsiOpcode;
import io.zonewright.frontend.scsi.command.ScsiTask;
import io.zonewright.frontend.scsi.command.Sense;
import io.zonewright.frontend.scsi.command.Transfer;
import io.zonewright.frontend.scsi.command.page.Page;
import org.jspecify.annotations.Nullable;

/**
 * MODE SELECT (SPC-5): PF in bit 4 of byte 1, which must be 1, and SP in bit 0, which must be 0: nothing is saved. The list is
 * copied and checked as a whole before anything changes; a page may differ from the current one in changeable bits only.
 * Other nexuses are told by MODE PARAMETERS CHANGED.
 */
final class ModeSelectHandler implements CommandHandler {
    private static final int FLAGS_BYTE = 1;
    private static final int PF = 1 << 4;
    private static final int PF_BIT = 4;
    private static final int SP = 1;
    private static final int SP_BIT = 0;
    private static final int SHORT_LENGTH_BYTE = 4;
    private static final int LENGTH_BYTES = 7;
    private static final int PAGE_MASK = 0x3F;
    private static final int SPF = 0x40;
    private static final int SPF_BIT = 6;
    private static final int LONGLBA_OFFSET = 4;
    private static final int BOUND = 1024;

    @Override
    public boolean check(ScsiTask task) {
        int flags = task.byteAt(FLAGS_BYTE);
        if ((flags & SP) != 0) {
            return task.invalidField(FLAGS_BYTE, SP_BIT);
        }
        if ((flags & PF) == 0) {
            return task.invalidField(FLAGS_BYTE, PF_BIT);
        }
        int length = length(task);
        if (length > BOUND) {
            return task.fail(Sense.PARAMETER_LIST_LENGTH_ERROR);
        }
        return task.expect(Transfer.TO_TARGET, length);
    }

    @Override
    public void execute(ScsiTask task) {
        if (length(task) != 0) {
            Page list = Page.copy(task);
            if (list != null) {
                select(task, list);
            }
        }
        task.end();
    }

    private static boolean select(ScsiTask task, Page list) {
        LogicalUnit unit = task.unit();
        boolean shortForm = task.opcode() == ScsiOpcode.MODE_SELECT_6;
        int header = shortForm ? ModeSenseHandler.SHORT_HEADER : ModeSenseHandler.HEADER;
        if (list.size() < header) {
            return task.fail(Sense.PARAMETER_LIST_LENGTH_ERROR);
        }
        int mediumType = shortForm ? 1 : 2;
        if (list.get8(mediumType) != 0) {
            return task.invalidParameter(mediumType);
        }
        int descriptor = shortForm ? list.get8(3) : list.get16(6);
        boolean longForm = !shortForm && (list.get8(LONGLBA_OFFSET) & 1) != 0;
        int room = longForm ? ModeSenseHandler.LONG_DESCRIPTOR : ModeSenseHandler.SHORT_DESCRIPTOR;
        if (descriptor != 0 && descriptor != room) {
            return task.invalidParameter(shortForm ? 3 : 6);
        }
        if (list.size() < header + descriptor) {
            return task.fail(Sense.PARAMETER_LIST_LENGTH_ERROR);
        }
        if (descriptor != 0 && !sameBlocks(task, list, header, longForm)) {
            return task.invalidParameter(header);
        }
        ModePages modes = unit.modes();
        synchronized (modes) {
            ModePages.Values next = read(task, list, header + descriptor);
            if (next == null) {
                return false;
            }
            if (!next.equals(modes.values())) {
                modes.set(next);
                unit.raise(Sense.MODE_PARAMETERS_CHANGED, task.unitNexus());
            }
        }
        return true;
    }

    /** The number of blocks may be left at zero; the block length may not be changed. */
    private static boolean sameBlocks(ScsiTask task, Page list, int at, boolean longForm) {
        byte[] current = ModeSenseHandler.blockDescriptor(task.unit().shape(), longForm);
        int lengthAt = longForm ? 12 : 4;
        boolean none = longForm ? list.get64(at) == 0 : list.get32(at) == 0;
        for (int i = none ? lengthAt : 0; i < current.length; i++) {
            if (list.get8(at + i) != (current[i] & 0xFF)) {
                return false;
            }
        }
        return true;
    }

    /** The values after all pages of the list; null if it is wrong and the task has failed. */
    private static ModePages.@Nullable Values read(ScsiTask task, Page list, int from) {
        ModePages modes = task.unit().modes();
        ModePages.Values values = modes.values();
        int at = from;
        while (at < list.size()) {
            if (list.size() - at < 2) {
                task.fail(Sense.PARAMETER_LIST_LENGTH_ERROR);
                return null;
            }
            int code = list.get8(at) & PAGE_MASK;
            if ((list.get8(at) & SPF) != 0) {
                task.invalidParameter(at, SPF_BIT);
                return null;
            }
            if (!ModePages.known(code)) {
                task.invalidParameter(at);
                return null;
            }
            byte[] current = modes.page(code, ModePages.CURRENT);
            byte[] mask = modes.page(code, ModePages.CHANGEABLE);
            if (list.get8(at + 1) != current.length - 2) {
                task.invalidParameter(at + 1);
                return null;
            }
            if (list.size() - at < current.length) {
                task.fail(Sense.PARAMETER_LIST_LENGTH_ERROR);
                return null;
            }
            for (int i = 2; i < current.length; i++) {
                if (((list.get8(at + i) ^ current[i]) & ~mask[i] & 0xFF) != 0) {
                    task.invalidParameter(at + i);
                    return null;
                }
            }
            values = ModePages.with(values, code, list.array(), at);
            at += current.length;
        }
        return values;
    }

    private static int length(ScsiTask task) {
        return task.opcode() == ScsiOpcode.MODE_SELECT_6 ? task.byteAt(SHORT_LENGTH_BYTE) : task.shortAt(LENGTH_BYTES);
    }
}
