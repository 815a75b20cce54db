package io.zonewright.tests.model;

import io.zonewright.api.request.DeviceRequest;
import io.zonewright.api.request.Operation;
import io.zonewright.api.spi.Capabilities;
import io.zonewright.api.spi.ZonedBackend;
import io.zonewright.api.zone.ZoneFeatures;
import io.zonewright.api.zone.ZoneGeometry;
import io.zonewright.api.zone.ZoneLimits;
import io.zonewright.api.zone.ZoneSink;
import java.util.ArrayDeque;

/** Reads at once from another medium, which completes inline, and says so only when the test wants. One thread. */
final class ReadsAnsweredLate implements ZonedBackend {
    private final ZonedBackend inner;
    private final ArrayDeque<DeviceRequest> read = new ArrayDeque<>();

    ReadsAnsweredLate(ZonedBackend inner) {
        this.inner = inner;
    }

    /** Hands up the oldest read. */
    void answer() {
        DeviceRequest request = read.remove();
        request.complete(request.causes());
    }

    @Override
    public void submit(DeviceRequest request) {
        if (request.operation() == Operation.READ) {
            request.push((back, context) -> read.add(back), 0);
        }
        inner.submit(request);
    }

    @Override
    public ZoneGeometry geometry() {
        return inner.geometry();
    }

    @Override
    public ZoneLimits limits() {
        return inner.limits();
    }

    @Override
    public ZoneFeatures features() {
        return inner.features();
    }

    @Override
    public Capabilities capabilities() {
        return inner.capabilities();
    }

    @Override
    public void loadZones(ZoneSink sink) {
        inner.loadZones(sink);
    }

    @Override
    public void close() {
        inner.close();
    }
}
