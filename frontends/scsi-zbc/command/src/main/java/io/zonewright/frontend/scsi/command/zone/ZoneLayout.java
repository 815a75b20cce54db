package io.zonewright.frontend.scsi.command.zone;

import io.zonewright.api.spi.ZonedDevice;
import io.zonewright.api.zone.ZoneDescriptor;
import io.zonewright.api.zone.ZoneGeometry;
import io.zonewright.api.zone.ZoneType;
import java.util.BitSet;

/**
 * What never changes of the zones that an initiator sees. A zone of the device whose capacity is below its size is
 * followed by a gap zone (ZBC-2, "Gap zones") up to where the next begins. Immutable.
 */
public final class ZoneLayout {
    private final ZoneGeometry geometry;
    private final int zones;
    private final BitSet gaps = new BitSet();
    private final BitSet conventional = new BitSet();
    /** By zone, in logical blocks; empty if there are no gaps. */
    private final int[] capacities;

    /** Asks the device for each zone once. */
    public ZoneLayout(ZonedDevice device) {
        geometry = device.geometry();
        zones = geometry.zoneCount();
        ZoneDescriptor zone = new ZoneDescriptor();
        for (int i = 0; i < zones; i++) {
            device.zone(i, zone);
            gaps.set(i, zone.capacity() < zone.length());
            conventional.set(i, zone.type() == ZoneType.CONVENTIONAL);
        }
        capacities = new int[gaps.isEmpty() ? 0 : zones];
        for (int i = 0; i < capacities.length; i++) {
            device.zone(i, zone);
            capacities[i] = (int) (zone.capacity() / geometry.blockSize());
        }
    }

    /** Zones of the device. */
    public int deviceZones() {
        return zones;
    }

    /** Whether there is a gap zone anywhere. */
    public boolean hasGaps() {
        return capacities.length != 0;
    }

    /** Whether a gap zone follows this zone of the device. */
    public boolean hasGap(int deviceZone) {
        return capacities.length != 0 && gaps.get(deviceZone);
    }

    /** Whether this zone of the device is conventional. */
    public boolean conventional(int deviceZone) {
        return conventional.get(deviceZone);
    }

    /** Whether all zones of the device from this one on are of one type. */
    public boolean oneType(int first) {
        return conventional.get(first) ? conventional.nextClearBit(first) >= zones : conventional.nextSetBit(first) < 0;
    }

    /** First byte behind what can be written in this zone of the device. */
    public long capacityEnd(int deviceZone) {
        long start = geometry.zoneStart(deviceZone);
        return capacities.length == 0
                ? start + geometry.zoneLength(deviceZone)
                : start + (long) capacities[deviceZone] * geometry.blockSize();
    }

    /** Zones of both kinds from this zone of the device on. */
    public int zonesFrom(int deviceZone) {
        int behind = gaps.cardinality();
        if (deviceZone > 0) {
            behind -= gaps.get(0, deviceZone).cardinality();
        }
        return zones - deviceZone + behind;
    }
}
