/**
 * The side of vhost-user that a hypervisor plays, written from the protocol's text (QEMU, docs/interop/vhost-user.rst)
 * without a look at the device side, so that one misreading cannot hide in both.
 */
@NullMarked
package io.zonewright.testkit.vhostuser;

import org.jspecify.annotations.NullMarked;
