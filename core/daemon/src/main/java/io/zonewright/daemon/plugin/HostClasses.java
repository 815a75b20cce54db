package io.zonewright.daemon.plugin;

import java.util.List;

/**
 * What a plugin always gets from the host, whatever its archive holds: the contract and the libraries that front- and
 * back-ends share. Two copies of these would be different types to the JVM. The rest of the host is not for plugins.
 */
final class HostClasses {
    private static final List<String> PREFIXES = List.of(
            "io.zonewright.api.",
            "io.zonewright.posix.",
            "io.zonewright.runtime.",
            "io.zonewright.engine.",
            "io.zonewright.net.",
            "io.zonewright.virtio.",
            "io.zonewright.vhostuser.",
            "io.zonewright.vfiouser.",
            "org.pf4j.",
            "org.slf4j.",
            "org.jspecify.");

    private HostClasses() {}

    /** Whether the class or package-qualified resource of this dotted name is the host's. */
    static boolean contains(String name) {
        return PREFIXES.stream().anyMatch(name::startsWith);
    }

    /** Likewise, for the name of an archive's entry. */
    static boolean containsEntry(String entry) {
        return contains(entry.replace('/', '.'));
    }
}
