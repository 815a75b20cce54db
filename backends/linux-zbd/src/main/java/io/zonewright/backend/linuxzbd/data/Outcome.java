package io.zonewright.backend.linuxzbd.data;

import io.zonewright.api.request.DeviceRequest;

/** Where a {@link DataPath} tells how a request ended. */
@FunctionalInterface
public interface Outcome {
    /**
     * The request is the caller's again. Runs on a thread of the data path, so it must not block; it may submit again.
     *
     * @param bytesMoved payload bytes from the front that were moved. Less than the request's length with {@code errno} 0: the
     *     file or device ended there
     * @param errno the kernel's positive error number, 0 if there was none
     */
    void done(DeviceRequest request, long bytesMoved, int errno);
}
