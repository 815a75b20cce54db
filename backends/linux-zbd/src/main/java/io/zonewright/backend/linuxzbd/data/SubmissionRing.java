package io.zonewright.backend.linuxzbd.data;

import io.zonewright.api.request.DeviceRequest;

/** A ring as the threads see it that submit to it; the methods are those of {@link DataPath}. */
interface SubmissionRing extends AutoCloseable {
    void submit(DeviceRequest request);

    void beginBatch();

    void endBatch();

    @Override
    void close();
}
