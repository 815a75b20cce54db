/** Persistent reservations, and RESERVE and RELEASE. */
@NullMarked
package io.zonewright.frontend.scsi.command.reservation;

import org.jspecify.annotations.NullMarked;
