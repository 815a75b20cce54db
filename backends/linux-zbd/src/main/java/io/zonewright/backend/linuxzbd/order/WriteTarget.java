package io.zonewright.backend.linuxzbd.order;

import io.zonewright.api.request.DeviceRequest;
import io.zonewright.api.result.Cause;

/** What {@link WriteOrder} needs from the device. Nothing here may block. */
public interface WriteTarget {
    /**
     * Starts a {@code WRITE} or {@code WRITE_ZEROES}; {@link WriteOrder#done} follows exactly once, perhaps before this
     * returns.
     */
    void start(DeviceRequest request);

    /** Asks the device where a zone's write pointer is; {@link WriteOrder#refreshed} follows exactly once, later or now. */
    void refresh(int zone);

    /**
     * A request is done: completes it.
     *
     * @param bytesMoved from the front
     * @param errno 0 if all went well
     */
    void finish(DeviceRequest request, long bytesMoved, int errno);

    /** A request is not carried out at all: completes it. */
    void refuse(DeviceRequest request, Cause cause);
}
