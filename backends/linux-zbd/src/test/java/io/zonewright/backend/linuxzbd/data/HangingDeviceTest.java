package io.zonewright.backend.linuxzbd.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.api.request.Operation;
import io.zonewright.backend.linuxzbd.data.DataPathOptions.Mode;
import io.zonewright.posix.Errno;
import io.zonewright.posix.EventFd;
import io.zonewright.posix.Posix;
import io.zonewright.posix.PosixException;
import io.zonewright.posix.Syscalls;
import io.zonewright.posix.fake.ScriptedSyscalls;
import io.zonewright.runtime.AdaptiveIdle;
import io.zonewright.runtime.PollLoop;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A device that does not answer, played by an eventfd that nobody signals, and a kernel that cannot be entered. */
@Timeout(60)
class HangingDeviceTest {
    private static final Posix POSIX = Posix.system();
    private static final DataPathOptions OPTIONS = DataPathOptions.of(512, "test")
            .withMode(Mode.IO_URING)
            .withQueue(4, 2)
            .withBounce(1, 4096)
            .withClosePatience(Duration.ofMillis(50));

    /** The kernel may write there for as long as this process lives. */
    private final MemorySegment memory = Arena.global().allocate(8192, 4096);

    private static EventFd hanging() {
        EventFd device = EventFd.create(POSIX);
        POSIX.setNonBlocking(device.fd(), false);
        return device;
    }

    private static PollLoop loop() {
        return PollLoop.start("loop", new AdaptiveIdle(0, System::nanoTime), POSIX);
    }

    /** With two under way, one of them again by a bounce buffer that a third waits for. */
    private Asked[] reads() {
        return new Asked[] {
            Asked.of(Operation.READ, 0, memory.asSlice(0, 512)),
            Asked.of(Operation.READ, 512, memory.asSlice(513, 512)),
            Asked.of(Operation.READ, 1024, memory.asSlice(1537, 512))
        };
    }

    private static void awaitCall(ScriptedSyscalls script, String call, int count) {
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (script.count(call) < count) {
            assertTrue(System.nanoTime() - deadline < 0, call + " was not called " + count + " times");
            LockSupport.parkNanos(100_000);
        }
    }

    @Test
    void whatDoesNotEndIsCancelled() throws Exception {
        try (EventFd device = hanging()) {
            DataPath path = DataPaths.open(POSIX, device.fd(), OPTIONS, Asked::done);
            Asked[] reads = reads();
            for (Asked read : reads) {
                path.submit(read);
            }
            path.close();
            for (Asked read : reads) {
                assertEquals("0 bytes, errno 125", read.await().result());
            }
        }
    }

    @Test
    void onTheRingOfALoopToo() throws Exception {
        try (EventFd device = hanging();
                PollLoop loop = loop()) {
            DataPath path = DataPaths.open(POSIX, device.fd(), OPTIONS, Asked::done);
            Asked[] reads = reads();
            loop.run(() -> {
                for (Asked read : reads) {
                    path.submit(read);
                }
            });
            path.close();
            assertEquals("0 bytes, errno 125", reads[0].await().result());
            assertEquals("0 bytes, errno 125", reads[1].await().result());
            reads[2].await();
            assertTrue(reads[2].errno == 125 || reads[2].errno == 108, reads[2].result());
            loop.run(() -> {}); // it goes on without the ring
        }
    }

    @Test
    void whatTheKernelKeepsIsLeftToIt() throws Exception {
        ScriptedSyscalls script = ScriptedSyscalls.over(Syscalls.system());
        try (EventFd device = hanging()) {
            DataPath path = DataPaths.open(new Posix(script), device.fd(), OPTIONS, Asked::done);
            awaitCall(script, "io_uring_enter", 1);
            Asked read = Asked.of(Operation.READ, 0, memory.asSlice(0, 512));
            path.submit(read);
            awaitCall(script, "io_uring_enter", 2);
            // No cancellation reaches the kernel from here on.
            script.failAlways("io_uring_enter", Errno.EINTR);
            path.close();
            assertEquals("-1 bytes, errno -1", read.result(), "never done: its memory is the kernel's");
        }
    }

