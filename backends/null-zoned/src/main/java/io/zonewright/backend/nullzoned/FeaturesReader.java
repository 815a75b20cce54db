package io.zonewright.backend.nullzoned;

import io.zonewright.api.config.Settings;
import io.zonewright.api.zone.ZoneFeatures;
import io.zonewright.api.zone.ZoneGeometry;
import io.zonewright.api.zone.ZoneLimits;
import io.zonewright.api.zone.ZoneModel;

/** Reads what zones have beyond data, extensions and random write areas, against a geometry that is known to be good. */
final class FeaturesReader {
    /** Extensions live in the daemon's heap. */
    static final long MAX_ALL_EXTENSIONS_BYTES = 64 << 20;

    private static final int EXTENSION_UNIT = 64;

    /** NVMe ZNS counts the area's blocks in 16 bits (Identify Namespace, ZRWASZ). */
    private static final long MAX_AREA_BLOCKS = 65535;

    private final Settings settings;
    private final Runnable onProblem;

    /**
     * @param onProblem told of each problem, which goes to {@code settings}
     */
    FeaturesReader(Settings settings, Runnable onProblem) {
        this.settings = settings;
        this.onProblem = onProblem;
    }

    ZoneFeatures read(ZoneGeometry geometry, long capacity, int conventional, ZoneLimits limits) {
        if (geometry.model() != ZoneModel.HOST_MANAGED) {
            refuseOtherModels();
            return ZoneFeatures.NONE;
        }
        int extension = extension(geometry);
        if (settings.size(NullZonedKeys.AREA) == 0) {
            refuseWithoutArea(NullZonedKeys.AREAS);
            refuseWithoutArea(NullZonedKeys.AREA_FLUSH);
            return new ZoneFeatures(extension, 0, 0, 0);
        }
        long most = Math.min(capacity, MAX_AREA_BLOCKS * geometry.blockSize());
        long flush = flush(geometry.writeGranularity(), capacity, most);
        long area = area(flush, most / flush * flush);
        return new ZoneFeatures(extension, areas(geometry.zoneCount() - conventional, limits), area, flush);
    }

    private void refuseOtherModels() {
        for (String key : new String[] {NullZonedKeys.EXTENSION, NullZonedKeys.AREA}) {
            if (settings.isSet(key) && settings.size(key) != 0) {
                problem(
                        key,
                        "the zones of a host-aware device have nothing of the kind",
                        "the nearest is 0; or set 'model: host-managed'");
            }
        }
    }

    private void refuseWithoutArea(String key) {
        if (settings.isSet(key)) {
            problem(
                    key,
                    "'" + key + "' says nothing without '" + NullZonedKeys.AREA + "'",
                    "remove it, or set '" + NullZonedKeys.AREA + "'");
        }
    }

    private int extension(ZoneGeometry geometry) {
        long room = MAX_ALL_EXTENSIONS_BYTES / geometry.zoneCount() / EXTENSION_UNIT * EXTENSION_UNIT;
        long most = Math.min(room, ZoneFeatures.MAX_EXTENSION_BYTES);
        if (!settings.isSet(NullZonedKeys.EXTENSION)) {
            return (int) Math.min(most, EXTENSION_UNIT);
        }
        long value = settings.size(NullZonedKeys.EXTENSION);
        if (value == 0) {
            return 0;
        }
        long nearest = most == 0 ? 0 : Sizes.nearestMultiple(value, EXTENSION_UNIT, most);
        if (value != nearest) {
            String what = value % EXTENSION_UNIT == 0 && value <= ZoneFeatures.MAX_EXTENSION_BYTES
                    ? "extensions of " + Sizes.text(value) + " for " + geometry.zoneCount() + " zones are more than "
                            + Sizes.text(MAX_ALL_EXTENSIONS_BYTES)
                    : "an extension of " + Sizes.text(value) + " is not a multiple of 64B up to "
                            + Sizes.text(ZoneFeatures.MAX_EXTENSION_BYTES);
            problem(NullZonedKeys.EXTENSION, what, "the nearest is " + Sizes.text(nearest));
        }
        return (int) nearest;
    }

    private long flush(long granularity, long capacity, long most) {
        if (!settings.isSet(NullZonedKeys.AREA_FLUSH)) {
            return granularity;
        }
        long value = settings.size(NullZonedKeys.AREA_FLUSH);
        long nearest = Math.clamp(value, granularity, most) / granularity * granularity;
        while (capacity % nearest != 0) {
            nearest -= granularity;
        }
        if (value != nearest) {
            problem(
                    NullZonedKeys.AREA_FLUSH,
                    "a flush granularity of " + Sizes.text(value) + " is not a multiple of "
                            + NullZonedKeys.WRITE_GRANULARITY + ", " + Sizes.text(granularity)
                            + ", that divides the zone capacity, " + Sizes.text(capacity),
                    "the nearest below is " + Sizes.text(nearest));
        }
        return nearest;
    }

    private long area(long flush, long most) {
        long value = settings.size(NullZonedKeys.AREA);
        long nearest = Sizes.nearestMultiple(value, flush, most);
        if (value != nearest) {
            problem(
                    NullZonedKeys.AREA,
                    "a random write area of " + Sizes.text(value) + " is not a multiple of " + NullZonedKeys.AREA_FLUSH
                            + ", " + Sizes.text(flush) + ", up to " + Sizes.text(most),
                    "the nearest is " + Sizes.text(nearest));
        }
        return nearest;
    }

    private int areas(int sequentialZones, ZoneLimits limits) {
        int most = limits.maxActive() == 0 ? sequentialZones : Math.min(limits.maxActive(), sequentialZones);
        if (!settings.isSet(NullZonedKeys.AREAS)) {
            return most;
        }
        long value = settings.count(NullZonedKeys.AREAS);
        long nearest = Math.clamp(value, 1, most);
        if (value != nearest) {
            problem(
                    NullZonedKeys.AREAS,
                    value == 0
                            ? "0 random write areas cannot be had with a '" + NullZonedKeys.AREA + "'"
                            : value + " random write areas are more than zones that can be active",
                    "the nearest is " + nearest);
        }
        return (int) nearest;
    }

    private void problem(String key, String what, String fix) {
        onProblem.run();
        settings.problem(key, what, fix);
    }
}
