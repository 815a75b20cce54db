package io.zonewright.frontend.scsi.command;

import io.zonewright.api.request.DeviceRequest;
import io.zonewright.api.spi.Capabilities;
import io.zonewright.api.spi.ZonedBackend;
import io.zonewright.api.zone.ZoneCondition;
import io.zonewright.api.zone.ZoneGeometry;
import io.zonewright.api.zone.ZoneLimits;
import io.zonewright.api.zone.ZoneModel;
import io.zonewright.api.zone.ZoneSink;
import io.zonewright.api.zone.ZoneType;

/** Sequential zones of 64 MiB, blocks of 4096 bytes; stores nothing and is done at once. */
record NothingMedium(int zones) implements ZonedBackend {
    static final long ZONE_BYTES = 64L << 20;
    static final long CAPACITY = 64L << 20;

    @Override
    public ZoneGeometry geometry() {
        return new ZoneGeometry(ZoneModel.HOST_MANAGED, zones * ZONE_BYTES, 4096, 4096, ZONE_BYTES);
    }

    @Override
    public ZoneLimits limits() {
        return new ZoneLimits(0, 0, 1 << 20);
    }

    @Override
    public Capabilities capabilities() {
        return Capabilities.PLAIN;
    }

    @Override
    public void loadZones(ZoneSink sink) {
        for (int i = 0; i < zones; i++) {
            sink.zone(i, ZoneType.SEQUENTIAL_WRITE_REQUIRED, ZoneCondition.EMPTY, CAPACITY, i * ZONE_BYTES);
        }
    }

    @Override
    public void submit(DeviceRequest request) {
        request.complete();
    }

    @Override
    public void close() {}
}
