package io.zonewright.backend.nullzoned;

import io.zonewright.api.config.Key;
import io.zonewright.api.config.Settings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Settings from {@code key=value} words, keys of sections with a dot; collects the problems. */
final class MapSettings implements Settings {
    private static final List<String> UNITS = List.of("B", "KiB", "MiB", "GiB", "TiB", "PiB");

    private final Map<String, String> values;
    private final List<Key> keys;
    private final String prefix;
    private final List<String> problems;

    private MapSettings(Map<String, String> values, List<Key> keys, String prefix, List<String> problems) {
        this.values = values;
        this.keys = keys;
        this.prefix = prefix;
        this.problems = problems;
    }

    static MapSettings of(String... words) {
        Map<String, String> values = new LinkedHashMap<>();
        for (String word : words) {
            int equals = word.indexOf('=');
            values.put(word.substring(0, equals), word.substring(equals + 1));
        }
        return new MapSettings(values, NullZonedKeys.ALL, "", new ArrayList<>());
    }

    /** The problems as {@code key: what: fix}. */
    List<String> problems() {
        return problems;
    }

    private Key declared(String key) {
        return keys.stream()
                .filter(candidate -> candidate.name().equals(key))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("not declared: " + prefix + key));
    }

    private String value(String key, Key.Kind kind) {
        Key declared = declared(key);
        if (declared.kind() != kind) {
            throw new IllegalArgumentException(key + " is a " + declared.kind());
        }
        String value = values.get(prefix + key);
        if (value == null) {
            value = declared.defaultValue();
        }
        if (value == null) {
            throw new IllegalArgumentException("neither value nor default: " + key);
        }
        return value;
    }

    @Override
    public boolean isSet(String key) {
        return declared(key).kind() == Key.Kind.SECTION
                ? values.keySet().stream().anyMatch(name -> name.startsWith(prefix + key + "."))
                : values.containsKey(prefix + key);
    }

    @Override
    public long size(String key) {
        String value = value(key, Key.Kind.SIZE);
        String number = value.replaceAll("[^0-9]", "");
        String unit = value.substring(number.length());
        return Long.parseLong(number) << (unit.isEmpty() ? 0 : 10 * UNITS.indexOf(unit));
    }

    @Override
    public long count(String key) {
        return Long.parseLong(value(key, Key.Kind.COUNT));
    }

    @Override
    public boolean flag(String key) {
        return Boolean.parseBoolean(value(key, Key.Kind.FLAG));
    }

    @Override
    public String text(String key) {
        String value = value(key, Key.Kind.CHOICE);
        if (!declared(key).choices().contains(value)) {
            throw new IllegalArgumentException(value + " is not a choice of " + key);
        }
        return value;
    }

    @Override
    public List<String> texts(String key) {
        String text = values.get(key);
        return text == null ? List.of() : List.of(text);
    }

    @Override
    public Path path(String key) {
        throw new IllegalArgumentException("null-zoned has no paths: " + key);
    }

    @Override
    public Duration duration(String key) {
        String value = value(key, Key.Kind.DURATION);
        String number = value.replaceAll("[^0-9]", "");
        long factor = switch (value.substring(number.length())) {
            case "us" -> 1_000L;
            case "ms" -> 1_000_000L;
            default -> 1_000_000_000L;
        };
        return Duration.ofNanos(Long.parseLong(number) * factor);
    }

    @Override
    public BitSet zones(String key) {
        BitSet zones = new BitSet();
        if (declared(key).kind() == Key.Kind.ZONES && isSet(key)) {
            for (String part : Objects.requireNonNull(values.get(prefix + key)).split(",", -1)) {
                String[] ends = part.split("-", -1);
                zones.set(Integer.parseInt(ends[0]), Integer.parseInt(ends[ends.length - 1]) + 1);
            }
        }
        return zones;
    }

    @Override
    public int mode(String key) {
        throw new IllegalArgumentException("null-zoned has no modes: " + key);
    }

    @Override
    public Settings section(String key) {
        return new MapSettings(values, declared(key).children(), prefix + key + ".", problems);
    }

    @Override
    public void problem(String key, String what, String fix) {
        declared(key);
        problems.add(prefix + key + ": " + what + ": " + fix);
    }
}
