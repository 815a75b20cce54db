package io.zonewright.api.spi;

/** Told of changes that a client of the device may want to hear about. Called on any thread; must not block. */
public interface DeviceListener {
    /**
     * Somebody other than a client's ordinary request changed this zone (made read-only, offline); a client's own
     * {@link io.zonewright.api.request.DeviceRequest#onlyIfReadOnly} is no such change.
     */
    default void zoneChanged(int zone) {}

    /** Size, limits or writability of the device changed; read them again. */
    default void configurationChanged() {}
}
