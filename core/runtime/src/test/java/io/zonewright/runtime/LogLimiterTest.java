package io.zonewright.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class LogLimiterTest {
    private long now;

    @Test
    void letsSoManyLinesThroughPerIntervalAndCountsTheOthers() {
        LogLimiter limiter = new LogLimiter(2, 1000, () -> now);
        assertEquals(0, limiter.permit());
        assertEquals(0, limiter.permit());
        assertEquals(-1, limiter.permit());
        now = 999;
        assertEquals(-1, limiter.permit());
        now = 1000;
        assertEquals(2, limiter.permit());
        assertEquals(0, limiter.permit());
        assertEquals(-1, limiter.permit());
    }
}
