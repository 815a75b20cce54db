/**
 * SCSI for virtual machines over vhost-user: settings, host bus adapters and the devices that share them, endpoints.
 */
@NullMarked
package io.zonewright.frontend.scsi.vhostuser;

import org.jspecify.annotations.NullMarked;
