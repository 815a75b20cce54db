/** Log pages. */
@NullMarked
package io.zonewright.frontend.scsi.command.log;

import org.jspecify.annotations.NullMarked;
