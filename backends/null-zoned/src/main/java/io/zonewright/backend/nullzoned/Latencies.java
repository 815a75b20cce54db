package io.zonewright.backend.nullzoned;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;

/** How much later than done a request completes, per lane, in nanoseconds. */
final class Latencies {
    /** As fast as memory. */
    static final Latencies NONE = new Latencies(Map.of());

    private final long[] nanos = new long[Lane.values().length];

    Latencies(Map<Lane, Long> nanosByLane) {
        nanosByLane.forEach((lane, value) -> nanos[lane.ordinal()] = value);
    }

    long nanos(Lane lane) {
        return nanos[lane.ordinal()];
    }

    /** Whether any lane is slowed down. */
    boolean any() {
        return Arrays.stream(nanos).anyMatch(value -> value > 0);
    }

    @Override
    public String toString() {
        Map<Lane, Long> shown = new EnumMap<>(Lane.class);
        for (Lane lane : Lane.values()) {
            shown.put(lane, nanos(lane));
        }
        return shown.toString();
    }
}
