package io.zonewright.engine;

/** What can happen to a zone. */
public enum ZoneEvent {
    /** A write of at least one block is admitted; it opens the zone if need be. */
    WRITE,
    /** The committed write pointer reached the zone's capacity. */
    FILL,
    /** A host opens the zone explicitly. */
    OPEN,
    /** A host closes the zone. */
    CLOSE,
    /** The device closes an implicitly open zone to have its open resource for another. */
    EVICT,
    /** A host finishes the zone. */
    FINISH,
    /** A host resets the write pointer. */
    RESET,
    /** A host sets the zone's descriptor extension. */
    SET_EXTENSION,
    /** A host moves the write pointer of a zone with a random write area. */
    FLUSH_AREA,
    /** An administrator or the medium makes the zone read-only. */
    SET_READ_ONLY,
    /** An administrator or the medium takes the zone offline. */
    SET_OFFLINE
}
