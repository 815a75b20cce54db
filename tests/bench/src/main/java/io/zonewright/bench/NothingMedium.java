package io.zonewright.bench;

import io.zonewright.api.request.DeviceRequest;
import io.zonewright.api.spi.Capabilities;
import io.zonewright.api.spi.ZonedBackend;
import io.zonewright.api.zone.ZoneCondition;
import io.zonewright.api.zone.ZoneGeometry;
import io.zonewright.api.zone.ZoneLimits;
import io.zonewright.api.zone.ZoneSink;
import io.zonewright.api.zone.ZoneType;

/** A medium that has done everything already: what remains of a request is the engine's own work. */
final class NothingMedium implements ZonedBackend {
    private final ZoneGeometry geometry;
    private final ZoneLimits limits;

    NothingMedium(ZoneGeometry geometry, ZoneLimits limits) {
        this.geometry = geometry;
        this.limits = limits;
    }

    @Override
    public ZoneGeometry geometry() {
        return geometry;
    }

    @Override
    public ZoneLimits limits() {
        return limits;
    }

    @Override
    public Capabilities capabilities() {
        return Capabilities.PLAIN;
    }

    @Override
    public void loadZones(ZoneSink sink) {
        for (int zone = 0; zone < geometry.zoneCount(); zone++) {
            sink.zone(
                    zone,
                    ZoneType.SEQUENTIAL_WRITE_REQUIRED,
                    ZoneCondition.EMPTY,
                    geometry.zoneLength(zone),
                    geometry.zoneStart(zone));
        }
    }

    @Override
    public void submit(DeviceRequest request) {
        request.complete();
    }

    @Override
    public void close() {
        // There is nothing to give back.
    }
}
