package io.zonewright.api.spi;

import io.zonewright.api.zone.ZoneGeometry;
import io.zonewright.api.zone.ZoneLimits;
import io.zonewright.api.zone.ZoneRules;
import java.io.IOException;
import java.util.Optional;

/** A back-end whose settings were read and found good, but that holds nothing yet. */
public interface BackendPlan {
    /** The shape that the device will have, if that can be told without opening it. */
    Optional<ZoneGeometry> geometry();

    /** The limits that the device will have, if they can be told without opening it. */
    Optional<ZoneLimits> limits();

    /** The state machine that the user asked for; empty: the host chooses by the device's front-ends. */
    Optional<ZoneRules> zoneRules();

    /**
     * Opens the medium. May block.
     *
     * @throws IOException with a message for the user: what was tried, why it failed, what to do
     */
    ZonedBackend open() throws IOException;
}
