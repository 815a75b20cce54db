package io.zonewright.backend.linuxzbd;

import io.zonewright.api.spi.BackendPlan;
import io.zonewright.api.spi.ZonedBackend;
import io.zonewright.api.zone.ZoneGeometry;
import io.zonewright.api.zone.ZoneLimits;
import io.zonewright.api.zone.ZoneRules;
import io.zonewright.backend.linuxzbd.open.Host;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What {@link LinuxZbdExtension#plan} found. Shape and limits are the disk's, so they are known once it is open.
 *
 * @param config empty after a problem
 * @param host the machine, asked for when the device is opened
 */
record LinuxZbdPlan(Optional<LinuxZbdConfig> config, Supplier<Host> host) implements BackendPlan {
    @Override
    public Optional<ZoneGeometry> geometry() {
        return Optional.empty();
    }

    @Override
    public Optional<ZoneLimits> limits() {
        return Optional.empty();
    }

    /** A disk has rules of its own. */
    @Override
    public Optional<ZoneRules> zoneRules() {
        return Optional.empty();
    }

    @Override
    public ZonedBackend open() throws IOException {
        LinuxZbdConfig good = config.orElseThrow(
                () -> new IllegalStateException("settings with problems were reported, not to be opened"));
        return LinuxZbdBackend.open(good, host.get());
    }
}
