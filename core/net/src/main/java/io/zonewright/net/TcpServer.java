package io.zonewright.net;

import io.zonewright.posix.Epoll;
import io.zonewright.posix.EventFd;
import io.zonewright.posix.Linux;
import io.zonewright.posix.Posix;
import io.zonewright.posix.PosixException;
import io.zonewright.posix.TcpConnection;
import io.zonewright.posix.TcpListener;
import io.zonewright.runtime.LogLimiter;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Listens at a TCP address and deals the connections out to loops, within limits. A thread of its own accepts and gives
 * the loops their ticks; it sleeps for as long as nobody is connected.
 */
public final class TcpServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TcpServer.class);

    private static final int BACKLOG = 128;

    /** Connections taken at a time: however many come, ticks go on. */
    private static final int ACCEPTS = 64;

    private static final int TICK_MILLIS = 500;
    private static final int LOG_LINES = 20;
    private static final long LOG_INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final Duration KEEP_ALIVE_IDLE = Duration.ofSeconds(60);
    private static final Duration KEEP_ALIVE_INTERVAL = Duration.ofSeconds(10);
    private static final int KEEP_ALIVE_COUNT = 6;

    /** Makes the protocol's side of a new connection, on the accepting thread. */
    @FunctionalInterface
    public interface MemberFactory {
        /**
         * A connection that {@code loop} is going to serve.
         *
         * @param onClosed to be run once, when the connection is closed
         */
        SocketMember member(TcpConnection socket, InetSocketAddress peer, SocketLoop loop, Runnable onClosed);
    }

    private final String name;
    private final TcpListener listener;
    private final List<SocketLoop> loops;
    private final MemberFactory factory;
    private final ConnectionCount count;
    private final LogLimiter limiter = new LogLimiter(LOG_LINES, LOG_INTERVAL_NANOS, System::nanoTime);
    private final AtomicLong accepted = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    private final Epoll epoll;
    private final EventFd wake;

    private @Nullable Thread thread;
    private volatile boolean closing;
    private int turn;

    private TcpServer(
            String name,
            Posix posix,
            TcpListener listener,
            List<SocketLoop> loops,
            ConnectionLimits limits,
            MemberFactory factory) {
        this.name = name;
        this.listener = listener;
        this.loops = List.copyOf(loops);
        this.factory = factory;
        count = new ConnectionCount(limits);
        epoll = Epoll.create(posix, 4);
        wake = EventFd.create(posix);
        epoll.add(listener.fd(), Linux.EPOLLIN, 0);
        epoll.add(wake.fd(), Linux.EPOLLIN, 1);
    }

    /**
     * Listens at {@code address}; accepts from {@link #start} on.
     *
     * @param name for threads and the log
     * @param loops started, at least one; they outlive the server
     * @throws IOException if the address cannot be listened on; the message says why
     */
    public static TcpServer listen(
            String name,
            Posix posix,
            NetAddress address,
            List<SocketLoop> loops,
            ConnectionLimits limits,
            MemberFactory factory)
            throws IOException {
        TcpListener listener;
        try {
            listener = TcpListener.bind(posix, address.socketAddress(), BACKLOG);
        } catch (PosixException e) {
            throw new IOException(name + " cannot listen at " + address + ": " + e.getMessage(), e);
        }
        return new TcpServer(name, posix, listener, loops, limits, factory);
    }

    /** Where it listens, with the port that the kernel chose. */
    public NetAddress address() {
        return NetAddress.of(listener.address());
    }

    /** Begins to accept. */
    public synchronized void start() {
        if (thread != null || closing) {
            throw new IllegalStateException(name + " was started before");
        }
        Thread made = Thread.ofPlatform().name(name + " accept").daemon(true).unstarted(this::run);
        thread = made;
        made.start();
    }

    /** Connections open now. */
    public int open() {
        return count.total();
    }

    /** Connections taken so far. */
    public long accepted() {
        return accepted.get();
    }

    /** Connections turned away so far, because of the limits. */
    public long refused() {
        return refused.get();
    }

    /** Stops accepting. Connections stay with their loops. A second call does nothing. */
    @Override
    public synchronized void close() {
        if (closing) {
            return;
        }
        closing = true;
        wake.signal();
        Thread running = thread;
        if (running != null) {
            boolean interrupted = false;
            while (true) {
                try {
                    running.join();
                    break;
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
        listener.close();
        epoll.close();
        wake.close();
    }

    private void run() {
        LOG.info("{} listens at {}", name, address());
        while (!closing) {
            boolean connected = count.total() > 0;
            int ready = epoll.await(connected ? TICK_MILLIS : -1);
            boolean waiting = false;
            for (int i = 0; i < ready; i++) {
                waiting |= epoll.token(i) == 0;
            }
            if (waiting && !closing) {
                acceptAll();
            }
            if (connected) {
                for (SocketLoop loop : loops) {
                    loop.requestTick();
                }
            }
        }
        LOG.info("{} no longer listens at {}", name, address());
    }

    private void acceptAll() {
        try {
            for (int i = 0; i < ACCEPTS && !closing; i++) {
                TcpConnection socket = listener.accept();
                if (socket == null) {
                    return;
                }
                welcome(socket);
            }
        } catch (PosixException e) {
            // Most likely out of descriptors: the connection stays in the backlog, so do not run in circles.
            warn("cannot accept a connection: " + e.getMessage());
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
        }
    }

    private void welcome(TcpConnection socket) {
        InetSocketAddress peer;
        try {
            peer = socket.peer();
            socket.setNoDelay(true);
            socket.setKeepAlive(KEEP_ALIVE_IDLE, KEEP_ALIVE_INTERVAL, KEEP_ALIVE_COUNT);
        } catch (PosixException e) {
            LOG.debug("{}: gone before it was accepted", name, e);
            socket.close();
            return;
        }
        if (!count.enter(peer.getAddress())) {
            refused.incrementAndGet();
            warn("refused " + NetAddress.of(peer) + ": too many connections");
            socket.close();
            return;
        }
        accepted.incrementAndGet();
        SocketLoop loop = loops.get(turn);
        turn = (turn + 1) % loops.size();
        SocketMember member = factory.member(socket, peer, loop, () -> count.leave(peer.getAddress()));
        loop.pollLoop().execute(() -> loop.attach(member));
    }

    private void warn(String message) {
        long held = limiter.permit();
        if (held >= 0) {
            LOG.warn("{} {}{}", name, message, held == 0 ? "" : " (" + held + " similar lines held back)");
        }
    }
}
