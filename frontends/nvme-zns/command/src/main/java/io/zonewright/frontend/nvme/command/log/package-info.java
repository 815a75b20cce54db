/** Log pages and what they are made of. */
@NullMarked
package io.zonewright.frontend.nvme.command.log;

import org.jspecify.annotations.NullMarked;
