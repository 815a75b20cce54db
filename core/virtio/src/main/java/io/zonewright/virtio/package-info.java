/**
 * What a virtio device is, whatever carries it to the guest: its features, its configuration space, its queues.
 */
@NullMarked
package io.zonewright.virtio;

import org.jspecify.annotations.NullMarked;
