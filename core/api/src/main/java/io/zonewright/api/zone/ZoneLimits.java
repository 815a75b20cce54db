package io.zonewright.api.zone;

/**
 * Limits of a device that a host has to respect.
 *
 * @param maxOpen most zones that may be open (implicitly and explicitly) at once; 0: no limit
 * @param maxActive most zones that may be active (open or closed) at once; 0: no limit
 * @param maxAppendBytes longest zone append in bytes, a multiple of the write granularity; 0: append is not supported
 */
public record ZoneLimits(int maxOpen, int maxActive, long maxAppendBytes) {
    /** No limits on resources, no append: an ordinary disk. */
    public static final ZoneLimits NONE = new ZoneLimits(0, 0, 0);

    public ZoneLimits {
        if (maxOpen < 0 || maxActive < 0 || maxAppendBytes < 0) {
            throw new IllegalArgumentException(
                    "limits are not negative: " + maxOpen + ", " + maxActive + ", " + maxAppendBytes);
        }
        if (maxActive != 0 && maxOpen > maxActive) {
            throw new IllegalArgumentException("max-open " + maxOpen + " is above max-active " + maxActive);
        }
    }
}
