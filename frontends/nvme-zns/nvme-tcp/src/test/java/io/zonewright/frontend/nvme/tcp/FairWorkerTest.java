package io.zonewright.frontend.nvme.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class FairWorkerTest {
    private final CountDownLatch go = new CountDownLatch(1);
    private final List<String> done = Collections.synchronizedList(new ArrayList<>());

    private Runnable task(String name) {
        return () -> done.add(name);
    }

    private void untilGo() {
        try {
            assertTrue(go.await(20, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void partiesTakeTurns() throws InterruptedException {
        try (FairWorker<String> worker =
                new FairWorker<>(Thread.ofPlatform().daemon().factory())) {
            CountDownLatch last = new CountDownLatch(1);
            assertTrue(worker.execute("greedy", this::untilGo));
            for (int i = 0; i < 4; i++) {
                assertTrue(worker.execute("greedy", task("greedy " + i)));
            }
            assertTrue(worker.execute("modest", task("modest 0")));
            assertTrue(worker.execute("modest", task("modest 1")));
            assertTrue(worker.execute("late", task("late")));
            go.countDown();
            // "greedy" now has at most this one, behind the rest of its own.
            assertTrue(worker.execute("greedy", last::countDown));
            assertTrue(last.await(20, TimeUnit.SECONDS));
            assertTrue(done.indexOf("modest 0") <= 1, done::toString);
            assertTrue(done.indexOf("late") <= 2, done::toString);
            assertTrue(done.indexOf("modest 1") <= 4, done::toString);
            assertEquals(7, done.size());
        }
    }

    @Test
    void whatOnePartyAsksForIsBounded() {
        FairWorker<String> worker =
                new FairWorker<>(Thread.ofPlatform().daemon().factory());
        assertTrue(worker.execute("blocker", this::untilGo));
        // The blocker's task may have been taken or not; the greedy one's wait behind it.
        for (int i = 0; i < FairWorker.WAITING_OF_ONE; i++) {
            assertTrue(worker.execute("greedy", task("greedy")));
        }
        assertFalse(worker.execute("greedy", task("one too many")));
        assertTrue(worker.execute("modest", task("modest")));
        worker.close();
        assertFalse(worker.execute("modest", task("after the end")));
        go.countDown();
        assertFalse(done.contains("one too many"));
    }
}
