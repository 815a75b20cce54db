/**
 * Translation of virtio-blk requests into device requests, and of their results into the bytes that a driver expects.
 * Knows no socket and no queue.
 */
@NullMarked
package io.zonewright.frontend.virtioblk.command;

import org.jspecify.annotations.NullMarked;
