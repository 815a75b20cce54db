package io.zonewright.engine;

import io.zonewright.api.request.DeviceRequest;
import io.zonewright.api.request.Operation;
import io.zonewright.api.spi.Capabilities;
import io.zonewright.api.spi.ZonedBackend;
import io.zonewright.api.zone.ZoneCondition;
import io.zonewright.api.zone.ZoneGeometry;
import io.zonewright.api.zone.ZoneLimits;
import io.zonewright.api.zone.ZoneModel;
import io.zonewright.api.zone.ZoneSink;
import io.zonewright.api.zone.ZoneType;

/** A medium that stores nothing and completes everything at once. */
record InstantMedium(ZoneGeometry geometry, ZoneLimits limits, Capabilities capabilities) implements ZonedBackend {
    /** Host-managed, 256 MiB zones of 4 KiB blocks. */
    static InstantMedium of(int zones, ZoneLimits limits) {
        long zoneSize = 256L << 20;
        return new InstantMedium(
                new ZoneGeometry(ZoneModel.HOST_MANAGED, zones * zoneSize, 4096, 4096, zoneSize),
                limits,
                Capabilities.PLAIN);
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
    public void close() {}

    /** A request that remembers nothing but its result, for use over and over. */
    static final class Probe extends DeviceRequest {
        int completions;

        Probe ask(Operation operation, long offset, long length) {
            prepare(operation, offset, length);
            return this;
        }

        @Override
        protected void onComplete() {
            completions++;
        }
    }
}
