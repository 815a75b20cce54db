package io.zonewright.api.zone;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class ZoneGeometryTest {
    private static final long MIB = 1 << 20;

    @Test
    void theLastZoneMayBeSmaller() {
        ZoneGeometry geometry = new ZoneGeometry(ZoneModel.HOST_MANAGED, 10 * MIB, 4096, 4096, 4 * MIB);
        assertEquals(3, geometry.zoneCount());
        assertEquals(4 * MIB, geometry.zoneLength(1));
        assertEquals(2 * MIB, geometry.zoneLength(2));
        assertEquals(8 * MIB, geometry.zoneStart(2));
        assertEquals(1, geometry.zoneOf(8 * MIB - 1));
        assertEquals(2, geometry.zoneOf(8 * MIB));
    }

    @Test
    void zoneSizesNeedNotBePowersOfTwo() {
        ZoneGeometry geometry = new ZoneGeometry(ZoneModel.HOST_AWARE, 9 * MIB, 512, 512, 3 * MIB);
        assertEquals(3, geometry.zoneCount());
        assertEquals(2, geometry.zoneOf(6 * MIB));
        assertEquals(ZoneType.SEQUENTIAL_WRITE_PREFERRED, geometry.model().sequentialType());
    }

    @Test
    void anOrdinaryDiskHasNoZones() {
        assertEquals(0, ZoneGeometry.unzoned(MIB, 512).zoneCount());
    }

    @Test
    void theImpossibleIsRefused() {
        refused("impossible blockSize: 1000", ZoneModel.NONE, MIB, 1000, 1000, 0);
        refused("impossible writeGranularity: 512", ZoneModel.HOST_MANAGED, MIB, 4096, 512, MIB);
        refused("impossible deviceBytes: 1000", ZoneModel.NONE, 1000, 512, 512, 0);
        refused("impossible zoneSize: 1048576", ZoneModel.NONE, MIB, 512, 512, MIB);
        refused("impossible zoneSize: 0", ZoneModel.HOST_MANAGED, MIB, 512, 512, 0);
        refused("impossible zoneSize: 1536", ZoneModel.HOST_MANAGED, 3 * 512, 512, 1024, 1536);
        refused("impossible number of zones: 16777217", ZoneModel.HOST_MANAGED, (1L << 24) * 512 + 512, 512, 512, 512);
    }

    private static void refused(
            String message, ZoneModel model, long bytes, int blockSize, int granularity, long zoneSize) {
        IllegalArgumentException e = assertThrows(
                IllegalArgumentException.class, () -> new ZoneGeometry(model, bytes, blockSize, granularity, zoneSize));
        assertEquals(message, e.getMessage());
    }

    @Test
    void limitsFitTogether() {
        assertThrows(IllegalArgumentException.class, () -> new ZoneLimits(5, 4, 0));
        assertThrows(IllegalArgumentException.class, () -> new ZoneLimits(-1, 0, 0));
        assertEquals(5, new ZoneLimits(5, 0, 0).maxOpen(), "no limit on active zones");
    }
}
