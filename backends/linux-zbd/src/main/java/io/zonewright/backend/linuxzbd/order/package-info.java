/**
 * The order of writes in a sequential zone. The kernel wants a zone's writes one after the other in the order of their
 * addresses and does not promise to keep an order that it was given in one go, so one is at the kernel at a time and the
 * others wait; adjacent ones that wait go together.
 */
@NullMarked
package io.zonewright.backend.linuxzbd.order;

import org.jspecify.annotations.NullMarked;
