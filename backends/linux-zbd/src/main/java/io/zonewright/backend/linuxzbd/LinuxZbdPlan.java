package io.zonewright.backend.linuxzbd;

import io.zonewright.api.spi.BackendPlan;
import io.zonewright.api.spi.ZonedBackend;
import io.zonewright.api.zone.ZoneGeometry;
import io.zonewright.api.zone.ZoneLimits;
import io.zonewright.api.zone.ZoneRules;
import io.zonewright.backend.linuxzbd.open.Host;
import io.zonewright.backend.linuxzbd.open.Opener;
import io.zonewright.backend.linuxzbd.open.Surveyed;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What {@link LinuxZbdExtension#plan} found. Shape and limits are the disk's: they are known
 * early where the disk is there and the kernel says enough without its being opened.
 *
 * @param config empty after a problem
 * @param host the machine, asked for when the device is opened
 */
record LinuxZbdPlan(Optional<LinuxZbdConfig> config, Supplier<Host> host) implements BackendPlan {
    private static final Logger LOG = LoggerFactory.getLogger(LinuxZbdPlan.class);

    @Override
    public Optional<ZoneGeometry> geometry() {
        return shape().map(DeviceShape::geometry);
    }

    @Override
    public Optional<ZoneLimits> limits() {
        return shape().map(DeviceShape::limits);
    }

    /** What opening would find; a disk that is not there, or cannot be served, is {@link #open}'s business. */
    private Optional<DeviceShape> shape() {
        if (config.isEmpty()) {
            return Optional.empty();
        }
        try {
            Optional<Surveyed> found = new Opener(host.get(), config.get()).survey();
            return found.isEmpty() ? Optional.empty() : Optional.of(DeviceShape.of(config.get(), found.get()));
        } catch (IOException e) {
            LOG.debug(
                    "device {}: nothing is known before it is opened",
                    config.get().device(),
                    e);
            return Optional.empty();
        }
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
