package io.zonewright.backend.linuxzbd.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.zonewright.api.request.DeviceRequest;
import io.zonewright.api.request.Operation;
import io.zonewright.backend.linuxzbd.data.DataPathOptions.Mode;
import io.zonewright.posix.Errno;
import io.zonewright.posix.Fd;
import io.zonewright.posix.Linux;
import io.zonewright.posix.Posix;
import io.zonewright.posix.Syscalls;
import io.zonewright.posix.fake.ScriptedSyscalls;
import io.zonewright.runtime.AdaptiveIdle;
import io.zonewright.runtime.PollLoop;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What io_uring does otherwise than threads: rings of queue loops, and being unavailable. */
class UringDataPathTest {
    private static final Posix POSIX = Posix.system();
    private static final DataPathOptions OPTIONS = DataPathOptions.of(512, "test")
            .withMode(Mode.IO_URING)
            .withQueue(8, 1)
            .withBounce(2, 4096);

    @TempDir
    Path directory;

    private Fd file() {
        Fd fd = POSIX.open(directory.resolve("disk"), Linux.O_RDWR | Linux.O_CREAT, 0600);
        POSIX.ftruncate(fd, 1 << 20);
        return fd;
    }

    private static PollLoop loop() {
        return PollLoop.start("loop", new AdaptiveIdle(0, System::nanoTime), POSIX); // always asleep when idle
    }

