/** Little-endian data structures that admin commands exchange. */
@NullMarked
package io.zonewright.frontend.nvme.command.page;

import org.jspecify.annotations.NullMarked;
