package io.zonewright.daemon.plugin;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Where plugins are looked for.
 *
 * @param shipped the distribution's own, whose jars are on the application's class path too
 * @param dropIns directories of drop-ins, in the order to search
 */
public record PluginDirs(Optional<Path> shipped, List<Path> dropIns) {
    public PluginDirs {
        dropIns = List.copyOf(dropIns);
    }

    /**
     * The usual places.
     *
     * @param home of the distribution, if the program runs from one
     * @param further directories that the user named
     */
    public static PluginDirs of(Optional<Path> home, List<Path> further) {
        List<Path> dropIns = new ArrayList<>();
        home.map(dir -> dir.resolve("plugins.d")).filter(Files::isDirectory).ifPresent(dropIns::add);
        for (Path dir : further) {
            if (!dropIns.contains(dir)) {
                dropIns.add(dir);
            }
        }
        return new PluginDirs(home.map(dir -> dir.resolve("plugins")), dropIns);
    }
}
