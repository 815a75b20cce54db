package io.zonewright.frontend.virtioblk;

import io.zonewright.api.spi.AttachHint;
import io.zonewright.api.spi.Frontend;
import io.zonewright.api.spi.FrontendPlan;
import io.zonewright.api.spi.ZonedDevice;
import io.zonewright.posix.Posix;
import java.util.List;

/**
 * One endpoint, checked and not yet opened.
 *
 * @param hints how to attach to it
 * @param warnings what guests will not like
 */
record VirtioBlkPlan(VirtioBlkSettings settings, List<AttachHint> hints, List<String> warnings)
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
        return new VirtioBlkFrontend(settings, device, Posix.system());
    }
}
