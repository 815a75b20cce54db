package io.zonewright.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.api.request.DeviceRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class CompletionMailboxTest {
    private final AtomicInteger wakes = new AtomicInteger();
    private final CompletionMailbox mailbox = new CompletionMailbox(wakes::incrementAndGet);

    @Test
    void requestsComeOutInTheOrderOfPosting() {
        Numbered first = new Numbered(0, 1);
        Numbered second = new Numbered(0, 2);
        Numbered third = new Numbered(0, 3);
        mailbox.post(first);
        mailbox.post(second);
        assertSame(first, mailbox.poll());
        mailbox.post(third);
        assertSame(second, mailbox.poll());
        assertSame(third, mailbox.poll());
        assertNull(mailbox.poll());
        assertNull(first.link());
        assertNull(second.link());
    }

    @Test
    void wakesOnlyWhenItWasEmpty() {
        mailbox.post(new Numbered(0, 1));
        mailbox.post(new Numbered(0, 2));
        assertEquals(1, wakes.get());
        mailbox.poll();
        mailbox.post(new Numbered(0, 3));
        assertEquals(2, wakes.get(), "the poller has taken over all that was there");
    }

    @Test
    void isEmptyUntilPostedAndAfterTheLast() {
        assertTrue(mailbox.isEmpty());
        mailbox.post(new Numbered(0, 1));
        mailbox.post(new Numbered(0, 2));
        assertFalse(mailbox.isEmpty());
        mailbox.poll();
        assertFalse(mailbox.isEmpty());
        mailbox.poll();
        assertTrue(mailbox.isEmpty());
    }

    @Test
    void manyPostersLoseNothingAndKeepTheirOwnOrder() throws InterruptedException {
        int posters = 3;
        int each = 50_000;
        List<Thread> threads = new ArrayList<>();
        for (int p = 0; p < posters; p++) {
            int poster = p;
            threads.add(Thread.ofPlatform().start(() -> {
                for (int i = 0; i < each; i++) {
                    mailbox.post(new Numbered(poster, i));
                }
            }));
        }
        int[] next = new int[posters];
        int received = 0;
        long deadline = System.nanoTime() + 20_000_000_000L;
        while (received < posters * each && System.nanoTime() < deadline) {
            if (mailbox.poll() instanceof Numbered request) {
                assertEquals(next[request.poster]++, request.number);
                received++;
            } else {
                Thread.onSpinWait();
            }
        }
        assertEquals(posters * each, received);
        for (Thread thread : threads) {
            thread.join();
        }
    }

    private static final class Numbered extends DeviceRequest {
        final int poster;
        final int number;

        Numbered(int poster, int number) {
            this.poster = poster;
            this.number = number;
        }

        @Override
        protected void onComplete() {}
    }
}
