/**
 * Text of an iSCSI connection: the login phase (RFC 7143, section 6.3) with every key of section 13, and text requests of
 * the full feature phase. Knows no socket: the carrier gives fields and text of a request, and sends what comes back.
 */
@NullMarked
package io.zonewright.frontend.scsi.iscsi.login;

import org.jspecify.annotations.NullMarked;
