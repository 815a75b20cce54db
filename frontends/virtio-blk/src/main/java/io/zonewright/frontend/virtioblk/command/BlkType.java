package io.zonewright.frontend.virtioblk.command;

/**
 * Request types (virtio 1.4 "Block Device / Device Operation"; linux/virtio_blk.h). Anything else, the legacy SCSI
 * and barrier requests among it, ends with {@link BlkStatus#UNSUPP}.
 */
public final class BlkType {
    /** Read. */
    public static final int IN = 0;
    /** Write. */
    public static final int OUT = 1;
    /** Commit everything completed before it. */
    public static final int FLUSH = 4;
    /** Read the 20-byte identity. */
    public static final int GET_ID = 8;
    /** Give ranges up. */
    public static final int DISCARD = 11;
    /** Make ranges read as zero. */
    public static final int WRITE_ZEROES = 13;
    /** Write at a zone's write pointer, wherever that is. */
    public static final int ZONE_APPEND = 15;
    /** Read zone descriptors. */
    public static final int ZONE_REPORT = 16;
    /** Open a zone explicitly. */
    public static final int ZONE_OPEN = 18;
    /** Close an open zone. */
    public static final int ZONE_CLOSE = 20;
    /** Make a zone full. */
    public static final int ZONE_FINISH = 22;
    /** Make a zone empty. */
    public static final int ZONE_RESET = 24;
    /** Make all zones empty. */
    public static final int ZONE_RESET_ALL = 26;

    private BlkType() {}

    /** Whether it is one of the seven requests that exist with {@code VIRTIO_BLK_F_ZONED} only. */
    public static boolean zoneRequest(int type) {
        return switch (type) {
            case ZONE_APPEND, ZONE_REPORT, ZONE_OPEN, ZONE_CLOSE, ZONE_FINISH, ZONE_RESET, ZONE_RESET_ALL -> true;
            default -> false;
        };
    }
}
