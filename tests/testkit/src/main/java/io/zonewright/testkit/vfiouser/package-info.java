/**
 * The side of vfio-user that a hypervisor plays, written from the protocol's text (QEMU, docs/interop/vfio-user.rst, version
 * 0.1) and the numbers of {@code linux/vfio.h}, without a look at the device side.
 */
@NullMarked
package io.zonewright.testkit.vfiouser;

import org.jspecify.annotations.NullMarked;
