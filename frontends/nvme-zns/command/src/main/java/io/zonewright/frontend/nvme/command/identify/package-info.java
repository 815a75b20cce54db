/** Identify data structures. */
@NullMarked
package io.zonewright.frontend.nvme.command.identify;

import org.jspecify.annotations.NullMarked;
