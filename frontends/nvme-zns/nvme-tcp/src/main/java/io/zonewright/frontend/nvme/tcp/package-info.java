/** The plugin for NVMe over TCP. */
@NullMarked
package io.zonewright.frontend.nvme.tcp;

import org.jspecify.annotations.NullMarked;
