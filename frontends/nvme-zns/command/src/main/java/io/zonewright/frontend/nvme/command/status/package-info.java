/** What happened to a device request, in NVMe's words. */
@NullMarked
package io.zonewright.frontend.nvme.command.status;

import org.jspecify.annotations.NullMarked;
