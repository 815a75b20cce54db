package io.zonewright.backend.linuxzbd;

import io.zonewright.api.request.DeviceRequest;
import io.zonewright.api.request.Operation;
import io.zonewright.api.zone.ZoneGeometry;

/** The device's own question for one zone after a failed write; the answer is for the kernel, not for us. */
final class ZoneRefresh extends DeviceRequest {
    final int zone;

    ZoneRefresh(ZoneGeometry geometry, int zone) {
        this.zone = zone;
        prepare(Operation.ZONE_REPORT, geometry.zoneStart(zone), geometry.zoneLength(zone));
    }

    @Override
    protected void onComplete() {
        throw new IllegalStateException("a refresh is not completed by itself: " + this);
    }
}
