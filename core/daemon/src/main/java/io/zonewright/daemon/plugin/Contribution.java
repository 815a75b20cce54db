package io.zonewright.daemon.plugin;

/**
 * An extension together with the plugin that brought it.
 *
 * @param pluginId the plugin's id
 * @param extension a back-end or a front-end
 */
public record Contribution<E>(String pluginId, E extension) {}