    @Test
    void onTheRingOfALoopTooAndWhatWaitsIsRefused() throws Exception {
        ScriptedSyscalls script = ScriptedSyscalls.over(Syscalls.system());
        try (EventFd device = hanging();
                PollLoop loop = loop()) {
            DataPath path = DataPaths.open(new Posix(script), device.fd(), OPTIONS.withQueue(1, 2), Asked::done);
            awaitCall(script, "io_uring_enter", 1); // the ring that has a thread
            Asked read = Asked.of(Operation.READ, 0, memory.asSlice(0, 512));
            Asked waits = Asked.of(Operation.READ, 512, memory.asSlice(512, 512));
            loop.run(() -> {
                path.submit(read);
                path.submit(waits);
            });
            awaitCall(script, "io_uring_enter", 2);
            script.failAlways("io_uring_enter", Errno.EINTR);
            path.close();
            assertEquals("-1 bytes, errno -1", read.result(), "never done: its memory is the kernel's");
            assertEquals("0 bytes, errno 108", waits.await().result());
        }
    }

    @Test
    void aRingThatCannotEnterTheKernelFailsItsRequests() throws Exception {
        ScriptedSyscalls script = ScriptedSyscalls.over(Syscalls.system()).failAlways("io_uring_enter", Errno.EINVAL);
        try (EventFd device = hanging();
                PollLoop loop = loop();
                DataPath path = DataPaths.open(new Posix(script), device.fd(), OPTIONS, Asked::done)) {
            for (int i = 0; i < 3; i++) {
                Asked byLoop = Asked.of(Operation.READ, 0, memory.asSlice(0, 512));
                loop.run(() -> path.submit(byLoop));
                assertEquals("0 bytes, errno 5", byLoop.await().result());
                Asked byThread = Asked.of(Operation.READ, 0, memory.asSlice(0, 512));
                path.submit(byThread);
                assertEquals("0 bytes, errno 5", byThread.await().result());
            }
        }
    }

    @Test
    void theLogHearsOfItAtABoundedRate() {
        AtomicLong now = new AtomicLong(-5);
        EnterTrouble trouble = new EnterTrouble(now::get);
        PosixException cause = new PosixException("io_uring_enter", "fd=7", Errno.EINVAL.number(), null);
        for (int i = 1; i < 16; i++) {
            assertFalse(trouble.failed("ring", cause), "time " + i);
        }
        assertTrue(trouble.failed("ring", cause));
        assertTrue(trouble.failed("ring", cause));
        assertEquals(1, trouble.told());
        now.addAndGet(9_999_999_999L);
        trouble.failed("ring", cause);
        assertEquals(1, trouble.told());
        now.addAndGet(1);
        trouble.failed("ring", cause);
        assertEquals(2, trouble.told());
        trouble.over();
        assertFalse(trouble.failed("ring", cause), "counted from the start again");
        assertEquals(2, trouble.told());
    }

    @Test
    void threadsThatHangAreLeftAloneAndWhatWaitsIsRefused() throws Exception {
        CountDownLatch answers = new CountDownLatch(1);
        ScriptedSyscalls script = ScriptedSyscalls.over(Syscalls.system());
        for (int i = 0; i < 2; i++) {
            script.answer("preadv2", arguments -> {
                try {
                    answers.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                return 512;
            });
        }
        try (EventFd device = hanging()) {
            DataPath path = DataPaths.open(new Posix(script), device.fd(), OPTIONS.withMode(Mode.THREADS), Asked::done);
            Asked[] reads = new Asked[3];
            for (int i = 0; i < 3; i++) {
                reads[i] = Asked.of(Operation.READ, 512L * i, memory.asSlice(512L * i, 512));
                path.submit(reads[i]);
            }
            awaitCall(script, "preadv2", 2);
            path.close();
            assertEquals("0 bytes, errno 108", reads[2].await().result());
            assertEquals(-1, reads[0].errno);
            answers.countDown();
            assertEquals("512 bytes, errno 0", reads[0].await().result(), "late, but once");
            assertEquals("512 bytes, errno 0", reads[1].await().result());
        }
    }
}
