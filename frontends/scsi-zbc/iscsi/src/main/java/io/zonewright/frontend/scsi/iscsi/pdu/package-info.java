/** Layouts of iSCSI's protocol data units (RFC 7143, section 11); all numbers are big-endian. */
@NullMarked
package io.zonewright.frontend.scsi.iscsi.pdu;

import org.jspecify.annotations.NullMarked;
