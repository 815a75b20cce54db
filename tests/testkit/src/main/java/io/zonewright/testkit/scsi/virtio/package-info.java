/** A virtio-scsi driver's side of rings and bytes (virtio 1.3, section 5.6), with control over each byte. */
@NullMarked
package io.zonewright.testkit.scsi.virtio;

import org.jspecify.annotations.NullMarked;
