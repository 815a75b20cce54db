package io.zonewright.api.spi;

import io.zonewright.api.config.Key;
import io.zonewright.api.config.Settings;
import io.zonewright.api.zone.ZoneGeometry;
import io.zonewright.api.zone.ZoneLimits;
import java.util.List;
import java.util.Optional;
import org.pf4j.ExtensionPoint;

/**
 * Adds a protocol over one carrier. Annotate the implementation with {@code @org.pf4j.Extension}; it needs a public
 * constructor without arguments. Called from one thread at a time.
 */
public interface FrontendExtension extends ExtensionPoint {
    /** The word for {@code type:}, the command set ("virtio-blk"). */
    String type();

    /** The word for {@code transport:}, the carrier ("vhost-user"). Type and transport together are unique. */
    String transport();

    /** One sentence for {@code zonewright plugins}. */
    String summary();

    /** The keys of one entry of {@code frontends:} other than {@code type} and {@code transport}. */
    List<Key> keys();

    /**
     * Checks the settings and remembers them; opens nothing. All problems are reported through
     * {@link Settings#problem}; if there are any, the returned plan is not opened. A shape of device that this
     * protocol cannot express is a problem too.
     *
     * @param geometry the device's shape where it is known before it is opened
     * @param limits the device's limits where they are known before it is opened
     */
    FrontendPlan plan(
            Settings settings, DeviceIdentity device, Optional<ZoneGeometry> geometry, Optional<ZoneLimits> limits);
}
