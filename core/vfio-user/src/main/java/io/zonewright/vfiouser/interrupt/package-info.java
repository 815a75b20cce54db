/** Interrupts: MSI-X vectors with their table and pending bits, the pin, and the eventfds that a client gives for them. */
@NullMarked
package io.zonewright.vfiouser.interrupt;

import org.jspecify.annotations.NullMarked;
