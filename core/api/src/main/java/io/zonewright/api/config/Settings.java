package io.zonewright.api.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;

/**
 * The values of one plugin's part of the YAML. Getters return the value, or the key's default; asking for a key
 * without either, or one that was not declared, or as another kind, is a defect of the plugin and throws
 * {@link IllegalArgumentException}. A value that did not parse was already reported by the host; getters then give the
 * default, or a harmless value, so that a plugin can go on and report its own problems in the same run.
 */
public interface Settings {
    /** Whether the key stands in the file (not merely has a default). */
    boolean isSet(String key);

    /** {@link Key.Kind#SIZE} in bytes. */
    long size(String key);

    /** {@link Key.Kind#COUNT}. */
    long count(String key);

    /** {@link Key.Kind#FLAG}. */
    boolean flag(String key);

    /** {@link Key.Kind#TEXT}, {@link Key.Kind#CHOICE} or {@link Key.Kind#ADDRESS}. */
    String text(String key);

    /** {@link Key.Kind#TEXTS}, in the order of the file; empty if not set. */
    List<String> texts(String key);

    /** {@link Key.Kind#PATH}, made absolute. */
    Path path(String key);

    /** {@link Key.Kind#DURATION}. */
    Duration duration(String key);

    /** {@link Key.Kind#ZONES}; empty if not set. */
    BitSet zones(String key);

    /** {@link Key.Kind#MODE} as a number, {@code 0600} = 384. */
    int mode(String key);

    /** {@link Key.Kind#SECTION}; one without values if not set. */
    Settings section(String key);

    /**
     * Reports that a value is wrong. The host adds file, line and column and shows all problems of all files at once;
     * after any problem nothing is started.
     *
     * @param key the key at fault, or one that would have to be added
     * @param what is wrong, with the value, in one sentence without a full stop
     * @param fix what would be right, with the nearest valid value where there is one
     */
    void problem(String key, String what, String fix);
}
