package io.zonewright.api.zone;

/**
 * What sequential-write-required zones of a device can have beyond data, for protocols that know it (NVMe ZNS). The
 * engine keeps all of it; a medium only says how much there is.
 *
 * @param extensionBytes length of a zone's descriptor extension, a multiple of 64 up to {@link #MAX_EXTENSION_BYTES}; 0: none
 * @param areas most zones with a random write area at once; 0: none, then the other two are 0 too
 * @param areaBytes size of a random write area: writes that end at most this far above the write pointer do not move
 *     it; a multiple of {@code areaFlushBytes}
 * @param areaFlushBytes the write pointer of a zone with an area moves in multiples of this; a multiple of the write
 *     granularity
 */
public record ZoneFeatures(int extensionBytes, int areas, long areaBytes, long areaFlushBytes) {
    /** Largest extension: NVMe ZNS counts 64-byte units in one byte. */
    public static final int MAX_EXTENSION_BYTES = 255 * 64;

    /** Neither extensions nor areas. */
    public static final ZoneFeatures NONE = new ZoneFeatures(0, 0, 0, 0);

    public ZoneFeatures {
        if (extensionBytes < 0 || extensionBytes > MAX_EXTENSION_BYTES || extensionBytes % 64 != 0) {
            throw new IllegalArgumentException("impossible extension: " + extensionBytes);
        }
        boolean fits = areas == 0
                ? areaBytes == 0 && areaFlushBytes == 0
                : areas > 0 && areaFlushBytes > 0 && areaBytes > 0 && areaBytes % areaFlushBytes == 0;
        if (!fits) {
            throw new IllegalArgumentException(
                    "impossible random write areas: " + areas + " of " + areaBytes + " by " + areaFlushBytes);
        }
    }
}
