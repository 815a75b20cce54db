package io.zonewright.posix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.BitSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class WaitingTest {
    private final Posix posix = Posix.system();

    @Test
    void anEventCountsUntilItIsDrained() {
        try (EventFd event = EventFd.create(posix)) {
            assertEquals(0, event.drain());
            event.signal();
            event.signal();
            assertEquals(2, event.drain());
            assertEquals(0, event.drain());
        }
    }

    @Test
    void aBlockingEventFdOfAPeerIsMadeNonBlocking() {
        Fd peers = posix.eventfd(0, 0);
        assertEquals(0, posix.fileFlags(peers) & Linux.O_NONBLOCK);
        try (EventFd event = EventFd.adopt(posix, peers)) {
            assertEquals(Linux.O_NONBLOCK, posix.fileFlags(peers) & Linux.O_NONBLOCK);
            assertEquals(0, event.drain());
        }
    }

    @Test
    void whatIsNotAnEventFdIsFoundOutAtItsFirstUse() {
        UnixConnection[] ends = UnixConnection.pair(posix);
        try (UnixConnection left = ends[0];
                EventFd wrong = EventFd.adopt(posix, ends[1].fd().duplicate())) {
            ends[1].close();
            left.shutdown();
            PosixException e = assertThrows(PosixException.class, wrong::drain);
            assertTrue(e.getMessage().endsWith("It gave 0 bytes, so it is not an eventfd"), e.getMessage());
        }
    }

    @Test
    void aSaturatedCounterStaysRaised() {
        try (EventFd event = EventFd.create(posix)) {
            var value = java.lang.foreign.Arena.ofAuto().allocate(8);
            value.set(java.lang.foreign.ValueLayout.JAVA_LONG, 0, -2L); // the largest value that fits
            assertEquals(8, posix.write(event.fd(), value, 0, 8));
            event.signal();
            assertEquals(-2L, event.drain());
        }
    }

    @Test
    void aSignalOfAnotherThreadWakesTheWaiter() throws InterruptedException {
        try (EventFd event = EventFd.create(posix);
                Epoll epoll = Epoll.create(posix, 8)) {
            epoll.add(event.fd(), Linux.EPOLLIN, 0xFEDC_BA98_7654_3210L);
            Thread other = Thread.ofPlatform().start(event::signal);
            assertEquals(1, epoll.await(-1));
            assertEquals(0xFEDC_BA98_7654_3210L, epoll.token(0));
            assertEquals(Linux.EPOLLIN, epoll.events(0));
            assertEquals(1, event.drain());
            other.join();
        }
    }

    @Test
    void aWaitInNanosecondsEndsByTheTimeOrByASignal() throws InterruptedException {
        try (EventFd event = EventFd.create(posix);
                Epoll epoll = Epoll.create(posix, 8)) {
            epoll.add(event.fd(), Linux.EPOLLIN | Linux.EPOLLET, 7);
            long start = System.nanoTime();
            assertEquals(0, epoll.awaitNanos(20_000));
            assertTrue(System.nanoTime() - start >= 20_000, "back before the time");
            assertEquals(0, epoll.awaitNanos(0));
            Thread other = Thread.ofPlatform().start(event::signal);
            assertEquals(1, epoll.awaitNanos(3_600_000_000_000L));
            assertEquals(7, epoll.token(0));
            other.join();
            assertEquals(0, epoll.awaitNanos(20_000), "an edge is told once");
        }
    }

    @Test
    void theReadySetIsReplacedByEachWait() {
        try (EventFd first = EventFd.create(posix);
                EventFd second = EventFd.create(posix);
                Epoll epoll = Epoll.create(posix, 8)) {
            epoll.add(first.fd(), Linux.EPOLLIN, 1);
            epoll.add(second.fd(), Linux.EPOLLIN, 2);
            first.signal();
            second.signal();
            assertEquals(2, epoll.await(0));
            assertEquals(3, epoll.token(0) + epoll.token(1));
            first.drain();
            assertEquals(1, epoll.await(0));
            assertEquals(2, epoll.token(0));
            assertThrows(IndexOutOfBoundsException.class, () -> epoll.token(1));
            epoll.modify(second.fd(), Linux.EPOLLOUT, 22);
            assertEquals(1, epoll.await(0));
            assertEquals(22, epoll.token(0));
            assertEquals(Linux.EPOLLOUT, epoll.events(0));
            epoll.remove(second.fd());
            assertEquals(0, epoll.await(0));
        }
    }

    @Test
    void moreThanFitComeWithTheNextWait() {
        try (EventFd first = EventFd.create(posix);
                EventFd second = EventFd.create(posix);
                Epoll epoll = Epoll.create(posix, 1)) {
            epoll.add(first.fd(), Linux.EPOLLIN | Linux.EPOLLET, 1);
            epoll.add(second.fd(), Linux.EPOLLIN | Linux.EPOLLET, 2);
            first.signal();
            second.signal();
            assertEquals(1, epoll.await(0));
            long one = epoll.token(0);
            assertEquals(1, epoll.await(0));
            assertEquals(3, one + epoll.token(0));
            assertEquals(0, epoll.await(0));
        }
    }

    @Test
    void aWaitEndsWithItsTimeout() {
        try (EventFd event = EventFd.create(posix);
                Epoll epoll = Epoll.create(posix, 1)) {
            assertEquals(0, epoll.await(1));
            assertEquals(0, posix.poll(event.fd(), Linux.POLLIN, 1));
            event.signal();
            assertEquals(Linux.POLLIN, posix.poll(event.fd(), Linux.POLLIN, -1));
        }
    }

    @Test
    void aClosedSetSaysSo() {
        Epoll epoll = Epoll.create(posix, 1);
        epoll.close();
        assertThrows(IllegalStateException.class, () -> epoll.await(0));
    }

    @Test
    void theSizeOfAReadySetIsBounded() {
        assertThrows(IllegalArgumentException.class, () -> Epoll.create(posix, 0));
        assertThrows(IllegalArgumentException.class, () -> Epoll.create(posix, 4097));
    }

    @Test
    void threadsKnowTheirNumbersAndAffinity() throws InterruptedException {
        assertEquals(ProcessHandle.current().pid(), posix.pid());
        assertTrue(posix.tid() > 0);
        Thread thread = Thread.ofPlatform().start(() -> {
            BitSet first = new BitSet();
            first.set(0);
            posix.setAffinity(first);
        });
        thread.join();
        assertThrows(IllegalArgumentException.class, () -> posix.setAffinity(new BitSet()));
        Thread virtual = Thread.ofVirtual().unstarted(() -> {
            BitSet first = new BitSet();
            first.set(0);
            assertThrows(IllegalStateException.class, () -> posix.setAffinity(first));
            try (EventFd event = EventFd.create(posix)) {
                event.signal();
                assertEquals(1, event.drain());
            }
        });
        AssertionError[] failure = new AssertionError[1];
        virtual.setUncaughtExceptionHandler((t, e) -> failure[0] = new AssertionError(e));
        virtual.start();
        virtual.join();
        assertEquals(null, failure[0]);
    }
}
