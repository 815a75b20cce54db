package io.zonewright.api.zone;

/** Receives zones from a medium's report, in ascending order. */
@FunctionalInterface
public interface ZoneSink {
    /**
     * One zone.
     *
     * @param index number of the zone, from 0
     * @param capacity writable bytes from the zone's start
     * @param writePointer byte position of the next write, on the device; ignored where the condition is not
     *     {@link ZoneCondition#writable} (a read-only zone's data is readable up to it: give {@code start + capacity}
     *     if unknown)
     */
    void zone(int index, ZoneType type, ZoneCondition condition, long capacity, long writePointer);
}
