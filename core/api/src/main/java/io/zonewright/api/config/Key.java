package io.zonewright.api.config;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One key that a plugin understands in the YAML, with everything that {@code zonewright explain} prints. The host
 * refuses keys that no plugin declares, and values that do not parse, before the plugin sees them.
 *
 * @param name as written in the YAML, lower case with hyphens
 * @param kind what values look like
 * @param summary one or two sentences for a person: what it does, units, when to change it
 * @param defaultValue as it would be written in the YAML; null if there is none
 * @param required whether a missing key is an error
 * @param example a value as it would be written
 * @param choices the words allowed for {@link Kind#CHOICE}; empty otherwise
 * @param children keys of a {@link Kind#SECTION}; empty otherwise
 */
public record Key(
        String name,
        Kind kind,
        String summary,
        @Nullable String defaultValue,
        boolean required,
        String example,
        List<String> choices,
        List<Key> children) {

    /** What a value looks like. */
    public enum Kind {
        /** Bytes with a unit: {@code 4KiB}, {@code 64GiB}, {@code 512}. Powers of 1024 (KiB, MiB, GiB, TiB, PiB) or of 1000 (kB, MB, GB, TB, PB). */
        SIZE,
        /** A whole number, not negative. */
        COUNT,
        /** {@code true} or {@code false}. */
        FLAG,
        /** Any text. */
        TEXT,
        /** Any text, or a list of texts. */
        TEXTS,
        /** One of {@link Key#choices}. */
        CHOICE,
        /** A file name; a relative one is relative to the YAML file's directory. */
        PATH,
        /** A time with a unit: {@code 50us}, {@code 3ms}, {@code 10s}. */
        DURATION,
        /** {@code HOST:PORT}. */
        ADDRESS,
        /** Zone numbers: {@code 3}, {@code [1, 5]}, {@code 4-9}, or a list of these. */
        ZONES,
        /** A file mode in octal, {@code 0600}. */
        MODE,
        /** Nested keys. */
        SECTION
    }

    public Key {
        choices = List.copyOf(choices);
        children = List.copyOf(children);
    }

    /** A key without default, not required; refine it with the {@code with…} methods. */
    public static Key of(String name, Kind kind, String summary, String example) {
        return new Key(name, kind, summary, null, false, example, List.of(), List.of());
    }

    /** A key whose value is one of {@code choices}. */
    public static Key choice(String name, String summary, String... choices) {
        return new Key(name, Kind.CHOICE, summary, null, false, choices[0], List.of(choices), List.of());
    }

    /** A key with keys of its own. */
    public static Key section(String name, String summary, Key... children) {
        return new Key(name, Kind.SECTION, summary, null, false, "", List.of(), List.of(children));
    }

    /** This key with a default, written as in the YAML. */
    public Key withDefault(String value) {
        return new Key(name, kind, summary, value, false, example, choices, children);
    }

    /** This key, which must be given. */
    public Key mandatory() {
        return new Key(name, kind, summary, null, true, example, choices, children);
    }
}
