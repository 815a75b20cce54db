/** A server of the vfio-user protocol: emulated PCI devices for any hypervisor that speaks it. */
@NullMarked
package io.zonewright.vfiouser;

import org.jspecify.annotations.NullMarked;
