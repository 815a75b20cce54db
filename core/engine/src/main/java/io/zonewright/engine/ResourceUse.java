package io.zonewright.engine;

/**
 * Zones by the resources they hold, at one moment.
 *
 * @param implicitOpen zones opened by a write
 * @param explicitOpen zones opened by a host
 * @param closed zones that are active but not open
 */
public record ResourceUse(int implicitOpen, int explicitOpen, int closed) {
    /** Zones counted against the limit of open zones. */
    public int open() {
        return implicitOpen + explicitOpen;
    }

    /** Zones counted against the limit of active zones. */
    public int active() {
        return open() + closed;
    }
}
