package io.zonewright.tests.conformance;

import io.zonewright.api.zone.ZoneGeometry;
import io.zonewright.api.zone.ZoneLimits;
import io.zonewright.api.zone.ZoneModel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The shape of a device. Everything but {@code blockSize} and {@code granularity} is counted in logical blocks, and 0
 * where there are no zones.
 *
 * @param granularity bytes
 * @param conventional number of conventional zones, the first ones
 * @param zones number of zones, the last one included
 * @param lastZone blocks of the last zone
 */
record Shape(
        String name,
        ZoneModel model,
        int blockSize,
        int granularity,
        int zoneSize,
        int capacity,
        int conventional,
        int zones,
        int lastZone,
        int maxOpen,
        int maxActive,
        int maxAppend) {
    /** Every kind of device, each as small as it can be. */
    static final List<Shape> ALL = List.of(
            new Shape("hm-512", ZoneModel.HOST_MANAGED, 512, 512, 256, 256, 0, 8, 256, 0, 0, 64),
            new Shape("hm-4096-gap", ZoneModel.HOST_MANAGED, 4096, 4096, 64, 48, 2, 10, 32, 0, 0, 32),
            new Shape("hm-512-limits", ZoneModel.HOST_MANAGED, 512, 4096, 128, 96, 1, 9, 128, 4, 6, 64),
            new Shape("hm-4096-limits", ZoneModel.HOST_MANAGED, 4096, 4096, 64, 48, 0, 10, 64, 4, 6, 32),
            new Shape("hm-512-gran", ZoneModel.HOST_MANAGED, 512, 4096, 128, 128, 3, 12, 64, 0, 0, 32),
            new Shape("ha-512", ZoneModel.HOST_AWARE, 512, 512, 128, 128, 2, 8, 128, 0, 0, 0),
            new Shape("none-512", ZoneModel.NONE, 512, 512, 0, 0, 0, 0, 2048, 0, 0, 0),
            new Shape("none-4096", ZoneModel.NONE, 4096, 4096, 0, 0, 0, 0, 256, 0, 0, 0));

    /** Size of the device in logical blocks. */
    long deviceBlocks() {
        return zones == 0 ? lastZone : (long) (zones - 1) * zoneSize + lastZone;
    }

    /** Writable blocks of the last zone. */
    int lastCapacity() {
        return Math.min(capacity, lastZone);
    }

    ZoneGeometry geometry() {
        return new ZoneGeometry(model, deviceBlocks() * blockSize, blockSize, granularity, (long) zoneSize * blockSize);
    }

    ZoneLimits limits() {
        return new ZoneLimits(maxOpen, maxActive, (long) maxAppend * blockSize);
    }

    /** The words that scenarios ask for with {@code if}, other than what the medium can do. */
    Set<String> properties() {
        Set<String> words = new TreeSet<>();
        addIf(words, conventional > 0, "conv");
        addIf(words, conventional > 1, "conv2");
        addIf(words, capacity < zoneSize, "gap");
        addIf(words, capacity == zoneSize, "nogap");
        addIf(words, zones > 0 && lastZone < zoneSize, "smaller");
        addIf(words, maxAppend > 0, "append");
        addIf(words, maxOpen > 0, "open-limit");
        addIf(words, maxActive > 0, "active-limit");
        addIf(words, granularity > blockSize, "gran");
        return words;
    }

    private static void addIf(Set<String> words, boolean holds, String word) {
        if (holds) {
            words.add(word);
        }
    }

    /** The word for the model in scenarios. */
    String modelWord() {
        return switch (model) {
            case HOST_MANAGED -> "hm";
            case HOST_AWARE -> "ha";
            case NONE -> "none";
        };
    }

    /** As settings of the null-zoned back-end. */
    Map<String, String> nullZonedSettings() {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("size", Long.toString(deviceBlocks() * blockSize));
        settings.put("block-size", Integer.toString(blockSize));
        settings.put(
                "model",
                switch (model) {
                    case HOST_MANAGED -> "host-managed";
                    case HOST_AWARE -> "host-aware";
                    case NONE -> "none";
                });
        if (model.zoned()) {
            settings.put("zone-size", Integer.toString(zoneSize * blockSize));
            settings.put("zone-capacity", Integer.toString(capacity * blockSize));
            settings.put("conventional-zones", Integer.toString(conventional));
            settings.put("write-granularity", Integer.toString(granularity));
            settings.put("max-open", Integer.toString(maxOpen));
            settings.put("max-active", Integer.toString(maxActive));
            if (model == ZoneModel.HOST_MANAGED) {
                settings.put("max-append", Integer.toString(maxAppend * blockSize));
            }
        }
        return settings;
    }

    /** Number of the zone that starts at block {@code start}. */
    int zoneAt(long start) {
        return Math.toIntExact(start / zoneSize);
    }

    /** A sum such as {@code s0+cap-8}, in blocks. */
    long blocks(String sum) {
        long result = 0;
        for (String term : terms(sum)) {
            result += term.startsWith("-") ? -value(term.substring(1)) : value(term);
        }
        return result;
    }

    private static List<String> terms(String sum) {
        List<String> terms = new ArrayList<>();
        for (String term : sum.split("(?=-)|\\+", -1)) {
            terms.add(term);
        }
        return terms;
    }

    private long value(String term) {
        return switch (term) {
            case "cap" -> capacity;
            case "size" -> zoneSize;
            case "gran" -> granularity / blockSize;
            case "max" -> maxAppend;
            case "device" -> deviceBlocks();
            case "last" -> deviceBlocks() - lastZone;
            case "lastcap" -> lastCapacity();
            default ->
                switch (term.charAt(0)) {
                    case 's' -> (long) (conventional + number(term)) * zoneSize;
                    case 'c' -> (long) number(term) * zoneSize;
                    default -> Long.parseLong(term);
                };
        };
    }

    private static int number(String term) {
        return Integer.parseInt(term.substring(1));
    }

    @Override
    public String toString() {
        return name;
    }
}
