/**
 * The words of a SCSI initiator: command descriptor blocks, sense data and the structures that REPORT ZONES, INQUIRY and
 * READ CAPACITY give, with literal offsets from SPC-5, SBC-4, ZBC-2 and SAM-6; and {@link
 * io.zonewright.testkit.scsi.ScsiHost}, which every carrier provides. Written without a look at the target side, so that one
 * misreading cannot hide in both. Everything on the wire is big-endian.
 */
@NullMarked
package io.zonewright.testkit.scsi;

import org.jspecify.annotations.NullMarked;
