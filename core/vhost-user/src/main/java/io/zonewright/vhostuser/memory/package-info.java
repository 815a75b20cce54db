/** Regions of the driver's memory, mapped from descriptors that came over the socket. */
@NullMarked
package io.zonewright.vhostuser.memory;

import org.jspecify.annotations.NullMarked;
