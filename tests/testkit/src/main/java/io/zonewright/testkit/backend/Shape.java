package io.zonewright.testkit.backend;

import io.zonewright.api.spi.Capabilities;
import io.zonewright.api.zone.ZoneFeatures;
import io.zonewright.api.zone.ZoneGeometry;
import io.zonewright.api.zone.ZoneLimits;
import io.zonewright.api.zone.ZoneModel;
import io.zonewright.api.zone.ZoneType;

/**
 * A device for tests.
 *
 * @param name to recognise it in a report
 * @param zoneCapacity writable bytes of each sequential zone, less in a smaller last zone
 * @param conventionalZones how many zones at the start are conventional
 * @param features what its zones can have beyond data
 */
public record Shape(
        String name,
        ZoneGeometry geometry,
        ZoneLimits limits,
        long zoneCapacity,
        int conventionalZones,
        Capabilities capabilities,
        ZoneFeatures features) {
    /** A device whose zones have nothing beyond data. */
    public Shape(
            String name,
            ZoneGeometry geometry,
            ZoneLimits limits,
            long zoneCapacity,
            int conventionalZones,
            Capabilities capabilities) {
        this(name, geometry, limits, zoneCapacity, conventionalZones, capabilities, ZoneFeatures.NONE);
    }

    /** Everything a medium without rules of its own can do. */
    public static final Capabilities ABLE = new Capabilities(false, true, true, true, false, false);

    /** Host-managed, all zones sequential, capacity equal to size, 512-byte blocks, no limits, appends of half a zone. */
    public static Shape hostManaged(int zones, int zoneBlocks) {
        long zoneSize = zoneBlocks * 512L;
        return new Shape(
                "host-managed",
                new ZoneGeometry(ZoneModel.HOST_MANAGED, zones * zoneSize, 512, 512, zoneSize),
                new ZoneLimits(0, 0, zoneSize / 2),
                zoneSize,
                0,
                ABLE);
    }

    public Shape named(String newName) {
        return new Shape(newName, geometry, limits, zoneCapacity, conventionalZones, capabilities, features);
    }

    public Shape with(Capabilities newCapabilities) {
        return new Shape(name, geometry, limits, zoneCapacity, conventionalZones, newCapabilities, features);
    }

    public Shape with(ZoneLimits newLimits) {
        return new Shape(name, geometry, newLimits, zoneCapacity, conventionalZones, capabilities, features);
    }

    public Shape with(ZoneGeometry newGeometry) {
        return new Shape(name, newGeometry, limits, zoneCapacity, conventionalZones, capabilities, features);
    }

    public Shape with(ZoneFeatures newFeatures) {
        return new Shape(name, geometry, limits, zoneCapacity, conventionalZones, capabilities, newFeatures);
    }

    public Shape withCapacity(long bytes) {
        return new Shape(name, geometry, limits, bytes, conventionalZones, capabilities, features);
    }

    public Shape withConventional(int zones) {
        return new Shape(name, geometry, limits, zoneCapacity, zones, capabilities, features);
    }

    /** Type of zone {@code index}. */
    public ZoneType type(int index) {
        return index < conventionalZones
                ? ZoneType.CONVENTIONAL
                : geometry.model().sequentialType();
    }

    /** Capacity of zone {@code index} in bytes. */
    public long capacity(int index) {
        long length = geometry.zoneLength(index);
        return type(index).sequential() ? Math.min(zoneCapacity, length) : length;
    }
}
