package io.zonewright.api.zone;

/**
 * How a device wants to be written (ZBC-2, "Zoned block device models").
 */
public enum ZoneModel {
    /** An ordinary random-write disk: it has no zones at all. */
    NONE,
    /** Zones exist and sequential writing is preferred, random writes are accepted. */
    HOST_AWARE,
    /** Sequential zones accept writes at their write pointer only. */
    HOST_MANAGED;

    /** Whether a device of this model has zones. */
    public boolean zoned() {
        return this != NONE;
    }

    /** The type of this model's zones other than the conventional ones. */
    public ZoneType sequentialType() {
        return switch (this) {
            case NONE -> ZoneType.CONVENTIONAL;
            case HOST_AWARE -> ZoneType.SEQUENTIAL_WRITE_PREFERRED;
            case HOST_MANAGED -> ZoneType.SEQUENTIAL_WRITE_REQUIRED;
        };
    }
}
