package io.zonewright.frontend.scsi.vhostuser;

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

/** The front-end {@code type: scsi-zbc, transport: vhost-user}. */
@Extension
public final class ScsiVhostUser implements FrontendExtension {
    @Override
    public String type() {
        return "scsi-zbc";
    }

    @Override
    public String transport() {
        return "vhost-user";
    }

    @Override
    public String summary() {
        return "A SCSI disk with zones (ZBC) for virtual machines, behind a virtio host bus adapter at a Unix socket.";
    }

    @Override
    public List<Key> keys() {
        return ScsiKeys.VHOST_USER;
    }

    @Override
    public FrontendPlan plan(
            Settings settings, DeviceIdentity device, Optional<ZoneGeometry> geometry, Optional<ZoneLimits> limits) {
        ScsiSettings checked = ScsiSettings.read(settings, device, false);
        return new ScsiPlan(
                checked,
                Carrier.VHOST_USER,
                QemuHints.of(checked, geometry, limits),
                QemuHints.warnings(checked, geometry, limits));
    }
}
