/**
 * Finds, checks, loads and starts plugins, and collects the front- and back-ends that they bring.
 */
@NullMarked
package io.zonewright.daemon.plugin;

import org.jspecify.annotations.NullMarked;
