package io.zonewright.frontend.virtioblk.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.api.spi.Capabilities;
import io.zonewright.api.zone.ZoneGeometry;
import io.zonewright.api.zone.ZoneLimits;
import io.zonewright.api.zone.ZoneModel;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** Every byte of the structure; the offsets are those of linux/virtio_blk.h. */
class BlkConfigTest {
    private static final long MIB = 1L << 20;
    private static final Capabilities ALL = new Capabilities(false, true, true, true, false, false);

    /** 64 GiB, 512-byte blocks, 4096-byte writes, 256 MiB zones. */
    private static ZoneGeometry zoned(ZoneModel model) {
        return new ZoneGeometry(model, 65536 * MIB, 512, 4096, 256 * MIB);
    }

    private static final ZoneLimits LIMITS = new ZoneLimits(14, 28, MIB);

    private static byte[] encode(ZoneGeometry geometry, ZoneLimits limits, long features) {
        return BlkConfig.encode(geometry, limits, ALL, features, 4, 254, true);
    }

    private static long u32(byte[] config, int offset) {
        return Integer.toUnsignedLong(
                ByteBuffer.wrap(config).order(ByteOrder.LITTLE_ENDIAN).getInt(offset));
    }

    @Test
    void everyByteOfAHostManagedDisk() {
        ZoneGeometry geometry = new ZoneGeometry(ZoneModel.HOST_MANAGED, 65536 * MIB, 512, 4096, 256 * MIB);
        byte[] config = encode(geometry, LIMITS, 1 << 17 | 1 << 12);
        String expected = "0000000800000000" // 0 capacity: 2^27 sectors
                + "00001000" // 8 size_max: 1 MiB
                + "fe000000" // 12 seg_max: 254
                + "00000000" // 16 geometry
                + "00020000" // 20 blk_size: 512
                + "03" // 24 physical_block_exp: 8 blocks
                + "00" // 25 alignment_offset
                + "0800" // 26 min_io_size: 8 blocks
                + "00000000" // 28 opt_io_size
                + "01" // 32 writeback
                + "00" // 33 unused0
                + "0400" // 34 num_queues
                + "000000000000000000000000" // 36 discard
                + "0000000000000000" // 48 write zeroes
                + "00" // 56 write_zeroes_may_unmap
                + "000000" // 57 unused1
                + "000000000000000000000000" // 60 secure erase
                + "00000800" // 72 zone_sectors: 2^19
                + "0e000000" // 76 max_open_zones
                + "1c000000" // 80 max_active_zones
                + "00080000" // 84 max_append_sectors: 2048
                + "00100000" // 88 write_granularity: 4096
                + "01" // 92 model: host-managed
                + "000000"; // 93 unused2
        assertEquals(expected, HexFormat.of().formatHex(config));
        assertEquals(96, config.length);
    }

    @Test
    void everyByteOfAnOrdinaryDisk() {
        byte[] config = BlkConfig.encode(
                ZoneGeometry.unzoned(3 * 512 * 8, 4096), ZoneLimits.NONE, ALL, 1 << 13 | 1 << 14, 1, 254, false);
        String expected = "1800000000000000" // capacity: 24 sectors
                + "00001000"
                + "fe000000"
                + "00000000"
                + "00100000" // blk_size: 4096
                + "00"
                + "00"
                + "0100" // min_io_size: 1 block
                + "00000000"
                + "00" // writeback
                + "00"
                + "0000" // num_queues: MQ is not offered
                + "00002000" // 36 max_discard_sectors: 2^21
                + "10000000" // 40 max_discard_seg: 16
                + "08000000" // 44 discard_sector_alignment: 8
                + "00000200" // 48 max_write_zeroes_sectors: 2^17
                + "10000000" // 52 max_write_zeroes_seg: 16
                + "01" // 56 write_zeroes_may_unmap
                + "000000"
                + "00".repeat(36);
        assertEquals(expected, HexFormat.of().formatHex(config));
    }

    @Test
    void d3AllZonedFieldsAreZeroWithoutTheFeature() {
        byte[] config = encode(zoned(ZoneModel.HOST_AWARE), LIMITS, 0);
        assertEquals("00".repeat(24), HexFormat.of().formatHex(config, 72, 96));
    }

