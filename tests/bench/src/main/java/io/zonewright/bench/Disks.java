package io.zonewright.bench;

import io.zonewright.api.zone.ZoneRules;
import io.zonewright.testkit.backend.NothingMedium;
import io.zonewright.testkit.device.TestDevice;
import java.util.Map;

/** The devices that are measured: host-managed, 4 KiB blocks, no limits on open and active zones. */
final class Disks {
    static final int BLOCK_BYTES = 4096;

    /** Small enough that many zones can be full at once, large enough that a reset is one request in a thousand. */
    static final int ZONE_BYTES = 4 << 20;

    private static final int MAX_APPEND_BYTES = 1 << 20;

    private Disks() {}

    /** A device over {@link NothingMedium}. */
    static TestDevice nothing(int zones) {
        return TestDevice.over(NothingMedium.of(zones, ZONE_BYTES, ZONE_BYTES), ZoneRules.ZBC);
    }

    /** A device over null-zoned. */
    static TestDevice nullZoned(int zones, String data) {
        return TestDevice.over(
                "null-zoned",
                Map.of(
                        "size", Long.toString((long) zones * ZONE_BYTES),
                        "zone-size", Integer.toString(ZONE_BYTES),
                        "block-size", Integer.toString(BLOCK_BYTES),
                        "max-append", Integer.toString(MAX_APPEND_BYTES),
                        "data", data));
    }
}
