package io.zonewright.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class GateTest {
    private static final Duration AT_ONCE = Duration.ZERO;
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Gate gate = new Gate();

    private static void run(Runnable task) throws InterruptedException {
        Thread thread = Thread.ofPlatform().start(task);
        thread.join();
    }

    @Test
    void aClosedGateLetsNobodyInAndWaitsForThoseInside() {
        assertTrue(gate.enter());
        gate.enterWithin();
        assertEquals(2, gate.inside());
        gate.close();
        assertFalse(gate.enter());
        assertFalse(gate.awaitEmpty(AT_ONCE), "two are inside");
        gate.leave();
        assertEquals(1, gate.inside());
        gate.leave();
        assertTrue(gate.awaitEmpty(AT_ONCE));
        assertEquals(0, gate.inside());
    }

    @Test
    void whatEntersOnOneThreadMayLeaveOnAnother() throws InterruptedException {
        run(() -> assertTrue(gate.enter()));
        assertEquals(1, gate.inside());
        gate.leave();
        assertEquals(0, gate.inside());
        assertTrue(gate.enter());
        run(gate::leave);
        assertEquals(0, gate.inside());
    }

    @Test
    void aBatchIsInsideAndLetsItsRequestsInAfterClosing() throws InterruptedException {
        gate.beginBatch();
        assertEquals(1, gate.inside());
        gate.close();
        assertTrue(gate.enter(), "the batch came before");
        run(() -> assertFalse(gate.enter(), "no other thread is in the batch"));
        gate.endBatch();
        assertFalse(gate.awaitEmpty(AT_ONCE), "its request is still inside");
        assertFalse(gate.enter());
        gate.leave();
        assertTrue(gate.awaitEmpty(AT_ONCE));
        gate.beginBatch();
        assertFalse(gate.enter(), "a batch that begins at a closed gate lets nobody in");
        gate.endBatch();
        assertEquals(0, gate.inside());
    }

    /** Threads come and go, one in batches, and one of whose requests leave on another; what the closer tears down, nobody touches afterwards. */
    @Test
    void nobodyIsInsideOnceItWasEmpty() throws InterruptedException {
        for (int round = 0; round < 40; round++) {
            Gate shared = new Gate();
            AtomicBoolean torn = new AtomicBoolean();
            AtomicLong touchedTorn = new AtomicLong();
            AtomicLong entered = new AtomicLong();
            BlockingQueue<Boolean> handedOver = new ArrayBlockingQueue<>(8);
            CountDownLatch underWay = new CountDownLatch(3);
            Thread[] threads = new Thread[4];
            for (int i = 0; i < 3; i++) {
                boolean handsOver = i == 0;
                boolean inBatches = i == 1;
                threads[i] = Thread.ofPlatform().start(() -> {
                    long count = 0;
                    boolean batch = false;
                    while (true) {
                        if (inBatches && count % 8 == 0) {
                            if (batch) {
                                shared.endBatch();
                            }
                            shared.beginBatch();
                            batch = true;
                        }
                        if (!shared.enter()) {
                            break;
                        }
                        count++;
                        if (count == 1_000) {
                            underWay.countDown();
                        }
                        if (torn.get()) {
                            touchedTorn.incrementAndGet();
                        }
                        if (!handsOver || !handedOver.offer(Boolean.TRUE)) {
                            shared.leave();
                        }
                    }
                    if (batch) {
                        shared.endBatch();
                    }
                    entered.addAndGet(count);
                });
            }
            threads[3] = Thread.ofPlatform().start(() -> {
                // The end of the one that hands over is looked for first, so that nothing of its is left behind.
                boolean ended = false;
                while (!ended || !handedOver.isEmpty()) {
                    ended = !threads[0].isAlive();
                    while (handedOver.poll() != null) {
                        if (torn.get()) {
                            touchedTorn.incrementAndGet();
                        }
                        shared.leave();
                    }
                    Thread.onSpinWait();
                }
            });
            assertTrue(underWay.await(10, TimeUnit.SECONDS));
            shared.close();
            assertTrue(shared.awaitEmpty(PATIENCE));
            torn.set(true);
            for (Thread thread : threads) {
                thread.join();
            }
            assertEquals(0, touchedTorn.get());
            assertEquals(0, shared.inside(), entered.get() + " came");
        }
    }
}
