package io.zonewright.testkit.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.zonewright.api.config.Key;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TestSettingsTest {
    private final TestSettings settings = TestSettings.of(
            List.of(
                    Key.of("size", Key.Kind.SIZE, "", "1MiB"),
                    Key.of("queues", Key.Kind.COUNT, "", "1").withDefault("4"),
                    Key.of("mode", Key.Kind.MODE, "", "0600").withDefault("0600"),
                    Key.of("full", Key.Kind.ZONES, "", "1"),
                    Key.section("latency", "", Key.of("read", Key.Kind.DURATION, "", "1ms"))),
            Map.of("size", "3MiB", "full", "[1, 4-6]", "latency.read", "50us"));

    @Test
    void valuesAndDefaultsAreRead() {
        assertEquals(3L << 20, settings.size("size"));
        assertEquals(4, settings.count("queues"));
        assertEquals(384, settings.mode("mode"));
        assertEquals("{1, 4, 5, 6}", settings.zones("full").toString());
        assertEquals(Duration.ofNanos(50_000), settings.section("latency").duration("read"));
    }

    @Test
    void misuseIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> settings.count("size"));
        assertThrows(IllegalArgumentException.class, () -> settings.isSet("sise"));
        assertThrows(IllegalArgumentException.class, () -> TestSettings.of(List.of(), Map.of("a", "b")));
    }

    @Test
    void problemsAreCollectedFromSectionsToo() {
        settings.section("latency").problem("read", "too slow", "use 1us");
        assertEquals(List.of("read: too slow; use 1us"), settings.problems());
    }
}
