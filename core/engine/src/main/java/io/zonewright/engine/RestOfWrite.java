package io.zonewright.engine;

import io.zonewright.api.request.DeviceRequest;
import io.zonewright.api.request.Operation;

/** What is missing of a write whose first {@link DeviceRequest#transferred} bytes are on the medium; completes it. */
final class RestOfWrite extends DeviceRequest {
    private final DeviceRequest whole;
    private final long there;

    RestOfWrite(DeviceRequest whole) {
        this.whole = whole;
        there = whole.transferred();
        long missing = whole.length() - there;
        prepare(whole.operation(), whole.offset() + there, missing);
        setForceUnitAccess(whole.forceUnitAccess());
        if (whole.operation() == Operation.WRITE) {
            data().addSlice(whole.data(), there, missing);
        }
    }

    @Override
    protected void onComplete() {
        whole.setTransferred(there + transferred());
        whole.complete(causes());
    }
}
