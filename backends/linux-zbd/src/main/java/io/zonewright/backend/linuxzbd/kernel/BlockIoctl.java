package io.zonewright.backend.linuxzbd.kernel;

import io.zonewright.posix.Ioctl;

/**
 * Numbers of the block layer's ioctls (linux/fs.h, linux/blkzoned.h). A test compares them with literals and with what
 * the C compiler makes of the headers.
 */
public final class BlockIoctl {
    private static final int TYPE = 0x12;
    private static final int REPORT_HEADER_BYTES = 16;
    private static final int RANGE_BYTES = 16;

    /** {@code int}: whether the device is read-only. */
    public static final long BLKROGET = Ioctl.io(TYPE, 94);

    /** {@code int}: the logical block, bytes. */
    public static final long BLKSSZGET = Ioctl.io(TYPE, 104);

    /** {@code __u64}: the device's size, bytes. Declared with {@code size_t}, which is 8 bytes on the machines we run on. */
    public static final long BLKGETSIZE64 = Ioctl.ior(TYPE, 114, 8);

    /** {@code __u64[2]}: start and length of a range to discard, bytes. */
    public static final long BLKDISCARD = Ioctl.io(TYPE, 119);

    /** {@code __u64[2]}: start and length of a range to fill with zeroes, bytes. */
    public static final long BLKZEROOUT = Ioctl.io(TYPE, 127);

    /** {@code struct blk_zone_report} with room for zones behind it. */
    public static final long BLKREPORTZONE = Ioctl.iowr(TYPE, 130, REPORT_HEADER_BYTES);

    /** {@code struct blk_zone_range}. */
    public static final long BLKRESETZONE = Ioctl.iow(TYPE, 131, RANGE_BYTES);

    /** {@code __u32}: zone size in sectors. */
    public static final long BLKGETZONESZ = Ioctl.ior(TYPE, 132, 4);

    /** {@code __u32}: number of zones. */
    public static final long BLKGETNRZONES = Ioctl.ior(TYPE, 133, 4);

    /** {@code struct blk_zone_range}. */
    public static final long BLKOPENZONE = Ioctl.iow(TYPE, 134, RANGE_BYTES);

    /** {@code struct blk_zone_range}. */
    public static final long BLKCLOSEZONE = Ioctl.iow(TYPE, 135, RANGE_BYTES);

    /** {@code struct blk_zone_range}. */
    public static final long BLKFINISHZONE = Ioctl.iow(TYPE, 136, RANGE_BYTES);

    /** As {@link #BLKREPORTZONE}, but the report's flags are input too. Since Linux 6.19. */
    public static final long BLKREPORTZONEV2 = Ioctl.iowr(TYPE, 142, REPORT_HEADER_BYTES);

    private BlockIoctl() {}
}
