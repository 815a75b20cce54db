package io.zonewright.daemon.config;

import io.zonewright.api.config.Key;
import io.zonewright.api.config.Key.Kind;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Checks what a plugin declares, so that its defects show when it is loaded and not in a user's configuration. */
public final class KeyDeclarations {
    private KeyDeclarations() {}

    /**
     * Checks {@code keys}.
     *
     * @param reserved names that belong to the host
     * @throws IllegalArgumentException naming the key and what is wrong with it
     */
    public static void check(List<Key> keys, Collection<String> reserved) {
        Set<String> seen = new HashSet<>();
        for (Key key : keys) {
            String name = key.name();
            require(name.matches("[a-z][a-z0-9]*(-[a-z0-9]+)*"), name, "is not lower case with hyphens");
            require(!reserved.contains(name), name, "belongs to the host");
            require(seen.add(name), name, "is declared twice");
            require(!key.summary().isBlank(), name, "has no summary");
            require(key.kind() != Kind.CHOICE || !key.choices().isEmpty(), name, "is a choice without choices");
            if (key.kind() == Kind.SECTION) {
                check(key.children(), List.of());
                continue;
            }
            Section.parseDeclared(key, key.example(), Path.of("/"));
            if (key.defaultValue() != null) {
                Section.parseDeclared(key, key.defaultValue(), Path.of("/"));
            }
        }
    }

    private static void require(boolean holds, String name, String what) {
        if (!holds) {
            throw new IllegalArgumentException("the key \"" + name + "\" " + what);
        }
    }
}
