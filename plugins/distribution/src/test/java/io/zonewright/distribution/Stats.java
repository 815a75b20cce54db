package io.zonewright.distribution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.zonewright.daemon.control.ControlClient;
import io.zonewright.daemon.control.Json;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What {@code zonewright stats --json} says of a daemon with one device that has one front-end. */
record Stats(Map<?, ?> counters) {
    /** As a program would ask. */
    static Stats ask(Path work, Path control) throws Exception {
        Program.Result result = Program.run(work, "stats", "--json", "--control", control.toString());
        assertEquals(0, result.status(), result.err());
        return of(Json.parse(result.out()));
    }

    /** Straight from the control socket, which takes milliseconds. */
    static Stats now(Path control) throws Exception {
        try (ControlClient client = ControlClient.connect(control)) {
            return of(client.ask("stats", Map.of()).get("devices"));
        }
    }

    private static Stats of(@Nullable Object devices) {
        Map<?, ?> device = only(devices);
        Map<?, ?> endpoint = only(device.get("endpoints"));
        return new Stats(assertInstanceOf(Map.class, endpoint.get("counters")));
    }

    long number(String name) {
        return assertInstanceOf(Long.class, counters.get(name), () -> name + " of " + counters);
    }

    private static Map<?, ?> only(@Nullable Object list) {
        List<?> entries = assertInstanceOf(List.class, list);
        assertEquals(1, entries.size());
        return assertInstanceOf(Map.class, entries.getFirst());
    }
}
