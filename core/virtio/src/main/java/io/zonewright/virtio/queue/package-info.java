/**
 * Virtqueues from the device's side: take chains, complete them in any order, publish a batch, notify once.
 */
@NullMarked
package io.zonewright.virtio.queue;

import org.jspecify.annotations.NullMarked;
