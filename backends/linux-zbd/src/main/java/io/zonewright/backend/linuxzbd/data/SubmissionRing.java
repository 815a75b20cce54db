package io.zonewright.backend.linuxzbd.data;

import io.zonewright.api.request.DeviceRequest;
import java.time.Duration;

/** A ring as the threads see it that submit to it; the methods are those of {@link DataPath}. */
interface SubmissionRing {
    void submit(DeviceRequest request);

    void beginBatch();

    void endBatch();

    /** See {@link DataPath#close}; what has not ended within {@code patience} is cancelled. */
    void close(Duration patience);
}
