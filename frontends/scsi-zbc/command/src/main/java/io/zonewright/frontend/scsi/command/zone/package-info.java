/** Commands of ZBC-2, and zones as it puts them into bytes. */
@NullMarked
package io.zonewright.frontend.scsi.command.zone;

import org.jspecify.annotations.NullMarked;
