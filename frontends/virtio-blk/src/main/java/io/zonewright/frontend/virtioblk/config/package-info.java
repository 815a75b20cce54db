/**
 * The configuration space of a virtio block device.
 */
@NullMarked
package io.zonewright.frontend.virtioblk.config;

import org.jspecify.annotations.NullMarked;
