package io.zonewright.backend.nullzoned;

import io.zonewright.api.zone.ZoneFeatures;
import io.zonewright.api.zone.ZoneGeometry;
import io.zonewright.api.zone.ZoneLimits;
import io.zonewright.api.zone.ZoneRules;
import java.util.Optional;

/**
 * Settings that were checked and fit together.
 *
 * @param device name of the device, for threads and messages
 * @param zoneRules empty for {@code auto}
 * @param zoneCapacity writable bytes of a sequential zone; 0 without zones
 * @param conventionalZones how many zones from the first on are conventional
 * @param keep whether written data is kept
 * @param hugePages whether sequential zones may use huge pages
 * @param maxMemoryBytes most bytes of memory for data; {@link Long#MAX_VALUE} for no limit
 */
record NullZonedConfig(
        String device,
        ZoneGeometry geometry,
        ZoneLimits limits,
        ZoneFeatures features,
        Optional<ZoneRules> zoneRules,
        long zoneCapacity,
        int conventionalZones,
        boolean readOnly,
        InitialZones initialZones,
        boolean keep,
        boolean hugePages,
        long maxMemoryBytes,
        Latencies latencies) {}
