package io.zonewright.frontend.nvme.vfiouser;

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

/** The front-end {@code type: nvme-zns, transport: vfio-user}. */
@Extension
public final class NvmeVfioUser implements FrontendExtension {
    @Override
    public String type() {
        return "nvme-zns";
    }

    @Override
    public String transport() {
        return "vfio-user";
    }

    @Override
    public String summary() {
        return "An NVMe controller with a zoned namespace for virtual machines, at a Unix socket.";
    }

    @Override
    public List<Key> keys() {
        return NvmeVfioUserKeys.ALL;
    }

    @Override
    public FrontendPlan plan(
            Settings settings, DeviceIdentity device, Optional<ZoneGeometry> geometry, Optional<ZoneLimits> limits) {
        NvmeVfioUserSettings checked = NvmeVfioUserSettings.read(settings, device);
        List<String> warnings = QemuHints.warnings(geometry, limits);
        return new NvmeVfioUserPlan(checked, QemuHints.of(checked, device, warnings), warnings);
    }
}
