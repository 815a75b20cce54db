package io.zonewright.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class AdaptiveIdleTest {
    private long now = 1_000_000;
    private final AdaptiveIdle idle = new AdaptiveIdle(50_000, () -> now);

    @Test
    void spinsForTheConfiguredTimeAndThenSleeps() {
        assertTrue(idle.spin(), "the spin begins");
        now += 49_999;
        assertTrue(idle.spin(), "one nanosecond is left");
        now += 1;
        assertFalse(idle.spin(), "the time is over");
    }

    @Test
    void workStartsTheTimeAnew() {
        assertTrue(idle.spin());
        now += 40_000;
        idle.worked();
        assertTrue(idle.spin());
        now += 49_999;
        assertTrue(idle.spin());
    }

    @Test
    void aLongSleepEndsSpinningAndShortOnesBringItBackInSteps() {
        idle.slept(50_001);
        assertEquals(0, idle.spinNanos());
        assertFalse(idle.spin());
        idle.slept(50_000);
        assertEquals(10_000, idle.spinNanos());
        idle.slept(1);
        assertEquals(20_000, idle.spinNanos());
        idle.slept(1);
        idle.slept(1);
        assertEquals(50_000, idle.spinNanos(), "the maximum");
    }

    @Test
    void aMaximumOfZeroNeverSpins() {
        AdaptiveIdle never = new AdaptiveIdle(0, () -> now);
        assertFalse(never.spin());
        never.slept(0);
        assertFalse(never.spin());
    }
}
