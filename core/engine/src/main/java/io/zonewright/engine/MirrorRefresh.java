package io.zonewright.engine;

import io.zonewright.api.request.DeviceRequest;
import io.zonewright.api.request.Operation;
import io.zonewright.api.zone.ZoneSink;

/**
 * Asks a medium with zone rules of its own how the zones stand that a request touches, which failed there or reaches
 * above a write pointer, and then lets the request go on. Made anew each time: this is rare.
 */
final class MirrorRefresh extends DeviceRequest {
    private final EngineDevice device;
    private final DeviceRequest request;
    private final boolean failed;

    /** @param failed whether the request is back from the medium, failed */
    MirrorRefresh(EngineDevice device, DeviceRequest request, boolean failed) {
        this.device = device;
        this.request = request;
        this.failed = failed;
    }

    void start(ZoneSink sink) {
        prepare(Operation.ZONE_REPORT, request.offset(), request.length());
        setSink(sink);
        device.hand(this);
    }

    @Override
    protected void onComplete() {
        // If the report failed the mirror stays as it was, which is all there is to go by.
        device.refreshed(request, failed);
    }
}
