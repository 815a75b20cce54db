/** Commands of SBC-4: what reads, writes and describes logical blocks. */
@NullMarked
package io.zonewright.frontend.scsi.command.block;

import org.jspecify.annotations.NullMarked;
