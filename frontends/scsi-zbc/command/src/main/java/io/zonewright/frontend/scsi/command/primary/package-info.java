/** Commands of SPC-5 that every kind of device has. */
@NullMarked
package io.zonewright.frontend.scsi.command.primary;

import org.jspecify.annotations.NullMarked;
