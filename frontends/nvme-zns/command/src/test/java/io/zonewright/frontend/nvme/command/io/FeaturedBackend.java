package io.zonewright.frontend.nvme.command.io;

import io.zonewright.api.request.DeviceRequest;
import io.zonewright.api.spi.Capabilities;
import io.zonewright.api.spi.ZonedBackend;
import io.zonewright.api.zone.ZoneFeatures;
import io.zonewright.api.zone.ZoneGeometry;
import io.zonewright.api.zone.ZoneLimits;
import io.zonewright.api.zone.ZoneSink;

/** Another medium that says what its zones can have beyond data. */
record FeaturedBackend(ZonedBackend inner, ZoneFeatures features) implements ZonedBackend {
    @Override
    public ZoneGeometry geometry() {
        return inner.geometry();
    }

    @Override
    public ZoneLimits limits() {
        return inner.limits();
    }

    @Override
    public Capabilities capabilities() {
        return inner.capabilities();
    }

    @Override
    public boolean discardsToZeroes() {
        return inner.discardsToZeroes();
    }

    @Override
    public void loadZones(ZoneSink sink) {
        inner.loadZones(sink);
    }

    @Override
    public void submit(DeviceRequest request) {
        inner.submit(request);
    }

    @Override
    public void close() {
        inner.close();
    }
}
