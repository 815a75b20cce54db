/**
 * virtio-blk with zones, over vhost-user: the plugin's entry point, and what joins queues to requests.
 */
@NullMarked
package io.zonewright.frontend.virtioblk;

import org.jspecify.annotations.NullMarked;
