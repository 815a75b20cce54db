package io.zonewright.backend.nullzoned;

import io.zonewright.api.config.Settings;
import io.zonewright.api.zone.ZoneGeometry;
import io.zonewright.api.zone.ZoneLimits;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.Map;

/** Reads the section {@code initial-zones} against a geometry that is known to be good. */
final class InitialZonesReader {
    private final Settings section;
    private final Runnable onProblem;

    /**
     * @param onProblem told of each problem, which goes to {@code section}
     */
    InitialZonesReader(Settings section, Runnable onProblem) {
        this.section = section;
        this.onProblem = onProblem;
    }

    InitialZones read(ZoneGeometry geometry, long capacity, int conventional, ZoneLimits limits) {
        Map<String, BitSet> lists = new LinkedHashMap<>();
        for (String key :
                new String[] {NullZonedKeys.FULL, NullZonedKeys.READ_ONLY, NullZonedKeys.OFFLINE, NullZonedKeys.CLOSED
                }) {
            BitSet zones = section.zones(key);
            checkRange(key, zones, geometry.zoneCount(), conventional);
            lists.forEach((other, others) -> checkOverlap(key, zones, other, others));
            lists.put(key, zones);
        }
        BitSet closed = zones(lists, NullZonedKeys.CLOSED);
        int active = closed.cardinality();
        if (limits.maxActive() != 0 && active > limits.maxActive()) {
            problem(
                    NullZonedKeys.CLOSED,
                    active + " closed zones are more than max-active, " + limits.maxActive(),
                    "name at most " + limits.maxActive() + ", or raise 'max-active'");
        }
        return new InitialZones(
                zones(lists, NullZonedKeys.FULL),
                zones(lists, NullZonedKeys.READ_ONLY),
                zones(lists, NullZonedKeys.OFFLINE),
                closed,
                closedBytes(geometry, capacity, closed));
    }

    private static BitSet zones(Map<String, BitSet> lists, String key) {
        return lists.getOrDefault(key, new BitSet());
    }

    private void checkRange(String key, BitSet zones, int zoneCount, int conventional) {
        int beyond = zones.nextSetBit(zoneCount);
        if (beyond >= 0) {
            int others = zones.get(beyond, zones.length()).cardinality() - 1;
            problem(key, "the device has no zone " + beyond + andMore(others), "the last zone is " + (zoneCount - 1));
        }
        int first = zones.nextSetBit(0);
        if (first >= 0 && first < conventional) {
            int others = zones.get(0, conventional).cardinality() - 1;
            problem(
                    key,
                    "zone " + first + andMore(others) + " is conventional and always ready",
                    "the first sequential zone is " + conventional);
        }
    }

    private void checkOverlap(String key, BitSet zones, String other, BitSet others) {
        BitSet both = (BitSet) zones.clone();
        both.and(others);
        if (!both.isEmpty()) {
            problem(
                    key,
                    "zone " + both.nextSetBit(0) + andMore(both.cardinality() - 1) + " is in '" + other + "' too",
                    "name each zone in one list");
        }
    }

    /** A smaller last zone may have a smaller capacity than the others. */
    private long closedBytes(ZoneGeometry geometry, long capacity, BitSet closed) {
        int last = geometry.zoneCount() - 1;
        long room = closed.get(last) ? Math.min(capacity, geometry.zoneLength(last)) : capacity;
        long unit = geometry.writeGranularity();
        boolean set = section.isSet(NullZonedKeys.CLOSED_BYTES);
        long value = set ? section.size(NullZonedKeys.CLOSED_BYTES) : unit;
        if (room <= unit) {
            if (!closed.isEmpty()) {
                problem(
                        NullZonedKeys.CLOSED,
                        "a zone with room for one write of " + Sizes.text(unit) + " is empty or full, never closed",
                        "remove 'closed', or make the zone larger");
            }
            return unit;
        }
        long nearest = Sizes.nearestMultiple(value, unit, room - unit);
        if (value != nearest) {
            problem(
                    set ? NullZonedKeys.CLOSED_BYTES : NullZonedKeys.CLOSED,
                    Sizes.text(value) + " written is not a multiple of " + NullZonedKeys.WRITE_GRANULARITY + ", "
                            + Sizes.text(unit) + ", below the capacity " + Sizes.text(room),
                    "the nearest is " + Sizes.text(nearest));
        }
        return nearest;
    }

    private static String andMore(int others) {
        return others == 0 ? "" : " (and " + others + " more)";
    }

    private void problem(String key, String what, String fix) {
        onProblem.run();
        section.problem(key, what, fix);
    }
}
