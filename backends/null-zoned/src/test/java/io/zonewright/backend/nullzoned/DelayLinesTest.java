package io.zonewright.backend.nullzoned;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.api.request.Operation;
import io.zonewright.api.result.Cause;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DelayLinesTest {
    private static TestRequest request(Cause cause) {
        TestRequest request = TestRequest.of(Operation.READ, 0, 0);
        request.setCauses(cause.bit());
        return request;
    }

    /** Also where the clock overflows. */
    @ParameterizedTest
    @ValueSource(longs = {0, 1_000_000, Long.MAX_VALUE - 70, Long.MIN_VALUE})
    void everyRequestWaitsItsLanesTime(long origin) {
        AtomicLong clock = new AtomicLong(origin);
        DelayLines lines = new DelayLines(new Latencies(Map.of(Lane.READ, 50L, Lane.WRITE, 20L)), clock::get);
        assertEquals(DelayLines.NEVER, lines.nanosToNext());

        TestRequest read = request(Cause.DONE);
        TestRequest write = request(Cause.NO_SPACE);
        TestRequest second = request(Cause.DONE);
        assertTrue(lines.add(Lane.READ, read), "the first is the next");
        clock.addAndGet(10);
        assertTrue(lines.add(Lane.WRITE, write), "due at 30, before the read");
        assertFalse(lines.add(Lane.READ, second), "due at 60");
        assertEquals(20, lines.nanosToNext());

        clock.addAndGet(19);
        lines.completeDue();
        assertEquals(0, write.completions());
        clock.addAndGet(1);
        lines.completeDue();
        assertEquals(1, write.completions());
        assertEquals(Cause.NO_SPACE, write.cause());
        assertEquals(0, read.completions());
        assertEquals(20, lines.nanosToNext());

        clock.addAndGet(500);
        assertEquals(0, lines.nanosToNext());
        lines.completeDue();
        assertEquals(1, read.completions());
        assertEquals(1, second.completions());
        assertEquals(1, write.completions());
        assertEquals(DelayLines.NEVER, lines.nanosToNext());
    }

    @Test
    void queuesGrowAndKeepTheirOrder() {
        AtomicLong clock = new AtomicLong();
        DelayLines lines = new DelayLines(new Latencies(Map.of(Lane.READ, 100L)), clock::get);
        List<TestRequest> waiting = new ArrayList<>();
        // Turn the ring first, so that growing has to straighten it.
        for (int i = 0; i < 40; i++) {
            lines.add(Lane.READ, request(Cause.DONE));
        }
        clock.set(1000);
        lines.completeDue();
        for (int i = 0; i < 300; i++) {
            TestRequest request = request(Cause.DONE);
            waiting.add(request);
            lines.add(Lane.READ, request);
            clock.incrementAndGet();
            lines.completeDue();
        }
        // It is 1300 now, and request i was due at 1100 + i.
        for (int i = 0; i < 300; i++) {
            assertEquals(i <= 200 ? 1 : 0, waiting.get(i).completions(), "request " + i);
        }
    }

    @Test
    void everyOperationHasItsLane() {
        assertEquals(Lane.READ, Lane.of(Operation.READ));
        assertEquals(Lane.WRITE, Lane.of(Operation.WRITE));
        assertEquals(Lane.FLUSH, Lane.of(Operation.FLUSH));
        assertEquals(Lane.DISCARD, Lane.of(Operation.DISCARD));
        assertEquals(Lane.DISCARD, Lane.of(Operation.WRITE_ZEROES));
        assertEquals(Lane.RESET, Lane.of(Operation.ZONE_RESET));
        assertEquals(Lane.FINISH, Lane.of(Operation.ZONE_FINISH));
    }
}
