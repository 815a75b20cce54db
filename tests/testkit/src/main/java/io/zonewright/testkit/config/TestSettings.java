package io.zonewright.testkit.config;

import io.zonewright.api.config.Key;
import io.zonewright.api.config.Settings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Values for a plugin without a YAML file. Written as in the YAML; a key that the plugin does not declare, or a value
 * that does not parse, is an error of the test. What the plugin finds wrong is collected in {@link #problems}.
 */
public final class TestSettings implements Settings {
    private static final Pattern SIZE = Pattern.compile("(\\d+)\\s*(|B|KiB|MiB|GiB|TiB)");
    private static final Pattern DURATION = Pattern.compile("(\\d+)\\s*(|us|ms|s)");

    private final List<Key> keys;
    private final Map<String, String> values;
    private final List<String> problems;

    private TestSettings(List<Key> keys, Map<String, String> values, List<String> problems) {
        this.keys = keys;
        this.values = values;
        this.problems = problems;
        values.keySet().forEach(this::key);
    }

    /** Values for these keys; nested ones are written {@code section.key}. */
    public static TestSettings of(List<Key> keys, Map<String, String> values) {
        return new TestSettings(keys, values, new ArrayList<>());
    }

    /** What the plugin reported: {@code key: what; fix}. */
    public List<String> problems() {
        return List.copyOf(problems);
    }

    @Override
    public boolean isSet(String key) {
        key(key);
        return values.containsKey(key);
    }

    @Override
    public long size(String key) {
        Matcher m = match(SIZE, text(key, Key.Kind.SIZE));
        return Long.parseLong(m.group(1))
                * switch (m.group(2)) {
                    case "KiB" -> 1L << 10;
                    case "MiB" -> 1L << 20;
                    case "GiB" -> 1L << 30;
                    case "TiB" -> 1L << 40;
                    default -> 1L;
                };
    }

    @Override
    public long count(String key) {
        return Long.parseLong(text(key, Key.Kind.COUNT));
    }

    @Override
    public boolean flag(String key) {
        return Boolean.parseBoolean(text(key, Key.Kind.FLAG));
    }

    @Override
    public String text(String key) {
        return text(key, Key.Kind.TEXT, Key.Kind.CHOICE, Key.Kind.ADDRESS);
    }

    @Override
    public List<String> texts(String key) {
        requireKind(key(key), Key.Kind.TEXTS);
        String text = values.get(key);
        return text == null
                ? List.of()
                : List.of(text.replaceAll("[\\[\\] ]", "").split(",", -1));
    }

    @Override
    public Path path(String key) {
        return Path.of(text(key, Key.Kind.PATH)).toAbsolutePath();
    }

    @Override
    public Duration duration(String key) {
        Matcher m = match(DURATION, text(key, Key.Kind.DURATION));
        long number = Long.parseLong(m.group(1));
        return switch (m.group(2)) {
            case "us" -> Duration.ofNanos(number * 1_000);
            case "ms" -> Duration.ofMillis(number);
            default -> Duration.ofSeconds(number);
        };
    }

    @Override
    public BitSet zones(String key) {
        BitSet zones = new BitSet();
        Key declared = key(key);
        requireKind(declared, Key.Kind.ZONES);
        String text = values.get(key);
        if (text == null) {
            return zones;
        }
        for (String part : text.replaceAll("[\\[\\] ]", "").split(",", -1)) {
            int dash = part.indexOf('-');
            int first = Integer.parseInt(dash < 0 ? part : part.substring(0, dash));
            int last = dash < 0 ? first : Integer.parseInt(part.substring(dash + 1));
            zones.set(first, last + 1);
        }
        return zones;
    }

    @Override
    public int mode(String key) {
        return Integer.parseInt(text(key, Key.Kind.MODE), 8);
    }

    @Override
    public Settings section(String key) {
        Key declared = key(key);
        requireKind(declared, Key.Kind.SECTION);
        Map<String, String> inner = new HashMap<>();
        values.forEach((name, value) -> {
            if (name.startsWith(key + ".")) {
                inner.put(name.substring(key.length() + 1), value);
            }
        });
        return new TestSettings(declared.children(), inner, problems);
    }

    @Override
    public void problem(String key, String what, String fix) {
        problems.add(key + ": " + what + "; " + fix);
    }

    private String text(String name, Key.Kind... kinds) {
        Key declared = key(name);
        requireKind(declared, kinds);
        @Nullable String value = values.getOrDefault(name, declared.defaultValue());
        if (value == null) {
            throw new IllegalArgumentException("key " + name + " has neither a value nor a default");
        }
        return value;
    }

    private Key key(String name) {
        String own = name.contains(".") ? name.substring(0, name.indexOf('.')) : name;
        return keys.stream()
                .filter(key -> key.name().equals(own))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("the plugin declares no key " + own));
    }

    private static void requireKind(Key key, Key.Kind... kinds) {
        for (Key.Kind kind : kinds) {
            if (key.kind() == kind) {
                return;
            }
        }
        throw new IllegalArgumentException("key " + key.name() + " was declared as " + key.kind());
    }

    private static Matcher match(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(Objects.requireNonNull(text));
        if (!matcher.matches()) {
            throw new IllegalArgumentException("cannot read " + text);
        }
        return matcher;
    }
}
