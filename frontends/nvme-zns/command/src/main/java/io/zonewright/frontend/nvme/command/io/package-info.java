/** Execution of the NVM and Zoned Namespace I/O commands. */
@NullMarked
package io.zonewright.frontend.nvme.command.io;

import org.jspecify.annotations.NullMarked;
