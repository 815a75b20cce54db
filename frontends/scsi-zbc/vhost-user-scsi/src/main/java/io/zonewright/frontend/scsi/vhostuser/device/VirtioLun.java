package io.zonewright.frontend.scsi.vhostuser.device;

/**
 * The field {@code lun} (virtio 1.3, section 5.6.6.1), its eight bytes as a number with the first one highest: 01h, the
 * target, two bytes of a single-level LUN, four zero bytes; or C1h 01h and six zero bytes, the well-known logical unit
 * REPORT LUNS. There is one target, number 0.
 */
final class VirtioLun {
    /** {@link #decode}: no target of ours. */
    static final long NOBODY = -1;

    private static final long REPORT_LUNS = 0xC101L << 48;
    private static final long TARGET_0 = 0x0100L << 48;
    private static final long TARGET_MASK = 0xFFFF_0000_FFFF_FFFFL;
    private static final long LEVEL_MASK = 0xFFFFL << 32;
    private static final int LEVEL_SHIFT = 16;
    private static final long FLAT = 0x4000L;
    private static final int FLAT_SHIFT = 32;

    private VirtioLun() {}

    /** SAM's eight bytes of the logical unit, or {@link #NOBODY}. */
    static long decode(long field) {
        if ((field & TARGET_MASK) == TARGET_0) {
            return (field & LEVEL_MASK) << LEVEL_SHIFT;
        }
        return field == REPORT_LUNS ? REPORT_LUNS : NOBODY;
    }

    /** The field for a logical unit of target 0, in flat space addressing as drivers write it. */
    static long encode(int lun) {
        return TARGET_0 | (FLAT | lun) << FLAT_SHIFT;
    }
}
