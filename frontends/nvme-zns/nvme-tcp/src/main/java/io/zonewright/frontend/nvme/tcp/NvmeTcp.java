package io.zonewright.frontend.nvme.tcp;

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

/** The front-end {@code type: nvme-zns, transport: tcp}. */
@Extension
public final class NvmeTcp implements FrontendExtension {
    @Override
    public String type() {
        return "nvme-zns";
    }

    @Override
    public String transport() {
        return "tcp";
    }

    @Override
    public String summary() {
        return "A zoned NVMe namespace for any Linux host, by NVMe/TCP.";
    }

    @Override
    public List<Key> keys() {
        return NvmeTcpKeys.ALL;
    }

    @Override
    public FrontendPlan plan(
            Settings settings, DeviceIdentity device, Optional<ZoneGeometry> geometry, Optional<ZoneLimits> limits) {
        NvmeTcpSettings checked = NvmeTcpSettings.read(settings, device);
        return new NvmeTcpPlan(checked, NvmeHints.of(checked, device, geometry));
    }
}
