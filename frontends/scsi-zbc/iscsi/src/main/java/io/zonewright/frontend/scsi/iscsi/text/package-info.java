/** Text of login and text PDUs (RFC 7143, sections 6.1 and 6.2): pairs of keys and values, read within bounds, written. */
@NullMarked
package io.zonewright.frontend.scsi.iscsi.text;

import org.jspecify.annotations.NullMarked;
