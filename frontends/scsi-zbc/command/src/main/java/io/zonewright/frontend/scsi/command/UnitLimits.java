package io.zonewright.frontend.scsi.command;

import io.zonewright.api.zone.ZoneLimits;

/** Limits that VPD page B0h tells and the commands keep to. */
public final class UnitLimits {
    /** WSNZ: WRITE SAME of 0 blocks, which would mean all to the end, is an invalid field. */
    public static final int WRITE_SAME_NON_ZERO = 1;
    /** Most block descriptors of one UNMAP. */
    public static final int UNMAP_DESCRIPTORS = 256;
    /** What transfers work best with. */
    public static final long OPTIMAL_TRANSFER_BYTES = 1 << 20;

    private static final long UNMAP_BYTES = 1L << 30;
    private static final long MAX_UNMAP_BLOCKS = 1 << 20;
    private static final long WRITE_SAME_BYTES = 64 << 20;
    private static final int COMPARE_AND_WRITE_BYTES = 1 << 20;
    private static final int MAX_COMPARE_AND_WRITE = 255;

    private UnitLimits() {}

    /** Most blocks of all descriptors of one UNMAP together. */
    public static long unmapBlocks(UnitShape shape) {
        return Math.min(MAX_UNMAP_BLOCKS, shape.toBlocks(UNMAP_BYTES));
    }

    /** Most blocks of one WRITE SAME: no more than of one WRITE, so that what it wrote can be read and written back at once. */
    public static long writeSameBlocks(LogicalUnit unit) {
        return unit.shape().toBlocks(Math.min(WRITE_SAME_BYTES, unit.options().maxTransferBytes()));
    }

    /** Most blocks of one COMPARE AND WRITE. */
    public static int compareAndWriteBlocks(UnitShape shape) {
        return Math.min(MAX_COMPARE_AND_WRITE, COMPARE_AND_WRITE_BYTES >> shape.blockShift());
    }

    /**
     * MAXIMUM NUMBER OF OPEN SEQUENTIAL WRITE REQUIRED ZONES; 0: no limit. There is no field for a limit of active ones,
     * so the smaller one is told.
     */
    public static int maxOpen(ZoneLimits limits) {
        int open = limits.maxOpen();
        int active = limits.maxActive();
        return open == 0 || active == 0 ? Math.max(open, active) : Math.min(open, active);
    }
}
