/**
 * The device's side of vhost-user: an endpoint on a Unix socket that turns messages into running virtqueues for a
 * {@link io.zonewright.virtio.VirtioDevice}.
 *
 * <p>The protocol's own words are of no use here: it calls the hypervisor "front-end" and us "back-end", which in this
 * project mean other things. In this package the peer is the <em>driver</em> (the hypervisor and the guest's driver
 * behind it, neither trusted) and we are the <em>device</em>.
 */
@NullMarked
package io.zonewright.vhostuser;

import org.jspecify.annotations.NullMarked;
