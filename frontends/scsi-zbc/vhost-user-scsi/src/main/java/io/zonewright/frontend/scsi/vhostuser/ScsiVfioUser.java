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

/** The front-end {@code type: scsi-zbc, transport: vfio-user}. */
@Extension
public final class ScsiVfioUser implements FrontendExtension {
    @Override
    public String type() {
        return "scsi-zbc";
    }

    @Override
    public String transport() {
        return "vfio-user";
    }

    @Override
    public String summary() {
        return "A SCSI disk with zones (ZBC) for virtual machines, behind a host bus adapter that is a PCI function at a Unix"
                + " socket.";
    }

    @Override
    public List<Key> keys() {
        return ScsiKeys.VFIO_USER;
    }

    @Override
    public FrontendPlan plan(
            Settings settings, DeviceIdentity device, Optional<ZoneGeometry> geometry, Optional<ZoneLimits> limits) {
        ScsiSettings checked = ScsiSettings.read(
                settings, device, settings.text(ScsiKeys.DOORBELLS).equals(ScsiKeys.MAPPED));
        return new ScsiPlan(
                checked,
                Carrier.VFIO_USER,
                QemuHints.ofPci(checked, geometry, limits),
                QemuHints.warnings(checked, geometry, limits));
    }
}
