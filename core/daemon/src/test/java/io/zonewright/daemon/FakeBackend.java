package io.zonewright.daemon;

import io.zonewright.api.config.Key;
import io.zonewright.api.config.Key.Kind;
import io.zonewright.api.config.Settings;
import io.zonewright.api.request.DeviceRequest;
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
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/** A medium that holds nothing, with a key of every kind. */
public final class FakeBackend implements BackendExtension {
    /** What happened to the media that were opened, in order. */
    public final List<String> events;

    /** What the key names said in the last plan. */
    public List<String> names = List.of();

    private final String type;

    public FakeBackend() {
        this("fake", new ArrayList<>());
    }

    public FakeBackend(String type, List<String> events) {
        this.type = type;
        this.events = events;
    }

    @Override
    public String type() {
        return type;
    }

    @Override
    public String summary() {
        return "Holds nothing.";
    }

    @Override
    public List<Key> keys() {
        return List.of(
                Key.of("size", Kind.SIZE, "Size of the device. Zones are 1MiB.", "64MiB")
                        .mandatory(),
                Key.of("zones-full", Kind.ZONES, "Zones that start full.", "[1, 4-9]"),
                Key.of("max-open", Kind.COUNT, "Most open zones.", "14").withDefault("0"),
                Key.of("read-only", Kind.FLAG, "Takes no writes.", "true").withDefault("false"),
                Key.of("label", Kind.TEXT, "A label.", "blue").withDefault("none"),
                Key.of("names", Kind.TEXTS, "Names, one or several.", "[\"a\", \"b\"]"),
                Key.of("file", Kind.PATH, "A file.", "/var/lib/disk"),
                Key.of("server", Kind.ADDRESS, "A server.", "127.0.0.1:4420"),
                Key.of("mode", Kind.MODE, "A file mode.", "0600").withDefault("0600"),
                Key.choice("data", "What becomes of data.", "keep", "discard").withDefault("keep"),
                Key.choice("fails", "Where the plugin has a defect.", "never", "plan", "open")
                        .withDefault("never"),
                Key.section(
                        "latency",
                        "How long things take.",
                        Key.of("read", Kind.DURATION, "Of a read.", "50us").withDefault("0"),
                        Key.of("write", Kind.DURATION, "Of a write.", "1ms").withDefault("0")));
    }

    @Override
    public BackendPlan plan(Settings settings, DeviceIdentity device) {
        if (settings.text("fails").equals("plan")) {
            throw new IllegalStateException("boom\nsecond line");
        }
        names = settings.texts("names");
        long size = settings.size("size");
        if (size % (1 << 20) != 0) {
            long near = Math.max(1, size >> 20) << 20;
            settings.problem("size", size + " bytes are not whole zones of 1MiB", "write " + (near >> 20) + "MiB");
        }
        int maxOpen = (int) settings.count("max-open");
        boolean fails = settings.text("fails").equals("open");
        BitSet full = settings.zones("zones-full");
        ZoneGeometry geometry =
                new ZoneGeometry(ZoneModel.HOST_MANAGED, Math.max(1, size >> 20) << 20, 4096, 4096, 1 << 20);
        return new BackendPlan() {
            @Override
            public Optional<ZoneGeometry> geometry() {
                return Optional.of(geometry);
            }

            @Override
            public Optional<ZoneLimits> limits() {
                return Optional.of(new ZoneLimits(maxOpen, 0, 1 << 20));
            }

            @Override
            public Optional<ZoneRules> zoneRules() {
                return Optional.empty();
            }

            @Override
            public ZonedBackend open() throws IOException {
                if (fails) {
                    throw new IOException("the medium is not there; plug it in");
                }
                events.add("open medium " + device.name());
                return new Medium(device.name(), geometry, new ZoneLimits(maxOpen, 0, 1 << 20), full);
            }
        };
    }

    private final class Medium implements ZonedBackend {
        private final String name;
        private final ZoneGeometry geometry;
        private final ZoneLimits limits;
        private final BitSet full;

        Medium(String name, ZoneGeometry geometry, ZoneLimits limits, BitSet full) {
            this.name = name;
            this.geometry = geometry;
            this.limits = limits;
            this.full = full;
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
            for (int i = 0; i < geometry.zoneCount(); i++) {
                boolean conventional = i == 0;
                sink.zone(
                        i,
                        conventional ? ZoneType.CONVENTIONAL : ZoneType.SEQUENTIAL_WRITE_REQUIRED,
                        conventional
                                ? ZoneCondition.NOT_WRITE_POINTER
                                : full.get(i) ? ZoneCondition.FULL : ZoneCondition.EMPTY,
                        geometry.zoneLength(i),
                        geometry.zoneStart(i));
            }
        }

        @Override
        public void submit(DeviceRequest request) {
            request.complete();
        }

        @Override
        public void close() {
            events.add("close medium " + name);
        }
    }
}
