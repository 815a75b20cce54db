package io.zonewright.frontend.scsi.iscsi;

import io.zonewright.api.config.Key;
import io.zonewright.api.config.Settings;
import io.zonewright.api.spi.DeviceIdentity;
import io.zonewright.api.spi.FrontendExtension;
import io.zonewright.api.spi.FrontendPlan;
import io.zonewright.api.zone.ZoneGeometry;
import io.zonewright.api.zone.ZoneLimits;
import io.zonewright.frontend.scsi.iscsi.config.IscsiKeys;
import io.zonewright.frontend.scsi.iscsi.config.IscsiSettings;
import java.util.List;
import java.util.Optional;
import org.pf4j.Extension;

/** The front-end {@code type: scsi-zbc, transport: iscsi}. */
@Extension
public final class Iscsi implements FrontendExtension {
    @Override
    public String type() {
        return "scsi-zbc";
    }

    @Override
    public String transport() {
        return "iscsi";
    }

    @Override
    public String summary() {
        return "A zoned SCSI disk (ZBC) for any host, by iSCSI.";
    }

    @Override
    public List<Key> keys() {
        return IscsiKeys.ALL;
    }

    @Override
    public FrontendPlan plan(
            Settings settings, DeviceIdentity device, Optional<ZoneGeometry> geometry, Optional<ZoneLimits> limits) {
        IscsiSettings checked = IscsiSettings.read(settings, device);
        return new IscsiPlan(checked, IscsiHints.of(checked, geometry));
    }
}
