package io.zonewright.frontend.scsi.vhostuser;

import io.zonewright.api.spi.AttachHint;
import io.zonewright.api.spi.Frontend;
import io.zonewright.api.spi.FrontendPlan;
import io.zonewright.api.spi.ZonedDevice;
import io.zonewright.frontend.scsi.command.LogicalUnit;
import io.zonewright.posix.Posix;
import java.io.IOException;
import java.util.List;

/**
 * One disk behind an adapter, checked and not yet opened.
 *
 * @param hints how to attach to it
 * @param warnings what guests will not like
 */
record ScsiPlan(ScsiSettings settings, Carrier carrier, List<AttachHint> hints, List<String> warnings)
        implements FrontendPlan {
    @Override
    public List<AttachHint> attach() {
        return hints;
    }

    /** Several devices may share a socket; the number tells them apart. */
    @Override
    public String endpoint() {
        return "unix:" + settings.hba().socket().path() + " LUN " + settings.lun();
    }

    @Override
    public Frontend open(ZonedDevice device) throws IOException {
        LogicalUnit unit;
        try {
            unit = LogicalUnit.shared(device, settings.unit());
        } catch (IllegalArgumentException e) {
            throw new IOException("scsi-zbc " + device.identity().name() + ": " + e.getMessage(), e);
        }
        try {
            Hba hba = Hbas.SHARED.join(settings.hba(), carrier, Posix.system());
            return new ScsiFrontend(settings, unit, hba, Hbas.SHARED);
        } catch (IOException e) {
            unit.close();
            throw e;
        }
    }
}
