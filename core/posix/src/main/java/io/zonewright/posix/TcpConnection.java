package io.zonewright.posix;

import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.time.Duration;

/**
 * One end of a TCP connection; see tcp(7). Always non-blocking.
 *
 * <p>One thread may receive while another sends. The buffers of a call must stay mapped until it returns.
 */
public final class TcpConnection implements AutoCloseable {
    private static final Fd[] NO_FDS = {};

    private final Posix posix;
    private final Fd fd;

    TcpConnection(Posix posix, Fd fd) {
        this.posix = posix;
        this.fd = fd;
    }

    /**
     * Connects, and waits for that.
     *
     * @throws PosixException ECONNREFUSED and so on; ETIMEDOUT after the timeout
     */
    public static TcpConnection connect(Posix posix, InetSocketAddress address, int timeoutMillis) {
        Fd fd = posix.tcpSocket(InternetAddresses.family(address));
        try {
            int result = posix.tryConnect(fd, address);
            if (Errno.EINPROGRESS.is(result) || Errno.EINTR.is(result)) {
                result = posix.poll(fd, Linux.POLLOUT, timeoutMillis) == 0
                        ? -Errno.ETIMEDOUT.number()
                        : -posix.option(fd, Linux.SOL_SOCKET, Linux.SO_ERROR, "SO_ERROR");
            }
            if (result < 0) {
                throw Posix.failure("connect", "fd=" + fd + ", address=" + InternetAddresses.text(address), result);
            }
            return new TcpConnection(posix, fd);
        } catch (RuntimeException e) {
            fd.close();
            throw e;
        }
    }

    /** Receives what is there, at most {@code length} bytes: their number, 0 at the end, or {@link Posix#AGAIN}. */
    public long receive(MemorySegment buffer, long start, long length) {
        return posix.read(fd, buffer, start, length);
    }

    /** Receives what is there into several ranges, in order; as {@link #receive(MemorySegment, long, long)}. */
    public long receive(IoVecs vectors) {
        return posix.readv(fd, vectors);
    }

    /** Sends what fits now: the number of bytes, or {@link Posix#AGAIN}. EPIPE if the peer is gone, never a signal. */
    public long send(MemorySegment buffer, long start, long length) {
        return posix.send(fd, buffer, start, length, NO_FDS, 0);
    }

    /** Sends what fits now of several ranges, in order; as {@link #send(MemorySegment, long, long)}. */
    public long send(IoVecs vectors) {
        return posix.send(fd, vectors);
    }

    /** Sends small pieces at once instead of waiting for more to fill a segment (TCP_NODELAY). */
    public void setNoDelay(boolean value) {
        posix.setOption(fd, Linux.IPPROTO_TCP, Linux.TCP_NODELAY, "TCP_NODELAY", value ? 1 : 0);
    }

    /**
     * Has the kernel ask a silent peer whether it lives, and end the connection if it does not answer.
     *
     * @param idle silence before the first question, whole seconds, at least 1
     * @param interval between questions, likewise
     * @param count questions without an answer that end the connection
     */
    public void setKeepAlive(Duration idle, Duration interval, int count) {
        posix.setOption(fd, Linux.SOL_SOCKET, Linux.SO_KEEPALIVE, "SO_KEEPALIVE", 1);
        posix.setOption(fd, Linux.IPPROTO_TCP, Linux.TCP_KEEPIDLE, "TCP_KEEPIDLE", (int) idle.toSeconds());
        posix.setOption(fd, Linux.IPPROTO_TCP, Linux.TCP_KEEPINTVL, "TCP_KEEPINTVL", (int) interval.toSeconds());
        posix.setOption(fd, Linux.IPPROTO_TCP, Linux.TCP_KEEPCNT, "TCP_KEEPCNT", count);
    }

    /** Asks for a send buffer of so many bytes in the kernel, which doubles the number (SO_SNDBUF). */
    public void setSendBuffer(int bytes) {
        posix.setOption(fd, Linux.SOL_SOCKET, Linux.SO_SNDBUF, "SO_SNDBUF", bytes);
    }

    /** Asks for a receive buffer of so many bytes in the kernel, which doubles the number (SO_RCVBUF). */
    public void setReceiveBuffer(int bytes) {
        posix.setOption(fd, Linux.SOL_SOCKET, Linux.SO_RCVBUF, "SO_RCVBUF", bytes);
    }

    /** Our address. */
    public InetSocketAddress local() {
        return posix.localAddress(fd);
    }

    /** The peer's address; ENOTCONN if it is gone already. */
    public InetSocketAddress peer() {
        return posix.peerAddress(fd);
    }

    /** Waits for {@code POLL*} events, for ever with -1: those that came, 0 after the timeout. */
    public int poll(int events, int timeoutMillis) {
        return posix.poll(fd, events, timeoutMillis);
    }

    /** Tells the peer that nothing follows; receiving goes on. A connection that is gone already is fine. */
    public void shutdownOutput() {
        posix.shutdown(fd, Linux.SHUT_WR);
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
