package io.zonewright.backend.nullzoned;

import io.zonewright.api.config.Key;
import io.zonewright.api.config.Settings;
import io.zonewright.api.spi.BackendExtension;
import io.zonewright.api.spi.BackendPlan;
import io.zonewright.api.spi.DeviceIdentity;
import java.util.List;
import org.pf4j.Extension;

/** The back-end {@code type: null-zoned}. */
@Extension
public final class NullZonedExtension implements BackendExtension {
    @Override
    public String type() {
        return "null-zoned";
    }

    @Override
    public String summary() {
        return "An emulated zoned device in memory: sparse, fast, and gone when the daemon ends.";
    }

    @Override
    public List<Key> keys() {
        return NullZonedKeys.ALL;
    }

    @Override
    public BackendPlan plan(Settings settings, DeviceIdentity device) {
        return new NullZonedPlan(SettingsReader.read(settings, device.name()));
    }
}
