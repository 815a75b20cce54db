/** Asynchronous events. */
@NullMarked
package io.zonewright.frontend.nvme.command.event;

import org.jspecify.annotations.NullMarked;
