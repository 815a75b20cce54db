package io.zonewright.frontend.virtioblk;

import io.zonewright.api.config.Key;
import io.zonewright.api.config.Settings;
import io.zonewright.api.spi.DeviceIdentity;
import io.zonewright.api.spi.FrontendExtension;
import io.zonewright.api.spi.FrontendPlan;
import io.zonewright.api.zone.ZoneGeometry;
import io.zonewright.api.zone.ZoneLimits;
import java.util.List;
import java.util.Optional;
import org.pf4j.Extension;

/** The front-end {@code type: virtio-blk, transport: vfio-user}. */
@Extension
public final class VirtioBlkVfioUser implements FrontendExtension {
    @Override
    public String type() {
        return "virtio-blk";
    }

    @Override
    public String transport() {
        return "vfio-user";
    }

    @Override
    public String summary() {
        return "A virtio block device with zones for virtual machines, as a PCI function at a Unix socket.";
    }

    @Override
    public List<Key> keys() {
        return VirtioBlkKeys.VFIO_USER;
    }

    @Override
    public FrontendPlan plan(
            Settings settings, DeviceIdentity device, Optional<ZoneGeometry> geometry, Optional<ZoneLimits> limits) {
        VirtioBlkSettings checked = VirtioBlkSettings.read(settings, device, geometry);
        boolean mapped = settings.text(VirtioBlkKeys.DOORBELLS).equals(VirtioBlkKeys.MAPPED);
        return new VirtioBlkPciPlan(
                checked, mapped, QemuHints.ofPci(checked, geometry, limits), QemuHints.warnings(geometry, limits));
    }
}
