/**
 * Virtio over PCI (virtio 1.3, section 4.1): any {@link io.zonewright.virtio.VirtioDevice} as a modern PCI function behind a
 * vfio-user endpoint.
 */
@NullMarked
package io.zonewright.vfiouser.virtio;

import org.jspecify.annotations.NullMarked;