    @Test
    void d5ModelSaysHowTheDeviceOperates() {
        assertEquals(1, encode(zoned(ZoneModel.HOST_MANAGED), LIMITS, 1 << 17)[92]);
        assertEquals(2, encode(zoned(ZoneModel.HOST_AWARE), LIMITS, 1 << 17)[92]);
        assertEquals(0, encode(ZoneGeometry.unzoned(MIB, 512), ZoneLimits.NONE, 0)[92]);
    }

    @Test
    void d6ZoneSectorsIsTheSizeOfAZoneAlsoWhereTheLastIsSmaller() {
        ZoneGeometry smallLast = new ZoneGeometry(ZoneModel.HOST_MANAGED, 10 * MIB + 4096, 512, 4096, 4 * MIB);
        byte[] config = encode(smallLast, LIMITS, 1 << 17);
        assertEquals(8192, u32(config, 72));
        assertEquals(20488, u32(config, 0));
    }

    @Test
    void d7MaxOpenZones() {
        assertEquals(14, u32(encode(zoned(ZoneModel.HOST_MANAGED), LIMITS, 1 << 17), 76));
        assertEquals(0, u32(encode(zoned(ZoneModel.HOST_MANAGED), new ZoneLimits(0, 0, MIB), 1 << 17), 76));
    }

    @Test
    void d8MaxActiveZones() {
        assertEquals(28, u32(encode(zoned(ZoneModel.HOST_MANAGED), LIMITS, 1 << 17), 80));
        assertEquals(0, u32(encode(zoned(ZoneModel.HOST_MANAGED), new ZoneLimits(4, 0, MIB), 1 << 17), 80));
    }

    @Test
    void d9MaxAppendSectors() {
        assertEquals(2048, u32(encode(zoned(ZoneModel.HOST_MANAGED), LIMITS, 1 << 17), 84));
        assertEquals(0, u32(encode(zoned(ZoneModel.HOST_MANAGED), new ZoneLimits(4, 6, 0), 1 << 17), 84));
    }

    @Test
    void d10AnAppendFitsIntoTheSegmentsOfOneRequest() {
        for (int segments : new int[] {1, 2, 126, 254, 1022}) {
            for (long append : new long[] {4096, MIB, 254 * MIB, 256 * MIB, 2048 * MIB, 1L << 40}) {
                byte[] config = BlkConfig.encode(
                        zoned(ZoneModel.HOST_MANAGED),
                        new ZoneLimits(4, 6, append),
                        Capabilities.PLAIN,
                        1 << 17,
                        1,
                        segments,
                        false);
                long bytes = u32(config, 84) * 512;
                String what = segments + " segments, append of " + append;
                assertTrue(bytes <= u32(config, 12) * u32(config, 8), what);
                assertTrue(u32(config, 84) > 0, what);
                assertTrue(append > 256 * MIB || bytes == append, what);
            }
        }
        byte[] large = BlkConfig.encode(
                zoned(ZoneModel.HOST_MANAGED), new ZoneLimits(4, 6, 256 * MIB), ALL, 1 << 17, 1, 254, false);
        assertEquals(2 * MIB, u32(large, 8));
    }

    @Test
    void d11WriteGranularityInBytes() {
        assertEquals(4096, u32(encode(zoned(ZoneModel.HOST_MANAGED), LIMITS, 1 << 17), 88));
        ZoneGeometry fine = new ZoneGeometry(ZoneModel.HOST_MANAGED, 64 * MIB, 512, 512, 4 * MIB);
        assertEquals(512, u32(encode(fine, LIMITS, 1 << 17), 88));
    }

    @Test
    void d12PaddingIsZero() {
        byte[] config = encode(zoned(ZoneModel.HOST_MANAGED), LIMITS, -1L);
        assertEquals("00", HexFormat.of().formatHex(config, 33, 34));
        assertEquals("000000", HexFormat.of().formatHex(config, 57, 60));
        assertEquals("000000", HexFormat.of().formatHex(config, 93, 96));
    }
}
