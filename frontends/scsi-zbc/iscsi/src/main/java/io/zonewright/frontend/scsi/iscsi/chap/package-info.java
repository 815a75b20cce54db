/** CHAP (RFC 7143, section 12.1.3; RFC 1994), the target's side: one-way and mutual. */
@NullMarked
package io.zonewright.frontend.scsi.iscsi.chap;

import org.jspecify.annotations.NullMarked;
