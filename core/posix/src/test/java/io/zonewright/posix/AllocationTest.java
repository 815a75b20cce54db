package io.zonewright.posix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/** The data path allocates nothing once it is warm. */
class AllocationTest {
    private static final int WARM_UP = 200_000;
    private static final int ROUNDS = 1_000_000;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final Posix posix = Posix.system();

    /** One byte in a hundred calls is what late compilation may cost; a forgotten object costs sixteen a call. */
    private static void assertAllocatesNothing(String what, int rounds, Runnable round) {
        for (int i = 0; i < WARM_UP; i++) {
            round.run();
        }
        long thread = Thread.currentThread().threadId();
        long before = THREADS.getThreadAllocatedBytes(thread);
        for (int i = 0; i < rounds; i++) {
            round.run();
        }
        long bytes = THREADS.getThreadAllocatedBytes(thread) - before;
        assertTrue(bytes <= rounds / 100, what + ": " + bytes + " bytes in " + rounds + " rounds");
    }

    @Test
    void wakingAndWaiting() {
        try (EventFd event = EventFd.create(posix);
                Epoll epoll = Epoll.create(posix, 16)) {
            epoll.add(event.fd(), Linux.EPOLLIN, 7);
            long[] sum = new long[1];
            assertAllocatesNothing("eventfd and epoll", ROUNDS, () -> {
                event.signal();
                int ready = epoll.await(-1);
                for (int i = 0; i < ready; i++) {
                    sum[0] += epoll.token(i);
                }
                sum[0] += event.drain();
            });
            assertEquals(8L * (ROUNDS + WARM_UP), sum[0]);
        }
    }

    @Test
    void filesAndVectors() {
        try (Mapping mapping = MappedFile.inMemory(posix, "zw-test", 1 << 20);
                Fd file = posix.memfd("zw-test", 0)) {
            MemorySegment memory = mapping.segment();
            IoVecs vectors = new IoVecs(4);
            assertAllocatesNothing("files", 200_000, () -> {
                posix.pwrite(file, memory, 512, 512, 0);
                posix.pread(file, memory, 1024, 512, 0);
                vectors.clear();
                vectors.add(memory, 0, 100);
                vectors.add(memory, 4096, 100);
                vectors.advance(posix.pwritev(file, vectors, 0));
                if (!mapping.isBacked()) {
                    throw new AssertionError();
                }
            });
        }
    }

    @Test
    void sockets() {
        UnixConnection[] ends = UnixConnection.pair(posix);
        try (UnixConnection left = ends[0];
                UnixConnection right = ends[1];
                Mapping mapping = Mapping.anonymous(posix, 4096);
                FdBatch fds = new FdBatch(posix, 8)) {
            MemorySegment memory = mapping.segment();
            assertAllocatesNothing("sockets", 200_000, () -> {
                left.send(memory, 0, 12);
                right.receive(memory, 64, 12, fds);
                if (right.receive(memory, 64, 12, fds) != Posix.AGAIN) {
                    throw new AssertionError();
                }
            });
        }
    }
}
