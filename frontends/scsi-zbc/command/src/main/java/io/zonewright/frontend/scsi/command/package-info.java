/** SCSI commands without a carrier: logical units, targets, I_T nexuses and tasks; bytes in, bytes out. */
@NullMarked
package io.zonewright.frontend.scsi.command;

import org.jspecify.annotations.NullMarked;
