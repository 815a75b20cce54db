package io.zonewright.daemon.plugin;

import java.nio.file.Path;
import java.util.List;

/**
 * A plugin that is in use, for {@code zonewright plugins}.
 *
 * @param source its jar or zip
 * @param shipped whether it is part of the distribution
 * @param extensions what it brings: "back-end null-zoned", "front-end virtio-blk over vhost-user"
 */
public record PluginInfo(
        String id, String version, String description, Path source, boolean shipped, List<String> extensions) {
    public PluginInfo {
        extensions = List.copyOf(extensions);
    }
}
