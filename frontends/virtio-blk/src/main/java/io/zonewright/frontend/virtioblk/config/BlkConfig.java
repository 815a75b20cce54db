package io.zonewright.frontend.virtioblk.config;

import io.zonewright.api.spi.Capabilities;
import io.zonewright.api.zone.ZoneGeometry;
import io.zonewright.api.zone.ZoneLimits;
import io.zonewright.api.zone.ZoneModel;
import io.zonewright.frontend.virtioblk.features.BlkFeatures;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * {@code struct virtio_blk_config} (virtio 1.4 "Block Device / Device configuration layout"; linux/virtio_blk.h),
 * packed, little-endian:
 *
 * <pre>
 *   0 le64 capacity            32 u8   writeback             60 le32 max_secure_erase_sectors
 *   8 le32 size_max            33 u8   unused0               64 le32 max_secure_erase_seg
 *  12 le32 seg_max             34 le16 num_queues            68 le32 secure_erase_sector_alignment
 *  16      geometry (4)        36 le32 max_discard_sectors   72 le32 zone_sectors
 *  20 le32 blk_size            40 le32 max_discard_seg       76 le32 max_open_zones
 *  24 u8   physical_block_exp  44 le32 discard_sector_align  80 le32 max_active_zones
 *  25 u8   alignment_offset    48 le32 max_write_zeroes_sec  84 le32 max_append_sectors
 *  26 le16 min_io_size         52 le32 max_write_zeroes_seg  88 le32 write_granularity
 *  28 le32 opt_io_size         56 u8   write_zeroes_may_unmap 92 u8  model
 *                              57 u8[3] unused1              93 u8[3] unused2
 * </pre>
 *
 * Fields that belong to a feature which is not offered are zero, and so is all padding.
 */
public final class BlkConfig {
    /** Bytes of the structure, zoned characteristics included. */
    public static final int SIZE = 96;

    /** Bytes of one sector, the unit of most fields. */
    public static final int SECTOR_BYTES = 512;

    /** Most sectors of one discard segment: 1 GiB. */
    public static final int MAX_DISCARD_SECTORS = 1 << 21;

    /** Most sectors of one write-zeroes segment: 64 MiB, since a medium may have to write them. */
    public static final int MAX_WRITE_ZEROES_SECTORS = 1 << 17;

    /** Most segments of one discard or write-zeroes request. */
    public static final int MAX_RANGES = 16;

    /** Where the driver may write: {@code writeback}, one byte. */
    public static final int WRITEBACK_OFFSET = 32;

    private static final int CAPACITY_OFFSET = 0;
    private static final int SIZE_MAX_OFFSET = 8;
    private static final int SEG_MAX_OFFSET = 12;
    private static final int BLK_SIZE_OFFSET = 20;
    private static final int PHYSICAL_BLOCK_EXP_OFFSET = 24;
    private static final int MIN_IO_SIZE_OFFSET = 26;
    private static final int NUM_QUEUES_OFFSET = 34;
    private static final int MAX_DISCARD_SECTORS_OFFSET = 36;
    private static final int MAX_DISCARD_SEG_OFFSET = 40;
    private static final int DISCARD_SECTOR_ALIGNMENT_OFFSET = 44;
    private static final int MAX_WRITE_ZEROES_SECTORS_OFFSET = 48;
    private static final int MAX_WRITE_ZEROES_SEG_OFFSET = 52;
    private static final int WRITE_ZEROES_MAY_UNMAP_OFFSET = 56;
    private static final int ZONE_SECTORS_OFFSET = 72;
    private static final int MAX_OPEN_ZONES_OFFSET = 76;
    private static final int MAX_ACTIVE_ZONES_OFFSET = 80;
    private static final int MAX_APPEND_SECTORS_OFFSET = 84;
    private static final int WRITE_GRANULARITY_OFFSET = 88;
    private static final int MODEL_OFFSET = 92;

    private static final byte MODEL_NONE = 0;
    private static final byte MODEL_HOST_MANAGED = 1;
    private static final byte MODEL_HOST_AWARE = 2;

    /** Preferred {@code size_max}; larger only where the append limit asks for it. */
    private static final long SEGMENT_BYTES = 1L << 20;

    /** A power of two that the 32-bit field can hold. */
    private static final long MAX_SEGMENT_BYTES = 1L << 31;

    private BlkConfig() {}

