package io.zonewright.backend.nullzoned;

import io.zonewright.api.config.Settings;
import io.zonewright.api.zone.ZoneFeatures;
import io.zonewright.api.zone.ZoneGeometry;
import io.zonewright.api.zone.ZoneLimits;
import io.zonewright.api.zone.ZoneModel;
import io.zonewright.api.zone.ZoneRules;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/**
 * Reads the settings of one device and reports everything that is wrong with them, each with the nearest value that
 * would be right. After a wrong value it goes on with that nearest one, so that one mistake is one message.
 */
final class SettingsReader {
    /**
     * Largest device whose data is kept. User space has 128 TiB of addresses on x86-64, of which the largest hole is
     * some 80 TiB, and the guests' memory has to go somewhere too.
     */
    static final long MAX_KEPT_BYTES = 64L << 40;

    private static final int SMALL_BLOCK_BYTES = 512;
    private static final int LARGE_BLOCK_BYTES = 4096;
    private static final long MAX_GRANULARITY_BYTES = 1 << 20;
    private static final long DEFAULT_APPEND_BYTES = 1 << 20;
    private static final Duration MAX_LATENCY = Duration.ofHours(1);

    private final Settings settings;
    private boolean good = true;

    private SettingsReader(Settings settings) {
        this.settings = settings;
    }

    /** The settings if they are good; else their problems are reported, and the result is empty. */
    static Optional<NullZonedConfig> read(Settings settings, String device) {
        SettingsReader reader = new SettingsReader(settings);
        NullZonedConfig config = reader.config(device);
        return reader.good ? Optional.of(config) : Optional.empty();
    }

    private NullZonedConfig config(String device) {
        ZoneModel model = switch (settings.text(NullZonedKeys.MODEL)) {
            case "none" -> ZoneModel.NONE;
            case "host-aware" -> ZoneModel.HOST_AWARE;
            default -> ZoneModel.HOST_MANAGED;
        };
        boolean keep = !settings.text(NullZonedKeys.DATA).equals("discard");
        int block = blockSize();
        Latencies latencies = latencies();
        long maxMemory = maxMemory(keep);
        boolean readOnly = settings.flag(NullZonedKeys.READ_ONLY);
        boolean hugePages = settings.flag(NullZonedKeys.HUGE_PAGES);
        if (!model.zoned()) {
            for (String key : NullZonedKeys.ZONED_ONLY) {
                if (settings.isSet(key)) {
                    problem(
                            key,
                            "'" + key + "' says nothing about a device with 'model: none'",
                            "remove it, or set 'model: host-managed'");
                }
            }
            return new NullZonedConfig(
                    device,
                    ZoneGeometry.unzoned(deviceSize(block, NullZonedKeys.BLOCK_SIZE, block, keep), block),
                    ZoneLimits.NONE,
                    ZoneFeatures.NONE,
                    Optional.empty(),
                    0,
                    0,
                    readOnly,
                    InitialZones.EMPTY,
                    keep,
                    hugePages,
                    maxMemory,
                    latencies);
        }
        int granularity = writeGranularity(block);
        long size =
                deviceSize(granularity, NullZonedKeys.WRITE_GRANULARITY, settings.size(NullZonedKeys.ZONE_SIZE), keep);
        long zoneSize = zoneSize(size, block, granularity);
        ZoneGeometry geometry = new ZoneGeometry(model, size, block, granularity, zoneSize);
        long capacity = zoneCapacity(zoneSize, granularity);
        int conventional = conventionalZones(geometry);
        ZoneLimits limits = limits(model, granularity, capacity);
        return new NullZonedConfig(
                device,
                geometry,
                limits,
                new FeaturesReader(settings, this::spoil).read(geometry, capacity, conventional, limits),
                zoneRules(),
                capacity,
                conventional,
                readOnly,
                new InitialZonesReader(settings.section(NullZonedKeys.INITIAL_ZONES), this::spoil)
                        .read(geometry, capacity, conventional, limits),
                keep,
                hugePages,
                maxMemory,
                latencies);
    }

    private int blockSize() {
        long value = settings.size(NullZonedKeys.BLOCK_SIZE);
        if (value == SMALL_BLOCK_BYTES || value == LARGE_BLOCK_BYTES) {
            return (int) value;
        }
        int nearest = value < (SMALL_BLOCK_BYTES + LARGE_BLOCK_BYTES) / 2 ? SMALL_BLOCK_BYTES : LARGE_BLOCK_BYTES;
        problem(
                NullZonedKeys.BLOCK_SIZE,
                "a block of " + Sizes.text(value) + " is neither 512B nor 4KiB",
                "the nearest is " + Sizes.text(nearest));
        return nearest;
    }

