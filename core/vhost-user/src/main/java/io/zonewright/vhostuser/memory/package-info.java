/**
 * The driver's memory as the device sees it: regions mapped from descriptors that came over the socket.
 */
@NullMarked
package io.zonewright.vhostuser.memory;

import org.jspecify.annotations.NullMarked;