    /** More than the ring and the bounce buffers take at once. */
    private static void many(DataPath path, PollLoop loop, MemorySegment memory) throws InterruptedException {
        for (Operation operation : List.of(Operation.WRITE, Operation.READ)) {
            List<Asked> all = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                MemorySegment span = memory.asSlice(i * 1024L + (i & 1), 512);
                span.fill(operation == Operation.WRITE ? (byte) (i + 1) : 0);
                all.add(Asked.of(operation, 512L * i, span));
            }
            loop.run(() -> all.forEach(path::submit));
            for (int i = 0; i < all.size(); i++) {
                assertEquals("512 bytes, errno 0", all.get(i).await().result());
                MemorySegment span = memory.asSlice(i * 1024L + (i & 1), 512);
                assertEquals((byte) (i + 1), span.get(ValueLayout.JAVA_BYTE, 0));
                assertEquals((byte) (i + 1), span.get(ValueLayout.JAVA_BYTE, 511));
            }
        }
    }

    /** Whatever leads back to it, such as what a thread remembers of it, would keep a whole device. */
    @Test
    void aLoopForgetsADeviceThatIsClosed() throws Exception {
        try (Arena arena = Arena.ofShared();
                Fd fd = file();
                PollLoop loop = loop()) {
            WeakReference<Outcome> device = usedAndClosed(loop, fd, arena);
            for (int i = 0; i < 100 && device.get() != null; i++) {
                System.gc();
            }
            assertNull(device.get(), "the loop keeps the device");
        }
    }

    private static WeakReference<Outcome> usedAndClosed(PollLoop loop, Fd fd, Arena arena) throws Exception {
        List<Long> moved = Collections.synchronizedList(new ArrayList<>());
        Outcome outcome = (request, bytes, errno) -> {
            moved.add(bytes);
            Asked.done(request, bytes, errno);
        };
        try (DataPath path = DataPaths.open(POSIX, fd, OPTIONS, outcome)) {
            Asked read = Asked.of(Operation.READ, 0, arena.allocate(512, 512));
            loop.run(() -> path.submit(read));
            assertEquals("512 bytes, errno 0", read.await().result());
        }
        assertEquals(List.of(512L), moved);
        return new WeakReference<>(outcome);
    }

    @Test
    void aQueueLoopHasARingOfItsOwn() throws Exception {
        List<String> threads = new ArrayList<>();
        Outcome outcome = (request, moved, errno) -> {
            threads.add(Thread.currentThread().getName());
            Asked.done(request, moved, errno);
        };
        try (Arena arena = Arena.ofShared();
                Fd fd = file();
                PollLoop loop = loop()) {
            try (DataPath path = DataPaths.open(POSIX, fd, OPTIONS, outcome)) {
                many(path, loop, arena.allocate(64 << 10, 4096));
                for (int i = 0; i < 20; i++) { // each finds the loop asleep, and so does its completion
                    Asked one = Asked.of(Operation.READ, 0, arena.allocate(512, 512));
                    loop.run(() -> path.submit(one));
                    assertEquals("512 bytes, errno 0", one.await().result());
                }
                assertEquals(100, threads.size());
                assertEquals(List.of("loop"), threads.stream().distinct().toList());
                assertEquals(40, path.counters().bouncedRequests());
            }
            loop.run(() -> {}); // it goes on without the ring
        }
    }

    @Test
    void aLoopMayEndBeforeThePath() throws Exception {
        try (Arena arena = Arena.ofShared();
                Fd fd = file();
                DataPath path = DataPaths.open(POSIX, fd, OPTIONS, Asked::done)) {
            try (PollLoop loop = loop()) {
                many(path, loop, arena.allocate(64 << 10, 4096));
            }
        }
    }

    /**
     * A read that waits in the kernel when its loop ends is still answered, and what its completion starts is not left behind:
     * it may be another front-end's.
     */
    @Test
    void nothingIsLeftBehindByALoopThatEnds() throws Exception {
        Path fifo = directory.resolve("fifo");
        assertEquals(0, new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor());
        DataPath[] paths = new DataPath[1];
        try (Arena arena = Arena.ofShared();
                Fd fd = POSIX.open(fifo, Linux.O_RDWR, 0)) {
            Asked first = Asked.of(Operation.READ, 0, arena.allocate(512, 512));
            Asked second = Asked.of(Operation.READ, 0, arena.allocate(512, 512));
            Outcome outcome = (request, moved, errno) -> {
                if (request.equals(first)) {
                    paths[0].submit(second);
                }
                Asked.done(request, moved, errno);
            };
            try (DataPath path = DataPaths.open(POSIX, fd, OPTIONS, outcome)) {
                paths[0] = path;
                PollLoop loop = loop();
                loop.run(() -> path.submit(first));
                Thread closing = Thread.ofPlatform().start(loop::close);
                closing.join(200); // it may not end before the read does
                Files.write(fifo, new byte[512]);
                assertEquals("512 bytes, errno 0", first.await().result());
                closing.join(10_000);
                assertFalse(closing.isAlive(), "waits for a read that is not the ring's");
                assertThrows(IllegalStateException.class, () -> loop.run(() -> {}));
                Files.write(fifo, new byte[512]);
                assertEquals("512 bytes, errno 0", second.await().result());
            }
        }
    }

    /** As a front-end does it: the next request from the completion of the last one, on the loop. */
    @Test
    void nothingIsAllocatedPerRequest() throws Exception {
        ThreadMXBean beans = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        int requests = 20_000;
        AtomicLong left = new AtomicLong();
        DataPath[] paths = new DataPath[1];
        Outcome again = (request, moved, errno) -> {
            if (left.getAndDecrement() > 1) {
                paths[0].submit(request);
            } else {
                Asked.done(request, moved, errno);
            }
        };
        try (Arena arena = Arena.ofShared();
                Fd fd = file();
                PollLoop loop = loop();
                DataPath path = DataPaths.open(POSIX, fd, OPTIONS, again)) {
            paths[0] = path;
            double perRequest = Double.MAX_VALUE;
            Asked one = Asked.of(Operation.READ, 0, arena.allocate(4096, 4096));
            for (int attempt = 0; attempt < 12 && perRequest >= 1; attempt++) {
                left.set(requests);
                long before = beans.getTotalThreadAllocatedBytes();
                loop.run(() -> path.submit(one));
                one.await();
                perRequest = (double) (beans.getTotalThreadAllocatedBytes() - before) / requests;
            }
            assertTrue(perRequest < 1, perRequest + " bytes per request");
        }
    }

    @Test
    void withoutIoUringThereAreThreads() throws Exception {
        ScriptedSyscalls script = ScriptedSyscalls.over(Syscalls.system()).failAlways("io_uring_setup", Errno.ENOSYS);
        Posix posix = new Posix(script);
        try (Fd fd = file()) {
            IOException refused =
                    assertThrows(IOException.class, () -> DataPaths.open(posix, fd, OPTIONS, Asked::done));
            assertEquals(
                    "io_uring cannot be used here: this kernel has no io_uring, or a sandbox (seccomp) hides it (ENOSYS)",
                    refused.getMessage());
            try (DataPath path = DataPaths.open(posix, fd, OPTIONS.withMode(Mode.AUTO), Asked::done)) {
                assertEquals("threads", path.counters().mode());
                DeviceRequest flush = Asked.of(Operation.FLUSH, 0);
                path.submit(flush);
                assertEquals("0 bytes, errno 0", ((Asked) flush).await().result());
            }
        }
    }

    @Test
    void aLoopThatGetsNoRingSharesOne() throws Exception {
        ScriptedSyscalls script = ScriptedSyscalls.over(Syscalls.system());
        script.pass("io_uring_setup").failAlways("io_uring_setup", Errno.EMFILE);
        try (Arena arena = Arena.ofShared();
                Fd fd = file();
                PollLoop loop = loop();
                DataPath path = DataPaths.open(new Posix(script), fd, OPTIONS, Asked::done)) {
            many(path, loop, arena.allocate(64 << 10, 4096));
        }
    }
}