    private int writeGranularity(int block) {
        if (!settings.isSet(NullZonedKeys.WRITE_GRANULARITY)) {
            return block;
        }
        long value = settings.size(NullZonedKeys.WRITE_GRANULARITY);
        long nearest = Sizes.nearestPowerOfTwo(value, block, MAX_GRANULARITY_BYTES);
        if (value != nearest) {
            problem(
                    NullZonedKeys.WRITE_GRANULARITY,
                    "a write granularity of " + Sizes.text(value) + " is not a power of two from the block size, "
                            + Sizes.text(block) + ", to " + Sizes.text(MAX_GRANULARITY_BYTES),
                    "the nearest is " + Sizes.text(nearest));
        }
        return (int) nearest;
    }

    /**
     * @param least the size to propose to who asked for nothing
     */
    private long deviceSize(long unit, String unitKey, long least, boolean keep) {
        long value = settings.size(NullZonedKeys.SIZE);
        if (value == 0) {
            long nearest = Sizes.nearestMultiple(least, unit, MAX_KEPT_BYTES);
            problem(NullZonedKeys.SIZE, "the size is 0", "the nearest is " + Sizes.text(nearest));
            return nearest;
        }
        if (keep && value > MAX_KEPT_BYTES) {
            problem(
                    NullZonedKeys.SIZE,
                    "a device of " + Sizes.text(value) + " does not fit into the address space",
                    "the nearest is " + Sizes.text(MAX_KEPT_BYTES) + "; or set 'data: discard'");
            return MAX_KEPT_BYTES;
        }
        return multiple(NullZonedKeys.SIZE, "size", value, unit, unitKey, Long.MAX_VALUE);
    }

    private long zoneSize(long size, int block, int granularity) {
        long value = settings.size(NullZonedKeys.ZONE_SIZE);
        // On a large device there is a least zone size, on every device a largest.
        long least = roundUp((size - 1) / ZoneGeometry.MAX_ZONES + 1, granularity);
        long most = Math.min(size, ZoneGeometry.MAX_ZONE_BLOCKS * block / granularity * granularity);
        if (most < least) {
            problem(
                    NullZonedKeys.SIZE,
                    "a device of " + Sizes.text(size) + " would need zones of " + Sizes.text(least)
                            + ", and zones have at most " + Sizes.text(most),
                    "the nearest is " + Sizes.text(most * ZoneGeometry.MAX_ZONES));
            return least;
        }
        if (value > most) {
            problem(
                    NullZonedKeys.ZONE_SIZE,
                    most == size
                            ? "a zone of " + Sizes.text(value) + " is larger than the device, " + Sizes.text(size)
                            : "a zone of " + Sizes.text(value) + " is longer than " + ZoneGeometry.MAX_ZONE_BLOCKS
                                    + " blocks",
                    "the nearest is " + Sizes.text(most));
            return most;
        }
        if (value > 0 && value < least) {
            problem(
                    NullZonedKeys.ZONE_SIZE,
                    "zones of " + Sizes.text(value) + " would be "
                            + ((size - 1) / value + 1) + " in number, and a device has at most "
                            + ZoneGeometry.MAX_ZONES,
                    "the nearest is " + Sizes.text(least));
            return least;
        }
        return multiple(
                NullZonedKeys.ZONE_SIZE, "zone size", value, granularity, NullZonedKeys.WRITE_GRANULARITY, most);
    }

    private long zoneCapacity(long zoneSize, int granularity) {
        if (!settings.isSet(NullZonedKeys.ZONE_CAPACITY)) {
            return zoneSize;
        }
        long value = settings.size(NullZonedKeys.ZONE_CAPACITY);
        if (value > zoneSize) {
            problem(
                    NullZonedKeys.ZONE_CAPACITY,
                    "a zone capacity of " + Sizes.text(value) + " is more than the zone size, " + Sizes.text(zoneSize),
                    "the nearest is " + Sizes.text(zoneSize));
            return zoneSize;
        }
        return multiple(
                NullZonedKeys.ZONE_CAPACITY,
                "zone capacity",
                value,
                granularity,
                NullZonedKeys.WRITE_GRANULARITY,
                zoneSize);
    }

    private int conventionalZones(ZoneGeometry geometry) {
        long value = settings.count(NullZonedKeys.CONVENTIONAL_ZONES);
        int zones = geometry.zoneCount();
        if (value < zones) {
            return (int) value;
        }
        problem(
                NullZonedKeys.CONVENTIONAL_ZONES,
                value + " conventional zones leave no sequential zone: the device has " + zones
                        + (zones == 1 ? " zone" : " zones"),
                "the nearest is " + (zones - 1));
        return zones - 1;
    }

