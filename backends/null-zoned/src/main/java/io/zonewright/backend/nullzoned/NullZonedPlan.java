package io.zonewright.backend.nullzoned;

import io.zonewright.api.spi.BackendPlan;
import io.zonewright.api.spi.ZonedBackend;
import io.zonewright.api.zone.ZoneGeometry;
import io.zonewright.api.zone.ZoneLimits;
import io.zonewright.api.zone.ZoneRules;
import io.zonewright.posix.Posix;
import java.io.IOException;
import java.util.Optional;

/**
 * What {@link NullZonedExtension#plan} found.
 *
 * @param config empty after a problem
 */
record NullZonedPlan(Optional<NullZonedConfig> config) implements BackendPlan {
    @Override
    public Optional<ZoneGeometry> geometry() {
        return config.map(NullZonedConfig::geometry);
    }

    @Override
    public Optional<ZoneLimits> limits() {
        return config.map(NullZonedConfig::limits);
    }

    @Override
    public Optional<ZoneRules> zoneRules() {
        return config.flatMap(NullZonedConfig::zoneRules);
    }

    @Override
    public ZonedBackend open() throws IOException {
        NullZonedConfig good = config.orElseThrow(
                () -> new IllegalStateException("settings with problems were reported, not to be opened"));
        Store store = good.keep() ? new SparseStore(Posix.system(), good) : new DiscardStore();
        return NullZonedBackend.start(good, store, System::nanoTime);
    }
}
