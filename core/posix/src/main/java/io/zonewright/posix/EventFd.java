package io.zonewright.posix;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A counter in the kernel that one side raises and the other waits for; see eventfd(2). Never blocks. Any thread may
 * signal; any thread may drain.
 */
public final class EventFd implements AutoCloseable {
    /** What every signal writes; never written to after this. */
    private static final MemorySegment ONE = one();

    private final Posix posix;
    private final Fd fd;

    private EventFd(Posix posix, Fd fd) {
        this.posix = posix;
        this.fd = fd;
    }

    private static MemorySegment one() {
        MemorySegment memory = Arena.global().allocate(ValueLayout.JAVA_LONG);
        memory.set(ValueLayout.JAVA_LONG, 0, 1);
        return memory.asReadOnly();
    }

    /** A new counter at 0. */
    public static EventFd create(Posix posix) {
        return new EventFd(posix, posix.eventfd(0, Linux.EFD_NONBLOCK));
    }

    /**
     * Takes over a descriptor that a peer sent for kicks or interrupts, and makes it non-blocking. That it really is an
     * eventfd is not checked: most other files fail at their first use. On failure the descriptor is closed.
     */
    public static EventFd adopt(Posix posix, Fd fd) {
        try {
            posix.setNonBlocking(fd, true);
        } catch (RuntimeException e) {
            fd.close();
            throw e;
        }
        return new EventFd(posix, fd);
    }

    /** Adds one. A counter at its maximum stays there: its reader has not looked yet, and will find it raised. */
    public void signal() {
        posix.write(fd, ONE, 0, Long.BYTES);
    }

    /** Takes the whole count, 0 if nobody signalled since the last time. */
    public long drain() {
        MemorySegment value = Scratch.current().memory;
        long result = posix.read(fd, value, 0, Long.BYTES);
        if (result == Long.BYTES) {
            return value.get(ValueLayout.JAVA_LONG, 0);
        }
        if (result != Posix.AGAIN) {
            // A pipe whose writer is gone, say: it would stay readable for ever.
            throw new PosixException(
                    "read",
                    "fd=" + fd + ", length=" + Long.BYTES,
                    Errno.EINVAL.number(),
                    "It gave " + result + " bytes, so it is not an eventfd");
        }
        return 0;
    }

    /** The descriptor, for {@link Epoll} or to be sent to a peer; this object stays its owner. */
    public Fd fd() {
        return fd;
    }

    @Override
    public void close() {
        fd.close();
    }
}
