package io.zonewright.api.request;

/** What a request asks for. */
public enum Operation {
    /** Fills the spans from {@code [offset, offset + length)}. Unwritten bytes read as zero. */
    READ(false),
    /** Writes the spans to {@code [offset, offset + length)}. */
    WRITE(true),
    /** Writes the spans at the write pointer of the zone that starts at {@code offset}; the place is told in {@link DeviceRequest#placement}. */
    APPEND(true),
    /** Makes everything completed before it stable. */
    FLUSH(false),
    /** Makes the range read as zero. On conventional zones and ordinary disks only, or at the write pointer of a sequential zone, where it counts as a write. */
    WRITE_ZEROES(true),
    /** Says that the range's data is no longer needed: it then reads as zero. On conventional zones and ordinary disks only. */
    DISCARD(true),
    /** Opens a zone explicitly. */
    ZONE_OPEN(true),
    /** Closes an open zone. */
    ZONE_CLOSE(true),
    /** Makes a zone full. */
    ZONE_FINISH(true),
    /** Makes a zone empty; its data is gone. */
    ZONE_RESET(true),
    /**
     * Stores the spans as the descriptor extension of an empty zone, which becomes closed. As long as
     * {@link io.zonewright.api.zone.ZoneFeatures#extensionBytes}; {@link io.zonewright.api.result.Cause#UNSUPPORTED} where that is 0.
     */
    ZONE_SET_EXTENSION(true),
    /**
     * Moves the write pointer of a zone with a random write area to {@code length} bytes from the zone's start: what
     * lies below can no longer be written. Says {@link io.zonewright.api.result.Cause#AREA_NOT_APPLICABLE} if the zone has
     * no area, or the position is not above the pointer, above the area's end, or no multiple of the flush granularity
     * (except at the zone's capacity).
     */
    ZONE_FLUSH_AREA(true),
    /** Makes a zone read-only for ever (an administrator's action, or the medium's). */
    ZONE_SET_READ_ONLY(true),
    /** Takes a zone offline for ever (an administrator's action, or the medium's). */
    ZONE_SET_OFFLINE(true),
    /** Brings the device's zone table up to date for the zones that the range touches; read it with {@link io.zonewright.api.spi.ZonedDevice#zone} afterwards. */
    ZONE_REPORT(false);

    private final boolean modifies;

    Operation(boolean modifies) {
        this.modifies = modifies;
    }

    /** Whether a read-only device refuses it. */
    public boolean modifies() {
        return modifies;
    }

    /** All whose name begins with ZONE except {@link #ZONE_REPORT}: acts on a whole zone, named by its first byte. */
    public boolean zoneAction() {
        return compareTo(ZONE_OPEN) >= 0 && compareTo(ZONE_SET_OFFLINE) <= 0;
    }
}
