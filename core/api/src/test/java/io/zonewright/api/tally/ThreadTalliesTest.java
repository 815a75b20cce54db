package io.zonewright.api.tally;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ThreadTalliesTest {
    private final ThreadTallies tallies = new ThreadTallies(2);

    private static Thread start(Runnable task) {
        return Thread.ofPlatform().start(task);
    }

    @Test
    void aThreadAlwaysHasTheSameTally() {
        assertSame(tallies.mine(), tallies.mine());
        tallies.mine().add(0, 3);
        tallies.mine().add(1, -1);
        tallies.mine().add(0, 4);
        assertEquals(7, tallies.sum(0));
        assertEquals(-1, tallies.sum(1));
        assertEquals(0, new ThreadTallies(1).sum(0), "others are not touched");
    }

    @Test
    void nothingIsLostAmongThreads() throws InterruptedException {
        Thread[] threads = new Thread[4];
        for (int i = 0; i < threads.length; i++) {
            threads[i] = start(() -> {
                for (int j = 0; j < 100_000; j++) {
                    tallies.mine().add(0, 1);
                    tallies.mine().add(1, 2);
                }
            });
        }
        long before = 0;
        for (int i = 0; i < 1_000; i++) {
            long now = tallies.sum(0);
            assertTrue(now >= before, now + " after " + before);
            before = now;
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(400_000, tallies.sum(0));
        assertEquals(800_000, tallies.sum(1));
    }

    /** More threads at a time than are found nearby. */
    @Test
    void manyThreadsKeepApart() throws InterruptedException {
        Thread[] threads = new Thread[100];
        CountDownLatch allThere = new CountDownLatch(threads.length);
        for (int i = 0; i < threads.length; i++) {
            threads[i] = start(() -> {
                ThreadTallies.Tally mine = tallies.mine();
                allThere.countDown();
                try {
                    allThere.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                for (int j = 0; j < 100; j++) {
                    assertSame(mine, tallies.mine());
                    tallies.mine().add(0, 1);
                }
                tallies.mine().add(1, tallies.mine().own(0));
            });
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(10_000, tallies.sum(0));
        assertEquals(10_000, tallies.sum(1));
        assertEquals(100, tallies.threads());
    }

    @Test
    void threadsThatHaveEndedAreKeptAsOneSum() throws InterruptedException {
        for (int i = 0; i < 100; i++) {
            start(() -> tallies.mine().add(1, 5)).join();
            assertEquals(1, tallies.threads());
        }
        assertEquals(500, tallies.sum(1));
        assertEquals(0, tallies.sum(0));
    }
}
