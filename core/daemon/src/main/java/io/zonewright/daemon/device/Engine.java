package io.zonewright.daemon.device;

import io.zonewright.api.spi.DeviceIdentity;
import io.zonewright.api.spi.ZonedBackend;
import io.zonewright.api.spi.ZonedDevice;
import io.zonewright.api.zone.ZoneRules;

/** Puts the zoned model between a medium and its front-ends. */
@FunctionalInterface
public interface Engine {
    /** Loads the medium's zones and makes the device; the medium stays the caller's to close. May block. */
    ZonedDevice around(DeviceIdentity identity, ZonedBackend backend, ZoneRules rules);
}
