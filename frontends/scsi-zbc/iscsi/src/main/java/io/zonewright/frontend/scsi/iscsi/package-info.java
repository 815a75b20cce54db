/**
 * Front-end {@code type: scsi-zbc, transport: iscsi}: an iSCSI target (RFC 7143). Commands themselves are carried out by
 * {@code scsi.command}.
 */
@NullMarked
package io.zonewright.frontend.scsi.iscsi;

import org.jspecify.annotations.NullMarked;
