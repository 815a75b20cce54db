package io.zonewright.testkit.backend;

import io.zonewright.api.request.DeviceRequest;
import io.zonewright.api.spi.Capabilities;
import io.zonewright.api.spi.ZonedBackend;
import io.zonewright.api.zone.ZoneCondition;
import io.zonewright.api.zone.ZoneGeometry;
import io.zonewright.api.zone.ZoneLimits;
import io.zonewright.api.zone.ZoneModel;
import io.zonewright.api.zone.ZoneSink;
import io.zonewright.api.zone.ZoneType;

/**
 * A medium that has done everything already: what remains of a request is the work of what is above it. Stores nothing;
 * its zones are sequential ones.
 *
 * @param capacity bytes of a zone that can be written; a shorter last zone has its own length
 */
public record NothingMedium(ZoneGeometry geometry, ZoneLimits limits, long capacity) implements ZonedBackend {
    /** Host-managed zones without limits, of 4096-byte blocks. */
    public static NothingMedium of(int zones, long zoneBytes, long capacity) {
        return new NothingMedium(
                new ZoneGeometry(ZoneModel.HOST_MANAGED, zones * zoneBytes, 4096, 4096, zoneBytes),
                new ZoneLimits(0, 0, 1 << 20),
                capacity);
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
                    Math.min(capacity, geometry.zoneLength(zone)),
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
