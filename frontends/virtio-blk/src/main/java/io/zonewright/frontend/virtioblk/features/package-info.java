/**
 * Feature bits of a virtio block device: what is offered, what a driver may accept, and what follows from it.
 */
@NullMarked
package io.zonewright.frontend.virtioblk.features;

import org.jspecify.annotations.NullMarked;
