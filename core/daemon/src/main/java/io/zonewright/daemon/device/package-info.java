/**
 * Devices: planned from the configuration, opened, started, stopped.
 */
@NullMarked
package io.zonewright.daemon.device;

import org.jspecify.annotations.NullMarked;