    private ZoneLimits limits(ZoneModel model, int granularity, long capacity) {
        int maxOpen = limit(NullZonedKeys.MAX_OPEN);
        int maxActive = limit(NullZonedKeys.MAX_ACTIVE);
        if (maxActive != 0 && maxOpen > maxActive) {
            problem(
                    NullZonedKeys.MAX_OPEN,
                    "max-open " + maxOpen + " is above max-active " + maxActive + ", and open zones are active",
                    "the nearest is " + maxActive + "; or raise 'max-active' to " + maxOpen + ", or to 0 for no limit");
            maxOpen = maxActive;
        }
        return new ZoneLimits(maxOpen, maxActive, maxAppend(model, granularity, capacity));
    }

    private int limit(String key) {
        long value = settings.count(key);
        if (value <= ZoneGeometry.MAX_ZONES) {
            return (int) value;
        }
        problem(
                key,
                value + " is more zones than a device can have, " + ZoneGeometry.MAX_ZONES,
                "the nearest is " + ZoneGeometry.MAX_ZONES + "; 0 means no limit");
        return 0;
    }

    private long maxAppend(ZoneModel model, int granularity, long capacity) {
        boolean set = settings.isSet(NullZonedKeys.MAX_APPEND);
        long value = set ? settings.size(NullZonedKeys.MAX_APPEND) : Math.min(DEFAULT_APPEND_BYTES, capacity);
        if (model != ZoneModel.HOST_MANAGED) {
            if (set && value != 0) {
                problem(
                        NullZonedKeys.MAX_APPEND,
                        "the zones of a host-aware device take no appends",
                        "the nearest is 0; or set 'model: host-managed'");
            }
            return 0;
        }
        if (value == 0) {
            return 0;
        }
        if (value > capacity) {
            problem(
                    NullZonedKeys.MAX_APPEND,
                    "an append of " + Sizes.text(value) + " does not fit into a zone's capacity, "
                            + Sizes.text(capacity),
                    "the nearest is " + Sizes.text(capacity));
            return capacity;
        }
        return multiple(
                NullZonedKeys.MAX_APPEND,
                "longest append",
                value,
                granularity,
                NullZonedKeys.WRITE_GRANULARITY,
                capacity);
    }

    private Optional<ZoneRules> zoneRules() {
        return switch (settings.text(NullZonedKeys.ZONE_RULES)) {
            case "zbc" -> Optional.of(ZoneRules.ZBC);
            case "zns" -> Optional.of(ZoneRules.ZNS);
            default -> Optional.empty();
        };
    }

    private long maxMemory(boolean keep) {
        if (!settings.isSet(NullZonedKeys.MAX_MEMORY)) {
            return Long.MAX_VALUE;
        }
        long value = settings.size(NullZonedKeys.MAX_MEMORY);
        if (!keep) {
            problem(
                    NullZonedKeys.MAX_MEMORY,
                    "a device with 'data: discard' uses no memory for data",
                    "remove 'max-memory', or set 'data: keep'");
        } else if (value < SparseStore.MAX_PIECE_BYTES) {
            problem(
                    NullZonedKeys.MAX_MEMORY,
                    Sizes.text(value) + " is less than the smallest piece of memory, "
                            + Sizes.text(SparseStore.MAX_PIECE_BYTES),
                    "the nearest is " + Sizes.text(SparseStore.MAX_PIECE_BYTES));
        }
        return value;
    }

    private Latencies latencies() {
        Settings section = settings.section(NullZonedKeys.LATENCY);
        Map<Lane, Long> nanos = new EnumMap<>(Lane.class);
        for (Lane lane : Lane.values()) {
            Duration value = section.duration(lane.key());
            if (value.compareTo(MAX_LATENCY) > 0) {
                good = false;
                section.problem(
                        lane.key(),
                        "a latency of " + value.toSeconds() + "s is more than an hour",
                        "the nearest is 1h");
                value = MAX_LATENCY;
            }
            nanos.put(lane, value.toNanos());
        }
        return new Latencies(nanos);
    }

    /** {@code value} if it is a multiple of {@code unit} above 0, else a problem and the nearest that is. */
    private long multiple(String key, String what, long value, long unit, String unitKey, long most) {
        long nearest = Sizes.nearestMultiple(value, unit, most);
        if (value != nearest) {
            problem(
                    key,
                    value == 0
                            ? "the " + what + " is 0"
                            : "the " + what + " " + Sizes.text(value) + " is not a multiple of " + unitKey + ", "
                                    + Sizes.text(unit),
                    "the nearest is " + Sizes.text(nearest));
        }
        return nearest;
    }

    private void problem(String key, String what, String fix) {
        good = false;
        settings.problem(key, what, fix);
    }

    private void spoil() {
        good = false;
    }

    private static long roundUp(long value, long unit) {
        return (value + unit - 1) / unit * unit;
    }
}
