/**
 * virtio-blk with zones, over vhost-user: settings, the endpoint, and what joins queues to requests.
 */
@NullMarked
package io.zonewright.frontend.virtioblk;

import org.jspecify.annotations.NullMarked;
