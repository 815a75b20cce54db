/** Zones as the Zoned Namespace Command Set puts them into bytes. */
@NullMarked
package io.zonewright.frontend.nvme.command.zone;

import org.jspecify.annotations.NullMarked;
