/**
 * iSCSI as an initiator speaks it, from RFC 7143 (and RFC 7144 for the newer task management functions), with full control
 * over each PDU.
 */
@NullMarked
package io.zonewright.testkit.scsi.iscsi;

import org.jspecify.annotations.NullMarked;
