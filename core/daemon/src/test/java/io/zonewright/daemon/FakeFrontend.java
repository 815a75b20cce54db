package io.zonewright.daemon;

import io.zonewright.api.config.Key;
import io.zonewright.api.config.Key.Kind;
import io.zonewright.api.config.Settings;
import io.zonewright.api.spi.AttachHint;
import io.zonewright.api.spi.DeviceIdentity;
import io.zonewright.api.spi.Frontend;
import io.zonewright.api.spi.FrontendExtension;
import io.zonewright.api.spi.FrontendPlan;
import io.zonewright.api.spi.ZonedDevice;
import io.zonewright.api.zone.ZoneGeometry;
import io.zonewright.api.zone.ZoneLimits;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/** An endpoint that nobody can reach. */
public final class FakeFrontend implements FrontendExtension {
    /** What happened to the endpoints, in order. */
    public final List<String> events;

    private final String type;
    private final String transport;

    public FakeFrontend() {
        this("fake", "air", new ArrayList<>());
    }

    public FakeFrontend(String type, String transport, List<String> events) {
        this.type = type;
        this.transport = transport;
        this.events = events;
    }

    @Override
    public String type() {
        return type;
    }

    @Override
    public String transport() {
        return transport;
    }

    @Override
    public String summary() {
        return "Speaks to nobody.";
    }

    @Override
    public List<Key> keys() {
        return List.of(
                Key.of("socket", Kind.PATH, "Where it would listen.", "/run/zonewright/archive.sock")
                        .mandatory(),
                Key.of("queues", Kind.COUNT, "How many queues.", "4").withDefault("1"));
    }

    @Override
    public FrontendPlan plan(
            Settings settings, DeviceIdentity device, Optional<ZoneGeometry> geometry, Optional<ZoneLimits> limits) {
        String socket = settings.path("socket").toString();
        long queues = settings.count("queues");
        if (queues < 1) {
            settings.problem("queues", "no queue at all", "write queues: 1 or more");
        }
        return new FrontendPlan() {
            @Override
            public List<AttachHint> attach() {
                return List.of(new AttachHint(
                        "Fake client",
                        List.of("fake --socket " + socket),
                        List.of("It will not answer."),
                        new LinkedHashMap<>(Map.of("socket", socket))));
            }

            @Override
            public String endpoint() {
                return "unix:" + socket;
            }

            @Override
            public Frontend open(ZonedDevice zoned) throws IOException {
                events.add("open " + socket);
                return new Endpoint(socket);
            }
        };
    }

    private final class Endpoint implements Frontend {
        private final String socket;

        Endpoint(String socket) {
            this.socket = socket;
        }

        @Override
        public void start() throws IOException {
            if (socket.endsWith("taken.sock")) {
                throw new IOException("somebody listens there");
            }
            events.add("start " + socket);
        }

        @Override
        public void stop(Duration patience) {
            events.add("stop " + socket);
        }

        @Override
        public SequencedMap<String, Object> stats() {
            SequencedMap<String, Object> stats = new LinkedHashMap<>();
            stats.put("requests", 12L);
            stats.put("state", "idle");
            return stats;
        }
    }
}
