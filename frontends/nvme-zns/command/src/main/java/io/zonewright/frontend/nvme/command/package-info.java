/** NVMe commands, from submission entry to completion; knows no queue and no socket. */
@NullMarked
package io.zonewright.frontend.nvme.command;

import org.jspecify.annotations.NullMarked;
