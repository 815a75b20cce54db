package io.zonewright.daemon.plugin;

import java.nio.file.Path;

/**
 * A plugin that is not in use.
 *
 * @param source its file, or a directory that could not be searched
 * @param message why, and what to do about it
 */
public record PluginFault(Path source, String message) {
    /** One line for a user. */
    @Override
    public String toString() {
        return "plugin " + source + " " + message;
    }
}
