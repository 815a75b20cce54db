package io.zonewright.api.result;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.EnumSet;
import org.junit.jupiter.api.Test;

class CausesTest {
    private static final long SET = Cause.OPEN_LIMIT.bit() | Cause.ZONE_FULL.bit() | Cause.OUT_OF_RANGE.bit();

    @Test
    void withoutATableTheOrderOfTheEnumDecides() {
        assertEquals(Cause.OUT_OF_RANGE, Causes.first(SET));
        assertEquals(Cause.DONE, Causes.first(0));
    }

    @Test
    void aTableDecidesAndWhatItLacksComesLast() {
        assertEquals(Cause.ZONE_FULL, Causes.first(SET, new Cause[] {Cause.ZONE_OFFLINE, Cause.ZONE_FULL}));
        assertEquals(Cause.OUT_OF_RANGE, Causes.first(SET, new Cause[] {Cause.ZONE_OFFLINE}));
    }

    @Test
    void setsTellTheirMembers() {
        assertTrue(Causes.has(SET, Cause.ZONE_FULL));
        assertFalse(Causes.has(SET, Cause.DONE));
        assertEquals(EnumSet.of(Cause.OPEN_LIMIT, Cause.ZONE_FULL, Cause.OUT_OF_RANGE), Causes.toSet(SET));
    }

    @Test
    void onlyTwoCausesAreASuccess() {
        EnumSet<Cause> good = EnumSet.noneOf(Cause.class);
        for (Cause cause : Cause.values()) {
            if (cause.success()) {
                good.add(cause);
            }
        }
        assertEquals(EnumSet.of(Cause.DONE, Cause.ALREADY_SO), good);
    }
}
