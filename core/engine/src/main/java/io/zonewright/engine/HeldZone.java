package io.zonewright.engine;

import io.zonewright.api.request.DeviceRequest;
import io.zonewright.api.request.Operation;

/** The place that a {@link DeviceReset} has in the line of a zone in which something was in flight when it came. */
final class HeldZone extends DeviceRequest {
    private final DeviceReset reset;

    HeldZone(DeviceReset reset, long zoneStart) {
        this.reset = reset;
        prepare(Operation.ZONE_RESET, zoneStart, 0);
    }

    /** All before it in its zone is done, and nothing follows until it is completed. */
    void reached() {
        reset.arrived();
    }

    @Override
    protected void onComplete() {
        reset.released();
    }
}
