package io.zonewright.frontend.virtioblk;

import io.zonewright.api.spi.AttachHint;
import io.zonewright.api.spi.Frontend;
import io.zonewright.api.spi.FrontendPlan;
import io.zonewright.api.spi.ZonedDevice;
import io.zonewright.posix.Posix;
import java.util.List;

/**
 * One PCI function, checked and not yet opened.
 *
 * @param mappedDoorbells whether the client may map the doorbells, and the queues poll
 * @param hints how to attach to it
 * @param warnings what guests will not like
 */
record VirtioBlkPciPlan(
        VirtioBlkSettings settings, boolean mappedDoorbells, List<AttachHint> hints, List<String> warnings)
        implements FrontendPlan {
    @Override
    public List<AttachHint> attach() {
        return hints;
    }

    @Override
    public String endpoint() {
        return "unix:" + settings.socket().path();
    }

    @Override
    public Frontend open(ZonedDevice device) {
        return new VirtioBlkPciFrontend(settings, mappedDoorbells, device, Posix.system());
    }
}
