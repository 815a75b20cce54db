package io.zonewright.frontend.scsi.command;

/**
 * Logical unit numbers as their eight bytes, the first in the highest byte of the number (SAM-5, "Logical unit number").
 * Single-level, peripheral device addressing up to 255 and flat space addressing up to {@link #MAX}.
 */
public final class Lun {
    /** Highest logical unit number. */
    public static final int MAX = 16_383;

    private static final int PERIPHERAL_MAX = 255;
    private static final long LOWER_LEVELS = 0xFFFF_FFFF_FFFFL;
    private static final int FIRST_LEVEL_SHIFT = 48;
    private static final int METHOD_SHIFT = 14;
    private static final int PERIPHERAL = 0;
    private static final int FLAT = 1;

    private Lun() {}

    /** The number in the eight bytes, or -1 if they name no logical unit that there could be. */
    public static int decode(long bytes) {
        if ((bytes & LOWER_LEVELS) != 0) {
            return -1;
        }
        int level = (int) (bytes >>> FIRST_LEVEL_SHIFT);
        int value = level & MAX;
        return switch (level >>> METHOD_SHIFT) {
            // Bus identifier 0 only.
            case PERIPHERAL -> value <= PERIPHERAL_MAX ? value : -1;
            case FLAT -> value;
            default -> -1;
        };
    }

    /** The eight bytes for a number up to {@link #MAX}. */
    public static long encode(int lun) {
        long level = lun <= PERIPHERAL_MAX ? lun : FLAT << METHOD_SHIFT | lun;
        return level << FIRST_LEVEL_SHIFT;
    }
}
