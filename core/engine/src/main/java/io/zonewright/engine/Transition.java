package io.zonewright.engine;

import io.zonewright.api.result.Cause;
import io.zonewright.api.zone.ZoneCondition;

/**
 * What an event does to a zone, limits aside.
 *
 * @param from condition before
 * @param to condition afterwards; {@code from} unless {@code cause} is {@link Cause#DONE}
 * @param cause {@link Cause#DONE}, {@link Cause#ALREADY_SO}, or why not
 */
public record Transition(ZoneCondition from, ZoneCondition to, Cause cause) {
    /** Change in the number of open zones: -1, 0 or 1. */
    public int openDelta() {
        return count(to.open()) - count(from.open());
    }

    /** Change in the number of active zones: -1, 0 or 1. */
    public int activeDelta() {
        return count(to.active()) - count(from.active());
    }

    private static int count(boolean holds) {
        return holds ? 1 : 0;
    }
}
