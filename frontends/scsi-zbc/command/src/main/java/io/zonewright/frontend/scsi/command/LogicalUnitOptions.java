package io.zonewright.frontend.scsi.command;

/**
 * Settings of a logical unit.
 *
 * @param vendor T10 vendor identification, at most 8 ASCII characters
 * @param product product identification, at most 16
 * @param revision product revision level, at most 4
 * @param unrestrictedReads URSWRZ: reads of sequential-write-required zones may go above the write pointer, where they
 *     give zeroes, and across zones of one type; stock Linux refuses disks without it
 * @param maxTransferBytes longest read, write or verify, in bytes, told in VPD page B0h; longer ones are invalid fields
 */
public record LogicalUnitOptions(
        String vendor, String product, String revision, boolean unrestrictedReads, long maxTransferBytes) {
    /** Longest transfer that may be set: what a carrier may have to hold for one command. */
    public static final long LARGEST_TRANSFER = 128 << 20;

    /** Zonewright's own names, unrestricted reads, transfers of 16 MiB. */
    public static final LogicalUnitOptions DEFAULT =
            new LogicalUnitOptions("ZONEWRGT", "Zonewright", "1", true, 16 << 20);

    public LogicalUnitOptions {
        if (maxTransferBytes < 1 << 16 || maxTransferBytes > LARGEST_TRANSFER) {
            throw new IllegalArgumentException("longest transfer of " + maxTransferBytes + " bytes");
        }
    }

    /** With another rule for reads. */
    public LogicalUnitOptions withUnrestrictedReads(boolean value) {
        return new LogicalUnitOptions(vendor, product, revision, value, maxTransferBytes);
    }
}
