package io.zonewright.frontend.scsi.vhostuser.device;

/**
 * Feature bits of the device type (virtio 1.3, section 5.6.3). Not offered: INOUT (bit 0), since no command of ours moves
 * data both ways, and T10_PI (bit 3).
 */
final class ScsiFeatures {
    /** Bit 1: logical units that come and go are told by events. */
    static final long HOTPLUG = 1L << 1;
    /** Bit 2: changed parameters are told by events. */
    static final long CHANGE = 1L << 2;

    static final long OFFERED = HOTPLUG | CHANGE;

    private ScsiFeatures() {}
}
