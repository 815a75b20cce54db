package io.zonewright.posix;

import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** A TCP socket that listens at an IPv4 or IPv6 address; an IPv6 one takes no IPv4 connections. Never blocks. */
public final class TcpListener implements AutoCloseable {
    private final Posix posix;
    private final Fd fd;
    private final InetSocketAddress address;

    private TcpListener(Posix posix, Fd fd, InetSocketAddress address) {
        this.posix = posix;
        this.fd = fd;
        this.address = address;
    }

    /**
     * Listens at {@code address}; port 0 chooses one. Connections of a process that has ended do not keep the port.
     *
     * @param backlog how many connections wait to be accepted before others are turned away
     * @throws PosixException EADDRINUSE, EADDRNOTAVAIL, EACCES and so on, with the reason
     */
    public static TcpListener bind(Posix posix, InetSocketAddress address, int backlog) {
        Fd fd = posix.tcpSocket(InternetAddresses.family(address));
        try {
            posix.setOption(fd, Linux.SOL_SOCKET, Linux.SO_REUSEADDR, "SO_REUSEADDR", 1);
            if (InternetAddresses.family(address) == Linux.AF_INET6) {
                posix.setOption(fd, Linux.IPPROTO_IPV6, Linux.IPV6_V6ONLY, "IPV6_V6ONLY", 1);
            }
            posix.bind(fd, address);
            posix.listen(fd, backlog);
            return new TcpListener(posix, fd, posix.localAddress(fd));
        } catch (RuntimeException e) {
            fd.close();
            throw e;
        }
    }

    /**
     * The next connection, or null if nobody waits.
     *
     * @throws PosixException EMFILE or ENFILE without descriptors to spare; the connection goes on waiting, so a loop
     *     that is told of it again and again does well to pause
     */
    public @Nullable TcpConnection accept() {
        Fd accepted = posix.accept(fd, true);
        return accepted == null ? null : new TcpConnection(posix, accepted);
    }

    /** Where it listens, with the port that was chosen. */
    public InetSocketAddress address() {
        return address;
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
