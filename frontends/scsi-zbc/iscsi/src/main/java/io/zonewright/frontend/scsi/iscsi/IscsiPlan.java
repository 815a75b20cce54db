package io.zonewright.frontend.scsi.iscsi;

import io.zonewright.api.spi.AttachHint;
import io.zonewright.api.spi.Frontend;
import io.zonewright.api.spi.FrontendPlan;
import io.zonewright.api.spi.ZonedDevice;
import io.zonewright.frontend.scsi.command.LogicalUnit;
import io.zonewright.frontend.scsi.iscsi.config.IscsiSettings;
import io.zonewright.posix.Posix;
import java.io.IOException;
import java.util.List;

/**
 * One endpoint, checked and not yet opened.
 *
 * @param hints how to attach to it
 */
record IscsiPlan(IscsiSettings settings, List<AttachHint> hints) implements FrontendPlan {
    @Override
    public List<AttachHint> attach() {
        return hints;
    }

    /** Several devices may share an address, and a target; then the number tells them apart. */
    @Override
    public String endpoint() {
        return "tcp:" + settings.portal().listen() + " " + settings.target().name() + " LUN " + settings.lun();
    }

    @Override
    public Frontend open(ZonedDevice device) throws IOException {
        LogicalUnit unit;
        try {
            unit = LogicalUnit.shared(device, settings.unit());
        } catch (IllegalArgumentException e) {
            throw new IOException("scsi-zbc " + device.identity().name() + ": " + e.getMessage(), e);
        }
        return new IscsiFrontend(settings, unit, Portals.SHARED, Posix.system());
    }
}