    /**
     * The whole structure as bytes.
     *
     * @param features the bits whose fields are shown: those offered before a driver has accepted any, with
     *     {@link BlkFeatures#ZONED} cleared for a driver that declined it
     * @param maxSegments {@code seg_max}, at least 1
     * @param writeback the cache mode now
     */
    public static byte[] encode(
            ZoneGeometry geometry,
            ZoneLimits limits,
            Capabilities capabilities,
            long features,
            int queues,
            int maxSegments,
            boolean writeback) {
        ByteBuffer out = ByteBuffer.allocate(SIZE).order(ByteOrder.LITTLE_ENDIAN);
        out.putLong(CAPACITY_OFFSET, geometry.deviceBytes() / SECTOR_BYTES);
        out.putInt(SIZE_MAX_OFFSET, (int) sizeMax(limits, maxSegments));
        out.putInt(SEG_MAX_OFFSET, maxSegments);
        out.putInt(BLK_SIZE_OFFSET, geometry.blockSize());
        int blocksPerPhysical = geometry.writeGranularity() / geometry.blockSize();
        out.put(PHYSICAL_BLOCK_EXP_OFFSET, (byte) Integer.numberOfTrailingZeros(blocksPerPhysical));
        out.putShort(MIN_IO_SIZE_OFFSET, (short) Math.min(blocksPerPhysical, 0xffff));
        out.put(WRITEBACK_OFFSET, (byte) (writeback ? 1 : 0));
        if (BlkFeatures.has(features, BlkFeatures.MQ)) {
            out.putShort(NUM_QUEUES_OFFSET, (short) queues);
        }
        if (BlkFeatures.has(features, BlkFeatures.DISCARD)) {
            out.putInt(MAX_DISCARD_SECTORS_OFFSET, MAX_DISCARD_SECTORS);
            out.putInt(MAX_DISCARD_SEG_OFFSET, MAX_RANGES);
            out.putInt(DISCARD_SECTOR_ALIGNMENT_OFFSET, geometry.blockSize() / SECTOR_BYTES);
        }
        if (BlkFeatures.has(features, BlkFeatures.WRITE_ZEROES)) {
            out.putInt(MAX_WRITE_ZEROES_SECTORS_OFFSET, MAX_WRITE_ZEROES_SECTORS);
            out.putInt(MAX_WRITE_ZEROES_SEG_OFFSET, MAX_RANGES);
            out.put(WRITE_ZEROES_MAY_UNMAP_OFFSET, (byte) (capabilities.discard() ? 1 : 0));
        }
        if (BlkFeatures.has(features, BlkFeatures.ZONED)) {
            encodeZoned(out, geometry, limits, maxSegments);
        }
        return out.array();
    }

    /**
     * {@code size_max} in bytes: large enough that the longest append fits into {@code maxSegments} segments, as the
     * specification wants it (max_append_sectors ≤ seg_max × size_max).
     */
    public static long sizeMax(ZoneLimits limits, int maxSegments) {
        long size = SEGMENT_BYTES;
        while (size < MAX_SEGMENT_BYTES && size * maxSegments < limits.maxAppendBytes()) {
            size *= 2;
        }
        return size;
    }

    private static void encodeZoned(ByteBuffer out, ZoneGeometry geometry, ZoneLimits limits, int maxSegments) {
        long appendBytes = Math.min(limits.maxAppendBytes(), sizeMax(limits, maxSegments) * maxSegments);
        out.putInt(ZONE_SECTORS_OFFSET, unsigned32(geometry.zoneSize() / SECTOR_BYTES));
        out.putInt(MAX_OPEN_ZONES_OFFSET, limits.maxOpen());
        out.putInt(MAX_ACTIVE_ZONES_OFFSET, limits.maxActive());
        out.putInt(MAX_APPEND_SECTORS_OFFSET, unsigned32(Math.min(appendBytes / SECTOR_BYTES, 0xffff_ffffL)));
        out.putInt(WRITE_GRANULARITY_OFFSET, geometry.writeGranularity());
        out.put(MODEL_OFFSET, model(geometry.model()));
    }

    private static byte model(ZoneModel model) {
        return switch (model) {
            case NONE -> MODEL_NONE;
            case HOST_MANAGED -> MODEL_HOST_MANAGED;
            case HOST_AWARE -> MODEL_HOST_AWARE;
        };
    }

    /** The low half of a number that the endpoint's checks keep below 2^32. */
    private static int unsigned32(long value) {
        if (value >>> 32 != 0) {
            throw new IllegalArgumentException("not a 32-bit number: " + value);
        }
        return (int) value;
    }
}
