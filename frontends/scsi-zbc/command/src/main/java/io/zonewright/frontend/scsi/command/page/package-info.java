/** Big-endian structures that commands exchange. */
@NullMarked
package io.zonewright.frontend.scsi.command.page;

import org.jspecify.annotations.NullMarked;
