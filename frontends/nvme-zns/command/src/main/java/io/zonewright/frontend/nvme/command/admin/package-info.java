/** The admin commands. */
@NullMarked
package io.zonewright.frontend.nvme.command.admin;

import org.jspecify.annotations.NullMarked;
