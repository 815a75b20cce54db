package io.zonewright.testkit.blk;

/**
 * Numbers of the block device (virtio 1.3, section 5.2; the zoned ones are those of Linux 6.3's
 * {@code include/uapi/linux/virtio_blk.h}).
 */
public final class VirtioBlk {
    /** Unit of every position on the wire, in bytes. */
    public static final int SECTOR = 512;

    public static final long F_SIZE_MAX = 1L << 1;
    public static final long F_SEG_MAX = 1L << 2;
    public static final long F_GEOMETRY = 1L << 4;
    public static final long F_RO = 1L << 5;
    public static final long F_BLK_SIZE = 1L << 6;
    public static final long F_FLUSH = 1L << 9;
    public static final long F_TOPOLOGY = 1L << 10;
    public static final long F_CONFIG_WCE = 1L << 11;
    public static final long F_MQ = 1L << 12;
    public static final long F_DISCARD = 1L << 13;
    public static final long F_WRITE_ZEROES = 1L << 14;
    public static final long F_SECURE_ERASE = 1L << 16;
    public static final long F_ZONED = 1L << 17;
    public static final long F_INDIRECT_DESC = 1L << 28;
    public static final long F_EVENT_IDX = 1L << 29;
    public static final long F_VERSION_1 = 1L << 32;
    public static final long F_RING_PACKED = 1L << 34;

    public static final int T_IN = 0;
    public static final int T_OUT = 1;
    public static final int T_FLUSH = 4;
    public static final int T_GET_ID = 8;
    public static final int T_GET_LIFETIME = 10;
    public static final int T_DISCARD = 11;
    public static final int T_WRITE_ZEROES = 13;
    public static final int T_SECURE_ERASE = 14;
    public static final int T_ZONE_APPEND = 15;
    public static final int T_ZONE_REPORT = 16;
    public static final int T_ZONE_OPEN = 18;
    public static final int T_ZONE_CLOSE = 20;
    public static final int T_ZONE_FINISH = 22;
    public static final int T_ZONE_RESET = 24;
    public static final int T_ZONE_RESET_ALL = 26;

    public static final int S_OK = 0;
    public static final int S_IOERR = 1;
    public static final int S_UNSUPP = 2;
    public static final int S_ZONE_INVALID_CMD = 3;
    public static final int S_ZONE_UNALIGNED_WP = 4;
    public static final int S_ZONE_OPEN_RESOURCE = 5;
    public static final int S_ZONE_ACTIVE_RESOURCE = 6;

    public static final int Z_NONE = 0;
    public static final int Z_HM = 1;
    public static final int Z_HA = 2;

    public static final int ZT_CONV = 1;
    public static final int ZT_SWR = 2;
    public static final int ZT_SWP = 3;

    public static final int ZS_NOT_WP = 0;
    public static final int ZS_EMPTY = 1;
    public static final int ZS_IOPEN = 2;
    public static final int ZS_EOPEN = 3;
    public static final int ZS_CLOSED = 4;
    public static final int ZS_RDONLY = 13;
    public static final int ZS_FULL = 14;
    public static final int ZS_OFFLINE = 15;

    private VirtioBlk() {}
}
