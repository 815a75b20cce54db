package io.zonewright.frontend.scsi.command.block;

import io.zonewright.frontend.scsi.command.CauseSense;
import io.zonewright.frontend.scsi.command.LogicalUnit;
import io.zonewright.frontend.scsi.command.ScsiTask;
import io.zonewright.frontend.scsi.command.Sense;
import io.zonewright.frontend.scsi.command.UnitShape;

/**
 * What the commands that name a range of logical blocks have in common (SBC-4): LOGICAL BLOCK ADDRESS and TRANSFER LENGTH,
 * big-endian, at places that the length of the CDB tells:
 *
 * <pre>
 *  6   21 bits from bit 4 of byte 1, u8 at 4 with 0 for 256      10  be32 at 2, be16 at 7
 *  12  be32 at 2, be32 at 6      16  be64 at 2, be32 at 10      32  be64 at 12, be32 at 28
 * </pre>
 */
final class BlockRange {
    private static final int SIX_LBA_MASK = 0x1F_FFFF;
    private static final int SIX_COUNT_OF_ZERO = 256;
    private static final int FLAGS_BYTE = 1;
    private static final int LONG_FLAGS_BYTE = 10;
    private static final int FUA = 1 << 3;

    private BlockRange() {}

    /** First logical block, unsigned. */
    static long lba(ScsiTask task) {
        return switch (task.opcode().length()) {
            case 6 -> task.intAt(0) & SIX_LBA_MASK;
            case 10, 12 -> task.intAt(2);
            case 16 -> task.longAt(2);
            default -> task.longAt(12);
        };
    }

    /** Number of logical blocks. */
    static long count(ScsiTask task) {
        return switch (task.opcode().length()) {
            case 6 -> task.byteAt(4) == 0 ? SIX_COUNT_OF_ZERO : task.byteAt(4);
            case 10 -> task.shortAt(7);
            case 12 -> task.intAt(6);
            case 16 -> task.intAt(10);
            default -> task.intAt(28);
        };
    }

    /** Where the logical block address is. */
    static int lbaByte(ScsiTask task) {
        return switch (task.opcode().length()) {
            case 6 -> 1;
            case 32 -> 12;
            default -> 2;
        };
    }

    /** Where the transfer length is. */
    static int countByte(ScsiTask task) {
        return switch (task.opcode().length()) {
            case 6 -> 4;
            case 10 -> 7;
            case 12 -> 6;
            case 16 -> 10;
            default -> 28;
        };
    }

    /** DPO, FUA and the like, of commands that have them. */
    static int flags(ScsiTask task) {
        return switch (task.opcode().length()) {
            case 6 -> 0;
            case 32 -> task.byteAt(LONG_FLAGS_BYTE);
            default -> task.byteAt(FLAGS_BYTE);
        };
    }

    static boolean forceUnitAccess(ScsiTask task) {
        return (flags(task) & FUA) != 0;
    }

    /** First byte of the range on the device. */
    static long offset(ScsiTask task) {
        return task.unit().shape().toBytes(lba(task));
    }

    /** Checks that the range lies inside. */
    static boolean inside(ScsiTask task, long count) {
        return task.unit().shape().contains(lba(task), count) || task.fail(Sense.LBA_OUT_OF_RANGE);
    }

    /** Checks that no more is moved than VPD page B0h allows. */
    static boolean notTooLong(ScsiTask task, long count) {
        LogicalUnit unit = task.unit();
        return count <= unit.shape().toBlocks(unit.options().maxTransferBytes()) || task.invalidField(countByte(task));
    }

    /** Checks that writes are allowed: neither the medium nor an initiator forbids them. */
    static boolean writable(ScsiTask task) {
        LogicalUnit unit = task.unit();
        return !(unit.shape().readOnly() || unit.modes().writeProtected()) || task.fail(Sense.WRITE_PROTECTED);
    }

    /** Whether writes have to be stable before they are good. */
    static boolean stable(ScsiTask task, boolean asked) {
        LogicalUnit unit = task.unit();
        return unit.shape().cached() && (asked || !unit.modes().writeCache());
    }

    /** Whole blocks of the data that the initiator really sends or takes. */
    static long movedBlocks(ScsiTask task) {
        return task.unit().shape().toBlocks(task.transferBytes());
    }

    /** Sets what became of a device request over the range, or a part of it that begins {@code done} bytes in. */
    static void fail(ScsiTask task, long causes, long done) {
        UnitShape shape = task.unit().shape();
        CauseSense.fail(task, causes, lbaByte(task), lba(task) + shape.toBlocks(done));
    }
}
