package io.zonewright.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.posix.EventFd;
import io.zonewright.posix.Fd;
import io.zonewright.posix.Posix;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class PollLoopTest {
    private final List<String> events = new ArrayList<>();

    @Test
    void aRoundRunsTasksFirstAndThenEachMemberOnce() {
        PollLoop loop = PollLoop.byHand("test");
        loop.add(new Member("a"));
        loop.add(new Member("b"));
        loop.execute(() -> events.add("task"));
        assertEquals(1, loop.step(), "one task, and members without work");
        assertEquals(List.of("task", "poll a", "poll b"), events);
    }

    @Test
    void aMemberThatThrowsIsBlamedAloneAndRemoved() {
        PollLoop loop = PollLoop.byHand("test");
        Member bad = new Member("bad");
        bad.thrown = new InternalError("a fault occurred in an unsafe memory access operation");
        loop.add(bad);
        loop.add(new Member("good"));
        loop.step();
        loop.step();
        assertEquals(List.of("poll bad", "failed bad", "poll good", "poll good"), events);
        assertSame(bad.thrown, bad.cause);
    }

    @Test
    void doesNotSleepWhenAMemberFindsWorkWhileArming() {
        FakeWaiter waiter = new FakeWaiter();
        PollLoop loop = onThisThread(waiter);
        Member member = new Member("m");
        member.workWhenArmed = true;
        loop.add(member);
        loop.sleep();
        assertEquals(0, waiter.waits);
        assertEquals(List.of("arm m", "disarm m"), events);
        member.workWhenArmed = false;
        loop.sleep();
        assertEquals(1, waiter.waits);
    }

    @Test
    void doesNotSleepOnATaskThatWasHandedOverMeanwhile() {
        FakeWaiter waiter = new FakeWaiter();
        PollLoop loop = onThisThread(waiter);
        Member member = new Member("m");
        member.onArm = () -> loop.execute(() -> events.add("task"));
        loop.add(member);
        loop.sleep();
        assertEquals(0, waiter.waits);
        assertEquals(1, waiter.wakes, "whoever saw the flag set wakes, once");
    }

    @Test
    void tellsHowMuchItsThreadAllocated() {
        PollLoop loop = PollLoop.start("allocating", new AdaptiveIdle(0, System::nanoTime), Posix.system());
        long before = loop.allocatedBytes();
        assertEquals(1 << 20, loop.call(() -> new byte[1 << 20]).length);
        long allocated = loop.allocatedBytes() - before;
        assertTrue(allocated >= 1 << 20 && allocated < 2 << 20, allocated + " bytes");
        loop.close();
        assertEquals(-1, loop.allocatedBytes());
    }

    @Test
    void wakingALoopThatIsAwakeCostsNothing() {
        FakeWaiter waiter = new FakeWaiter();
        PollLoop loop = onThisThread(waiter);
        loop.wake();
        loop.execute(() -> {});
        assertEquals(0, waiter.wakes);
    }

    @Test
    void membersBelongToTheLoopsThread() throws InterruptedException {
        PollLoop loop = PollLoop.byHand("test");
        Thread other = Thread.ofPlatform().start(() -> {
            try {
                loop.add(new Member("m"));
            } catch (IllegalStateException e) {
                events.add(e.getMessage());
            }
        });
        other.join();
        assertEquals(List.of("not on the thread of loop test"), events);
    }

    /** Never polls on; naps of a given length. */
    private record Napping(long napNanos) implements IdleStrategy {
        @Override
        public void worked() {}

        @Override
        public boolean spin() {
            return false;
        }

        @Override
        public void slept(long nanos) {
            throw new IllegalStateException("a loop that naps does not sleep");
        }
    }

    @Test
    @Timeout(20)
    void wakingEndsANap() {
        try (PollLoop loop = PollLoop.start("napping", new Napping(TimeUnit.HOURS.toNanos(1)), Posix.system())) {
            for (int i = 0; i < 200; i++) {
                int number = i;
                assertEquals(number, loop.call(() -> number));
            }
        }
    }

    @Test
    @Timeout(20)
    void aWatchedDescriptorEndsANapAndSoDoesWaking() throws InterruptedException {
        Posix posix = Posix.system();
        try (EventFd completions = EventFd.create(posix);
                PollLoop loop = PollLoop.start("napping", new Napping(TimeUnit.HOURS.toNanos(1)), posix)) {
            Semaphore naps = new Semaphore(0);
            Member member = new Member("m");
            member.onDisarm = naps::release;
            loop.run(() -> {
                loop.watch(completions.fd());
                loop.add(member);
            });
            for (int i = 0; i < 20; i++) {
                naps.drainPermits();
                completions.signal();
                assertTrue(naps.tryAcquire(10, TimeUnit.SECONDS), "the nap goes on");
                int number = i;
                assertEquals(number, loop.call(() -> number));
            }
            loop.run(() -> loop.unwatch(completions.fd()));
        }
    }

    @Test
    @Timeout(20)
    void aNapEndsByItself() throws InterruptedException {
        try (PollLoop loop = PollLoop.start("napping", new Napping(TimeUnit.MILLISECONDS.toNanos(1)), Posix.system())) {
            CountDownLatch naps = new CountDownLatch(5);
            Member member = new Member("m");
            member.onDisarm = naps::countDown;
            loop.run(() -> loop.add(member));
            assertTrue(naps.await(10, TimeUnit.SECONDS), "members are polled again after each nap");
        }
    }

    @Test
    @Timeout(20)
    void aSleepingLoopWakesForTasksAndWatchedDescriptors() throws InterruptedException {
        Posix posix = Posix.system();
        PollLoop loop = PollLoop.start("test", new AdaptiveIdle(0, System::nanoTime), posix);
        try (EventFd kick = EventFd.create(posix)) {
            assertEquals("test", loop.call(() -> Thread.currentThread().getName()));
            for (int i = 0; i < 200; i++) {
                int number = i;
                assertEquals(number, loop.call(() -> number));
            }
            CountDownLatch kicked = new CountDownLatch(3);
            Member member = new Member("m");
            member.onDisarm = kicked::countDown;
            loop.run(() -> {
                loop.add(member);
                loop.watch(kick.fd());
            });
            // Never drained, yet each signal is an edge: every write wakes.
            for (long left = kicked.getCount(); left > 0; left = kicked.getCount()) {
                kick.signal();
                assertTrue(waitBelow(kicked, left), "woken by the descriptor");
            }
            loop.run(() -> {
                loop.unwatch(kick.fd());
                loop.remove(member);
            });
        } finally {
            loop.close();
        }
        assertThrows(IllegalStateException.class, () -> loop.call(() -> 1));
    }

    @Test
    @Timeout(20)
    void whatATaskThrowsReachesItsCaller() {
        PollLoop loop = PollLoop.start("test", new AdaptiveIdle(0, System::nanoTime), Posix.system());
        try {
            IllegalArgumentException thrown = assertThrows(
                    IllegalArgumentException.class,
                    () -> loop.run(() -> {
                        throw new IllegalArgumentException("wrong");
                    }));
            assertEquals("wrong", thrown.getMessage());
            assertEquals(2, loop.call(() -> 2), "the loop goes on");
        } finally {
            loop.close();
        }
    }

    @Test
    void aGroupHandsItsLoopsOutInTurn() {
        PollLoop first = PollLoop.byHand("0");
        PollLoop second = PollLoop.byHand("1");
        LoopGroup group = LoopGroup.of(first, second);
        assertSame(first, group.next());
        assertSame(second, group.next());
        assertSame(first, group.next());
        assertSame(second, group.loop(5));
        assertEquals(2, group.size());
    }

    private static boolean waitBelow(CountDownLatch latch, long value) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (latch.getCount() >= value) {
            if (System.nanoTime() - deadline > 0) {
                return false;
            }
            Thread.sleep(1);
        }
        return true;
    }

    private static PollLoop onThisThread(FakeWaiter waiter) {
        return PollLoop.onThisThread("test", new AdaptiveIdle(0, System::nanoTime), waiter);
    }

    private final class Member implements Pollable {
        private final String name;

        @Nullable
        Error thrown;

        @Nullable
        Throwable cause;

        boolean workWhenArmed;
        Runnable onArm = () -> {};
        Runnable onDisarm = () -> {};

        Member(String name) {
            this.name = name;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public int poll(int limit) {
            events.add("poll " + name);
            if (thrown != null) {
                throw thrown;
            }
            return 0;
        }

        @Override
        public boolean arm() {
            events.add("arm " + name);
            onArm.run();
            return workWhenArmed;
        }

        @Override
        public void disarm() {
            events.add("disarm " + name);
            onDisarm.run();
        }

        @Override
        public void failed(Throwable why) {
            events.add("failed " + name);
            cause = why;
        }
    }

    private static final class FakeWaiter implements Waiter {
        int waits;
        int wakes;

        @Override
        public void await() {
            waits++;
        }

        @Override
        public void await(long nanos) {
            waits++;
        }

        @Override
        public void wake() {
            wakes++;
        }

        @Override
        public void watch(Fd fd) {}

        @Override
        public void unwatch(Fd fd) {}

        @Override
        public void close() {}
    }
}
