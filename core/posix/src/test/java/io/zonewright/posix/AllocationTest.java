package io.zonewright.posix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The data path allocates nothing once it is warm. */
class AllocationTest {
    private static final int WARM_UP = 100_000;
    private static final int ATTEMPTS = 6;
    private static final int ROUNDS = 1_000_000;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final Posix posix = Posix.system();

    /**
     * Runs rounds until as many as asked for, in a row, allocate nothing but what late compilation may cost: a byte in a
     * hundred. A busy machine compiles late, so there are several attempts; a forgotten object fails them all.
     */
    private static void assertAllocatesNothing(String what, int rounds, Runnable round) {
        long thread = Thread.currentThread().threadId();
        long bytes = Long.MAX_VALUE;
        for (int attempt = 0; attempt < ATTEMPTS && bytes > rounds / 100; attempt++) {
            for (int i = 0; i < WARM_UP; i++) {
                round.run();
            }
            long before = THREADS.getThreadAllocatedBytes(thread);
            for (int i = 0; i < rounds; i++) {
                round.run();
            }
            bytes = THREADS.getThreadAllocatedBytes(thread) - before;
        }
        assertTrue(bytes <= rounds / 100, what + ": " + bytes + " bytes in " + rounds + " rounds");
    }

    @Test
    void wakingAndWaiting() {
        try (EventFd event = EventFd.create(posix);
                Epoll epoll = Epoll.create(posix, 16)) {
            epoll.add(event.fd(), Linux.EPOLLIN, 7);
            long[] signals = new long[2];
            assertAllocatesNothing("eventfd and epoll", ROUNDS, () -> {
                event.signal();
                signals[0]++;
                if (epoll.await(-1) == 1 && epoll.token(0) == 7) {
                    signals[1] += event.drain();
                }
            });
            assertEquals(signals[0], signals[1]);
        }
    }

    /** Compilers inline only so many levels, and what is cut there must not bring objects back. */
    @Test
    void wakingAndWaitingFarDown() {
        try (EventFd event = EventFd.create(posix);
                Epoll epoll = Epoll.create(posix, 16)) {
            epoll.add(event.fd(), Linux.EPOLLIN, 7);
            Runnable round = () -> {
                event.signal();
                epoll.await(-1);
                event.drain();
            };
            assertAllocatesNothing("4 levels down", 200_000, () -> four(round));
            assertAllocatesNothing("8 levels down", 200_000, () -> eight(round));
        }
    }

    private static void one(Runnable round) {
        round.run();
    }

    private static void two(Runnable round) {
        one(round);
    }

    private static void three(Runnable round) {
        two(round);
    }

    private static void four(Runnable round) {
        three(round);
    }

    private static void five(Runnable round) {
        four(round);
    }

    private static void six(Runnable round) {
        five(round);
    }

    private static void seven(Runnable round) {
        six(round);
    }

    private static void eight(Runnable round) {
        seven(round);
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
    void tcp() {
        InetSocketAddress any = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0);
        try (TcpListener listener = TcpListener.bind(posix, any, 1);
                TcpConnection left = TcpConnection.connect(posix, listener.address(), 5_000);
                TcpConnection right = Objects.requireNonNull(listener.accept());
                Mapping mapping = Mapping.anonymous(posix, 4096)) {
            MemorySegment memory = mapping.segment();
            IoVecs vectors = new IoVecs(4);
            left.setNoDelay(true);
            assertAllocatesNothing("tcp", 100_000, () -> {
                vectors.clear();
                vectors.add(memory, 0, 24);
                vectors.add(memory, 512, 100);
                left.send(vectors);
                long left124 = 124;
                while (left124 > 0) {
                    long count = right.receive(memory, 1024, left124);
                    left124 -= Math.max(0, count);
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
