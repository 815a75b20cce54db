/**
 * The virtio SCSI host device (virtio 1.3, section 5.6): requests, task management, events, configuration space. Knows
 * rings and no socket; what commands mean is the command core's business.
 */
@NullMarked
package io.zonewright.frontend.scsi.vhostuser.device;

import org.jspecify.annotations.NullMarked;
