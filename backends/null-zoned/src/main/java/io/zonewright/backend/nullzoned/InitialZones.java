package io.zonewright.backend.nullzoned;

import io.zonewright.api.zone.ZoneCondition;
import java.util.BitSet;

/**
 * Zones that do not start empty. A zone is in one set at most.
 *
 * @param closedBytes how far a closed zone is written, from its start
 */
record InitialZones(BitSet full, BitSet readOnly, BitSet offline, BitSet closed, long closedBytes) {
    /** All sequential zones are empty. */
    static final InitialZones EMPTY = new InitialZones(new BitSet(), new BitSet(), new BitSet(), new BitSet(), 0);

    /** How the sequential zone {@code index} starts. */
    ZoneCondition condition(int index) {
        if (full.get(index)) {
            return ZoneCondition.FULL;
        }
        if (readOnly.get(index)) {
            return ZoneCondition.READ_ONLY;
        }
        if (offline.get(index)) {
            return ZoneCondition.OFFLINE;
        }
        return closed.get(index) ? ZoneCondition.CLOSED : ZoneCondition.EMPTY;
    }
}
