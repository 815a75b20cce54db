package io.zonewright.api.zone;

/** What a zone allows (ZBC-2, "Zone types"). A zone's type never changes. */
public enum ZoneType {
    /** Random reads and writes; no write pointer. */
    CONVENTIONAL,
    /** Writes at the write pointer only. */
    SEQUENTIAL_WRITE_REQUIRED,
    /** Has a write pointer, but takes writes anywhere. */
    SEQUENTIAL_WRITE_PREFERRED;

    /** Whether zones of this type have a write pointer and take zone actions. */
    public boolean sequential() {
        return this != CONVENTIONAL;
    }
}
