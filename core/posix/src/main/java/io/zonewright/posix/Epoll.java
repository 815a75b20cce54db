package io.zonewright.posix;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;

/**
 * Waits for many descriptors; see epoll(7). Each is registered with a token of the caller's choice, and the ready set of
 * the last wait is read by index: {@code for (int i = 0, n = epoll.await(-1); i < n; i++) use(epoll.token(i))}.
 *
 * <p>Descriptors may be added and removed by any thread. One thread waits and reads the ready set.
 */
public final class Epoll implements AutoCloseable {
    private static final int MAX_READY = 4096;
    private static final ValueLayout.OfLong DATA = ValueLayout.JAVA_LONG.withByteAlignment(4);

    private final Posix posix;
    private final Fd fd;
    private final MemorySegment memory;
    private final long[] tokens;
    private final int[] events;
    private int ready;

    private Epoll(Posix posix, Fd fd, int maxReady) {
        this.posix = posix;
        this.fd = fd;
        this.memory = Arena.ofAuto().allocate(Layouts.EPOLL_EVENT_SIZE * maxReady, Long.BYTES);
        this.tokens = new long[maxReady];
        this.events = new int[maxReady];
    }

    /**
     * A new, empty set.
     *
     * @param maxReady how many ready descriptors one wait tells at most, 1 to 4096; the others come with the next
     */
    public static Epoll create(Posix posix, int maxReady) {
        if (maxReady < 1 || maxReady > MAX_READY) {
            throw new IllegalArgumentException("maxReady " + maxReady + " is not within 1.." + MAX_READY);
        }
        return new Epoll(posix, posix.epollCreate(), maxReady);
    }

    /** Adds a descriptor with a set of {@code EPOLL*} events; errors and hang-ups are always told. */
    public void add(Fd watched, int interest, long token) {
        posix.epollControl(fd, Linux.EPOLL_CTL_ADD, watched.number(), interest, token);
    }

    /** Changes events and token of a descriptor that was added. */
    public void modify(Fd watched, int interest, long token) {
        posix.epollControl(fd, Linux.EPOLL_CTL_MOD, watched.number(), interest, token);
    }

    /**
     * Removes a descriptor; to be done before it is closed, since the kernel watches the open file as long as anybody
     * (a peer that sent it, too) holds it open.
     */
    public void remove(Fd watched) {
        posix.epollControl(fd, Linux.EPOLL_CTL_DEL, watched.number(), 0, 0);
    }

    /** Waits, for ever with -1, not at all with 0: how many are ready. Replaces the ready set. */
    public int await(int timeoutMillis) {
        ready = 0;
        int count = posix.epollWait(fd, memory, tokens.length, timeoutMillis);
        for (int i = 0; i < count; i++) {
            long at = i * Layouts.EPOLL_EVENT_SIZE;
            events[i] = memory.get(ValueLayout.JAVA_INT, at + Layouts.EPOLL_EVENTS);
            tokens[i] = memory.get(DATA, at + Layouts.EPOLL_DATA);
        }
        ready = count;
        return count;
    }

    /**
     * As {@link #await} with 0, but waits for something to be ready for at most {@code nanos} nanoseconds; may return early.
     * Costs two system calls when there is something.
     */
    public int awaitNanos(long nanos) {
        if (nanos > 0 && !posix.readableWithin(fd, nanos)) {
            ready = 0;
            return 0;
        }
        return await(0);
    }

    /** The token of the ready descriptor at {@code index}. */
    public long token(int index) {
        return tokens[Objects.checkIndex(index, ready)];
    }

    /** What happened to the ready descriptor at {@code index}, as a set of {@code EPOLL*}. */
    public int events(int index) {
        return events[Objects.checkIndex(index, ready)];
    }

    /** The set itself, which can be waited for in another set; this object stays its owner. */
    public Fd fd() {
        return fd;
    }

    @Override
    public void close() {
        fd.close();
    }
}
