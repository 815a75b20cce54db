/** Mode pages and the commands that read and change them. */
@NullMarked
package io.zonewright.frontend.scsi.command.mode;

import org.jspecify.annotations.NullMarked;
