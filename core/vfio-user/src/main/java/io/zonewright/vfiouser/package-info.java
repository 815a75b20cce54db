/**
 * The server's side of vfio-user: an endpoint on a Unix socket that shows a {@link io.zonewright.vfiouser.PciDevice} to a
 * hypervisor as a PCI function.
 *
 * <p>The peer is the <em>client</em> (the hypervisor), and the <em>driver</em> is the guest's; neither is trusted.
 * Protocol: QEMU, docs/interop/vfio-user.rst, version 0.1; structures: linux/vfio.h.
 */
@NullMarked
package io.zonewright.vfiouser;

import org.jspecify.annotations.NullMarked;
