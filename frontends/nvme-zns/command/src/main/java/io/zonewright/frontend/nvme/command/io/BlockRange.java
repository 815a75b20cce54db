package io.zonewright.frontend.nvme.command.io;

import io.zonewright.frontend.nvme.command.NvmeCommand;
import io.zonewright.frontend.nvme.command.NvmeNamespace;
import io.zonewright.frontend.nvme.command.NvmeOpcode;
import io.zonewright.frontend.nvme.command.NvmeStatus;
import io.zonewright.frontend.nvme.command.Transfer;
import io.zonewright.frontend.nvme.command.status.CauseStatus;

/**
 * What the commands that name a range of logical blocks have in common (NVM Command Set 1.1, "Read Command" and
 * following): Starting LBA in CDW10 and 11, Number of Logical Blocks, 0's based, in CDW12 15:0, flags above.
 *
 * <p>Namespaces have no metadata and no protection information, so PRINFO, STC and the tags in CDW2, 3, 14 and 15 are
 * ignored as the specification says; Limited Retry and the access hints of DSM are hints and nothing is made of them.
 */
final class BlockRange {
    /** Where an error log entry points: a byte of the submission entry. */
    static final int SLBA_BYTE = 40;

    static final int CDW12_BYTE = 48;
    static final int CDW13_BYTE = 52;

    private static final int NLB_MASK = 0xFFFF;
    private static final int FUA = 1 << 30;
    private static final int DTYPE_SHIFT = 20;
    private static final int DTYPE_MASK = 0xF;

    private BlockRange() {}

    /** First logical block, unsigned. */
    static long first(NvmeCommand command) {
        return command.qword(10);
    }

    /** Number of logical blocks, 1 to 65536. */
    static int count(NvmeCommand command) {
        return (command.cdw12() & NLB_MASK) + 1;
    }

    /** Length of the range in bytes. */
    static long bytes(NvmeCommand command) {
        return command.namespace().toBytes(count(command));
    }

    /** First byte of the range on the device. */
    static long offset(NvmeCommand command) {
        return command.namespace().toByte(first(command));
    }

    /** Force Unit Access. */
    static boolean forceUnitAccess(NvmeCommand command) {
        return (command.cdw12() & FUA) != 0;
    }

    /** Checks a command that moves the range's data. Too much of it comes before a range that is not there, as in QEMU. */
    static int check(NvmeCommand command, Transfer direction) {
        int status = command.expect(direction, bytes(command));
        if (status != NvmeStatus.SUCCESS) {
            command.setErrorLocation(CDW12_BYTE, 0);
            return status;
        }
        return check(command);
    }

    /** Checks that the range lies inside the namespace. */
    static int check(NvmeCommand command) {
        long first = first(command);
        return command.namespace().contains(first, count(command)) ? NvmeStatus.SUCCESS : outOfRange(command, first);
    }

    static int outOfRange(NvmeCommand command, long lba) {
        command.setErrorLocation(SLBA_BYTE, 0);
        command.setErrorLba(lba);
        return NvmeStatus.dnr(NvmeStatus.LBA_OUT_OF_RANGE);
    }

    /** An invalid field, named for the error log. */
    static int invalidField(NvmeCommand command, int sqeByte, int bit) {
        command.setErrorLocation(sqeByte, bit);
        return NvmeStatus.dnr(NvmeStatus.INVALID_FIELD);
    }

    /** Refuses a Directive Type: no directives are offered, so any but 0 is one that is not enabled. */
    static int checkDirective(NvmeCommand command) {
        return (command.cdw12() >>> DTYPE_SHIFT & DTYPE_MASK) == 0
                ? NvmeStatus.SUCCESS
                : invalidField(command, CDW12_BYTE + 2, DTYPE_SHIFT % Byte.SIZE);
    }

    /** Ends a command with what became of its device request; a refusal is located for the error log. */
    static void finish(NvmeCommand command, NvmeOpcode kind) {
        long causes = command.request().causes();
        int status = CauseStatus.of(causes, kind);
        if (status != NvmeStatus.SUCCESS) {
            locate(command, status, command.request().transferred());
        }
        command.finish(status);
    }

    /**
     * Tells the error log which block failed, and for what the host could have known better, which field.
     *
     * @param transferred bytes from the start of the range that went well
     */
    static void locate(NvmeCommand command, int status, long transferred) {
        NvmeNamespace namespace = command.namespace();
        command.setErrorLba(first(command) + (transferred >> namespace.lbaShift()));
        switch (NvmeStatus.code(status)) {
            case NvmeStatus.ZONE_BOUNDARY_ERROR,
                    NvmeStatus.ZONE_IS_FULL,
                    NvmeStatus.ZONE_IS_READ_ONLY,
                    NvmeStatus.ZONE_IS_OFFLINE,
                    NvmeStatus.ZONE_INVALID_WRITE,
                    NvmeStatus.INVALID_ZONE_OPERATION_REQUEST,
                    NvmeStatus.INVALID_ZONE_STATE_TRANSITION,
                    NvmeStatus.INVALID_FIELD,
                    NvmeStatus.LBA_OUT_OF_RANGE -> command.setErrorLocation(SLBA_BYTE, 0);
            default -> {
                // Nothing in the command was wrong.
            }
        }
    }
}
