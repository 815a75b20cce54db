package io.zonewright.backend.nullzoned;

import io.zonewright.api.spi.DeviceIdentity;
import io.zonewright.api.spi.ZonedBackend;
import io.zonewright.posix.Posix;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Assertions;

/** Opens back-ends from settings that must be good. */
final class Backends {
    private Backends() {}

    static ZonedBackend open(String... words) throws IOException {
        MapSettings settings = MapSettings.of(words);
        var plan = new NullZonedExtension().plan(settings, DeviceIdentity.of("test"));
        Assertions.assertEquals(List.of(), settings.problems());
        return plan.open();
    }

    static NullZonedConfig config(String... words) {
        MapSettings settings = MapSettings.of(words);
        return SettingsReader.read(settings, "test")
                .orElseThrow(() -> new AssertionError(settings.problems().toString()));
    }

    static SparseStore store(String... words) throws IOException {
        return new SparseStore(Posix.system(), config(words));
    }
}
