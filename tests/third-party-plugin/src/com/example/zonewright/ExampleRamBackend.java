package com.example.zonewright;

import io.zonewright.api.config.Key;
import io.zonewright.api.config.Settings;
import io.zonewright.api.request.DeviceRequest;
import io.zonewright.api.result.Cause;
import io.zonewright.api.spi.BackendExtension;
import io.zonewright.api.spi.BackendPlan;
import io.zonewright.api.spi.Capabilities;
import io.zonewright.api.spi.DeviceIdentity;
import io.zonewright.api.spi.ZonedBackend;
import io.zonewright.api.zone.ZoneCondition;
import io.zonewright.api.zone.ZoneGeometry;
import io.zonewright.api.zone.ZoneLimits;
import io.zonewright.api.zone.ZoneModel;
import io.zonewright.api.zone.ZoneRules;
import io.zonewright.api.zone.ZoneSink;
import io.zonewright.api.zone.ZoneType;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import org.pf4j.Extension;

/** A medium in an array. */
@Extension
public final class ExampleRamBackend implements BackendExtension {
    private static final int ZONE_SIZE = 64 << 10;
    private static final int MAX_ZONES = 1024;

    @Override
    public String type() {
        return "example-ram";
    }

    @Override
    public String summary() {
        return "Zones of 64KiB in an array.";
    }

    @Override
    public List<Key> keys() {
        return List.of(Key.of("zones", Key.Kind.COUNT, "How many zones.", "16").mandatory());
    }

    @Override
    public BackendPlan plan(Settings settings, DeviceIdentity device) {
        long zones = settings.count("zones");
        if (zones < 1 || zones > MAX_ZONES) {
            settings.problem("zones", zones + " zones are not possible", "write a number from 1 to " + MAX_ZONES);
            zones = 1;
        }
        ZoneGeometry geometry = new ZoneGeometry(ZoneModel.HOST_MANAGED, zones * ZONE_SIZE, 512, 512, ZONE_SIZE);
        return new BackendPlan() {
            @Override
            public Optional<ZoneGeometry> geometry() {
                return Optional.of(geometry);
            }

            @Override
            public Optional<ZoneLimits> limits() {
                return Optional.of(ZoneLimits.NONE);
            }

            @Override
            public Optional<ZoneRules> zoneRules() {
                return Optional.empty();
            }

            @Override
            public ZonedBackend open() {
                return new Ram(geometry);
            }
        };
    }

    private static final class Ram implements ZonedBackend {
        private final ZoneGeometry geometry;
        private final MemorySegment memory;

        Ram(ZoneGeometry geometry) {
            this.geometry = geometry;
            memory = MemorySegment.ofArray(new byte[Math.toIntExact(geometry.deviceBytes())]);
        }

        @Override
        public ZoneGeometry geometry() {
            return geometry;
        }

        @Override
        public ZoneLimits limits() {
            return ZoneLimits.NONE;
        }

        @Override
        public Capabilities capabilities() {
            return Capabilities.PLAIN;
        }

        @Override
        public void loadZones(ZoneSink sink) {
            for (int i = 0; i < geometry.zoneCount(); i++) {
                sink.zone(i, ZoneType.SEQUENTIAL_WRITE_REQUIRED, ZoneCondition.EMPTY, ZONE_SIZE, geometry.zoneStart(i));
            }
        }

        @Override
        public void submit(DeviceRequest request) {
            switch (request.operation()) {
                case READ -> request.data().copyFrom(memory, request.offset(), 0, request.length());
                case WRITE -> request.data().copyTo(0, memory, request.offset(), request.length());
                case ZONE_RESET -> memory.asSlice(request.offset(), ZONE_SIZE).fill((byte) 0);
                case FLUSH, ZONE_FINISH -> {}
                default -> {
                    request.complete(Cause.UNSUPPORTED);
                    return;
                }
            }
            request.complete();
        }

        @Override
        public void close() {}
    }
}
