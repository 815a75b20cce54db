package io.zonewright.frontend.nvme.tcp;

import io.zonewright.api.spi.AttachHint;
import io.zonewright.api.spi.Frontend;
import io.zonewright.api.spi.FrontendPlan;
import io.zonewright.api.spi.ZonedDevice;
import io.zonewright.frontend.nvme.command.NvmeSubsystem;
import io.zonewright.frontend.nvme.command.SubsystemOptions;
import io.zonewright.posix.Posix;
import java.io.IOException;
import java.util.List;

/**
 * One endpoint, checked and not yet opened.
 *
 * @param hints how to attach to it
 */
record NvmeTcpPlan(NvmeTcpSettings settings, List<AttachHint> hints) implements FrontendPlan {
    @Override
    public List<AttachHint> attach() {
        return hints;
    }

    /** Several devices may share an address; the name tells them apart. */
    @Override
    public String endpoint() {
        return "tcp:" + settings.portal().listen() + " " + settings.nqn();
    }

    @Override
    public Frontend open(ZonedDevice device) throws IOException {
        NvmeSubsystem core;
        try {
            core = NvmeSubsystem.shared(device, SubsystemOptions.of(settings.nqn()));
        } catch (IllegalArgumentException e) {
            throw new IOException("nvme-zns " + device.identity().name() + ": " + e.getMessage(), e);
        }
        return new NvmeTcpFrontend(settings, core, Portals.SHARED, Posix.system());
    }
}
