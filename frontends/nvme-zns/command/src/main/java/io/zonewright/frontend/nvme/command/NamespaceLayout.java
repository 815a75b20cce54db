package io.zonewright.frontend.nvme.command;

import io.zonewright.api.spi.ZonedDevice;
import io.zonewright.api.zone.ZoneDescriptor;
import io.zonewright.api.zone.ZoneGeometry;
import io.zonewright.api.zone.ZoneModel;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a device becomes namespaces. ZNS knows no conventional zones, so those of a host-managed device are a second,
 * ordinary namespace; a host-aware device, and one of conventional zones only, is an ordinary namespace as a whole.
 */
final class NamespaceLayout {
    private static final Logger LOG = LoggerFactory.getLogger(NamespaceLayout.class);

    private NamespaceLayout() {}

    /**
     * @throws IllegalArgumentException with a message for the user
     */
    static List<NvmeNamespace> of(ZonedDevice device) {
        ZoneGeometry geometry = device.geometry();
        int lbaSize = Math.max(geometry.blockSize(), geometry.writeGranularity());
        int shift = Integer.numberOfTrailingZeros(lbaSize);
        int conventional = geometry.model() == ZoneModel.HOST_MANAGED ? conventionalZones(device) : 0;
        if (geometry.model() != ZoneModel.HOST_MANAGED || conventional == geometry.zoneCount()) {
            return List.of(ordinary(1, geometry.deviceBytes(), shift));
        }
        long start = geometry.zoneStart(conventional);
        long zones = (geometry.deviceBytes() - start) / geometry.zoneSize();
        if (zones == 0) {
            throw new IllegalArgumentException("the device's only sequential zone is smaller than its zone size");
        }
        long bytes = zones * geometry.zoneSize();
        if (start + bytes < geometry.deviceBytes()) {
            LOG.warn(
                    "device {}: the last zone is smaller than the others, which NVMe cannot tell: {} bytes are left out",
                    device.identity().name(),
                    geometry.deviceBytes() - start - bytes);
        }
        List<NvmeNamespace> namespaces = new ArrayList<>();
        namespaces.add(
                new NvmeNamespace(1, CommandSet.ZNS, start, bytes, shift, geometry.zoneSize() >> shift, conventional));
        if (start > 0) {
            namespaces.add(ordinary(2, start, shift));
        }
        return List.copyOf(namespaces);
    }

    private static NvmeNamespace ordinary(int nsid, long deviceBytes, int shift) {
        long bytes = deviceBytes >> shift << shift;
        if (bytes == 0) {
            throw new IllegalArgumentException("the device is smaller than one block of its write granularity");
        }
        return new NvmeNamespace(nsid, CommandSet.NVM, 0, bytes, shift, 0, 0);
    }

    private static int conventionalZones(ZonedDevice device) {
        ZoneDescriptor zone = new ZoneDescriptor();
        int count = device.geometry().zoneCount();
        int leading = 0;
        for (int i = 0; i < count; i++) {
            device.zone(i, zone);
            if (zone.type().sequential()) {
                continue;
            }
            if (i != leading) {
                throw new IllegalArgumentException("zone " + i + " is conventional and lies behind sequential zones:"
                        + " NVMe shows conventional zones as one namespace, so they have to come first");
            }
            leading++;
        }
        return leading;
    }
}
