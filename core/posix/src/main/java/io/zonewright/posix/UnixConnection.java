package io.zonewright.posix;

import java.io.EOFException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * One end of a connected Unix stream socket that carries bytes and file descriptors; see unix(7). Always non-blocking:
 * {@link #receive} and {@link #send} return at once, the {@code Fully} methods wait with a limit. Each call says so for
 * itself (MSG_DONTWAIT), since O_NONBLOCK belongs to the open file, and whoever passed us this end still holds it.
 *
 * <p>One thread may receive while another sends. The buffer of a call must stay mapped until it returns.
 */
public final class UnixConnection implements AutoCloseable {
    private static final Fd[] NO_FDS = {};

    private final Posix posix;
    private final Fd fd;

    UnixConnection(Posix posix, Fd fd) {
        this.posix = posix;
        this.fd = fd;
    }

    /** Connects to a listening socket. */
    public static UnixConnection connect(Posix posix, Path path) {
        Fd fd = posix.unixSocket(true);
        try {
            int result = posix.tryConnect(fd, path);
            if (result < 0) {
                throw Posix.failure("connect", "fd=" + fd + ", path=" + path, result);
            }
        } catch (RuntimeException e) {
            fd.close();
            throw e;
        }
        return new UnixConnection(posix, fd);
    }

    /** Takes over a connected socket and makes it non-blocking; on failure it is closed. */
    public static UnixConnection adopt(Posix posix, Fd fd) {
        try {
            posix.setNonBlocking(fd, true);
        } catch (RuntimeException e) {
            fd.close();
            throw e;
        }
        return new UnixConnection(posix, fd);
    }

    /** Two ends connected to each other, without a path (socketpair(2)). */
    public static UnixConnection[] pair(Posix posix) {
        Fd[] fds = posix.unixSocketPair();
        try {
            return new UnixConnection[] {adopt(posix, fds[0]), adopt(posix, fds[1])};
        } catch (RuntimeException e) {
            fds[0].close();
            fds[1].close();
            throw e;
        }
    }

    /**
     * Receives what is there, at most {@code length} bytes, and the descriptors that came with the first of them. The
     * kernel ends a read at bytes that have descriptors of their own, so these are never mixed up.
     *
     * @return the number of bytes, 0 if the peer has closed, {@link Posix#AGAIN} if there is nothing yet
     * @throws PosixException also if more descriptors came than fit in the batch; none of that message is kept then
     */
    public long receive(MemorySegment buffer, long start, long length, FdBatch fds) {
        return posix.receive(fd, buffer, start, length, fds, Linux.MSG_DONTWAIT);
    }

    /** Sends what fits now: the number of bytes, or {@link Posix#AGAIN}. */
    public long send(MemorySegment buffer, long start, long length) {
        return posix.send(fd, buffer, start, length, NO_FDS, Linux.MSG_DONTWAIT);
    }

    /**
     * Sends what fits now, with copies of descriptors, which stay the caller's. They go with the first byte: if any byte
     * was sent, all descriptors were.
     */
    public long send(MemorySegment buffer, long start, long length, Fd... fds) {
        if (length == 0 && fds.length > 0) {
            throw new IllegalArgumentException("descriptors travel with at least one byte");
        }
        return posix.send(fd, buffer, start, length, fds, Linux.MSG_DONTWAIT);
    }

    /**
     * Receives exactly {@code length} bytes, waiting at most {@code timeoutMillis} for all of them (-1: for ever).
     *
     * @return true, or false if the peer closed before the first byte
     * @throws EOFException if the peer closed in the middle
     * @throws PosixException ETIMEDOUT after the timeout, or what {@link #receive} throws
     */
    public boolean receiveFully(MemorySegment buffer, long start, long length, FdBatch fds, int timeoutMillis)
            throws EOFException {
        long began = System.nanoTime();
        long done = 0;
        while (done < length) {
            long count = receive(buffer, start + done, length - done, fds);
            if (count == Posix.AGAIN) {
                awaitReady(Linux.POLLIN, "recvmsg", done, length, began, timeoutMillis);
            } else if (count == 0) {
                if (done == 0) {
                    return false;
                }
                throw new EOFException("the peer closed after " + done + " of " + length + " bytes");
            } else {
                done += count;
            }
        }
        return true;
    }

    /**
     * Sends exactly {@code length} bytes and the descriptors, waiting at most {@code timeoutMillis} (-1: for ever).
     *
     * @throws PosixException EPIPE if the peer is gone, ETIMEDOUT after the timeout
     */
    public void sendFully(MemorySegment buffer, long start, long length, int timeoutMillis, Fd... fds) {
        long began = System.nanoTime();
        long done = 0;
        while (done < length) {
            long count = done == 0
                    ? send(buffer, start, length, fds)
                    : posix.send(fd, buffer, start + done, length - done, NO_FDS, Linux.MSG_DONTWAIT);
            if (count == Posix.AGAIN) {
                awaitReady(Linux.POLLOUT, "sendmsg", done, length, began, timeoutMillis);
            } else {
                done += count;
            }
        }
    }

    private void awaitReady(int event, String call, long done, long length, long began, int timeoutMillis) {
        int left = -1;
        if (timeoutMillis >= 0) {
            long passed = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
            left = (int) Math.max(0, timeoutMillis - passed);
        }
        if (posix.poll(fd, event, left) == 0) {
            throw new PosixException(
                    call,
                    "fd=" + fd + ", length=" + length,
                    Errno.ETIMEDOUT.number(),
                    done + " bytes had passed when " + timeoutMillis + " ms were over");
        }
    }

    /** Who is at the other end. */
    public PeerCredentials peer() {
        return posix.peerCredentials(fd);
    }

    /** Ends both directions: whoever waits on either end wakes up; the descriptor stays open. */
    public void shutdown() {
        posix.shutdown(fd, Linux.SHUT_RDWR);
    }

    /** The socket, for {@link Epoll}; this object stays its owner. */
    public Fd fd() {
        return fd;
    }

    @Override
    public void close() {
        fd.close();
    }
}
