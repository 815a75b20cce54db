package io.zonewright.frontend.scsi.command.zone;

import io.zonewright.api.spi.ZonedDevice;
import io.zonewright.api.zone.ZoneDescriptor;
import java.util.BitSet;

/**
 * The zones that an initiator sees: a zone of the device whose capacity is below its size is followed by a gap zone (ZBC-2,
 * "Gap zones") up to where the next begins. Capacities never change, so they are asked once. Immutable.
 */
public final class ZoneLayout {
    private final int zones;
    private final BitSet gaps = new BitSet();

    public ZoneLayout(ZonedDevice device) {
        zones = device.geometry().zoneCount();
        ZoneDescriptor zone = new ZoneDescriptor();
        for (int i = 0; i < zones; i++) {
            device.zone(i, zone);
            if (zone.capacity() < zone.length()) {
                gaps.set(i);
            }
        }
    }

    /** Zones of the device. */
    public int deviceZones() {
        return zones;
    }

    /** Whether there is a gap zone anywhere. */
    public boolean hasGaps() {
        return !gaps.isEmpty();
    }

    /** Whether a gap zone follows this zone of the device. */
    public boolean hasGap(int deviceZone) {
        return gaps.get(deviceZone);
    }

    /** Zones of both kinds from this zone of the device on. */
    public int zonesFrom(int deviceZone) {
        return zones - deviceZone + gaps.cardinality() - gaps.get(0, deviceZone).cardinality();
    }
}
