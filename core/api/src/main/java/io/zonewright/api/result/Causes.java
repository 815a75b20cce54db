package io.zonewright.api.result;

import java.util.EnumSet;

/**
 * Sets of {@link Cause} as bits of a {@code long}. A refused request carries every cause that applies, so that each
 * front-end can choose by its own protocol's precedence; the set is computed only when a request is refused.
 */
public final class Causes {
    private static final Cause[] ALL = Cause.values();

    private Causes() {}

    /** Whether {@code set} holds {@code cause}. */
    public static boolean has(long set, Cause cause) {
        return (set & cause.bit()) != 0;
    }

    /** The first of {@code precedence} that {@code set} holds, else the first in {@link Cause}'s own order. */
    public static Cause first(long set, Cause[] precedence) {
        for (Cause cause : precedence) {
            if (has(set, cause)) {
                return cause;
            }
        }
        return first(set);
    }

    /** The member of {@code set} that comes first in {@link Cause}; {@link Cause#DONE} for the empty set. */
    public static Cause first(long set) {
        return set == 0 ? Cause.DONE : ALL[Long.numberOfTrailingZeros(set)];
    }

    /** For messages and tests. */
    public static EnumSet<Cause> toSet(long set) {
        EnumSet<Cause> result = EnumSet.noneOf(Cause.class);
        for (Cause cause : ALL) {
            if (has(set, cause)) {
                result.add(cause);
            }
        }
        return result;
    }
}
