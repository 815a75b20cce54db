package io.zonewright.runtime.peer;

import io.zonewright.posix.Epoll;
import io.zonewright.posix.EventFd;
import io.zonewright.posix.Fd;
import io.zonewright.posix.Linux;
import io.zonewright.posix.PeerCredentials;
import io.zonewright.posix.Posix;
import io.zonewright.posix.PosixException;
import io.zonewright.posix.UnixConnection;
import io.zonewright.posix.UnixListener;
import io.zonewright.runtime.Counters;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/**
 * Listens at a Unix socket and serves one peer at a time; when it goes, the next can come.
 *
 * <p>Messages are carried out by a control thread of its own. It is a platform thread and not a virtual one, since it
 * blocks in native calls (epoll_wait, recvmsg), which would pin a carrier thread for as long as the server lives.
 */
public final class PeerServer {
    /** Tokens for {@link #watch} begin here. */
    public static final long FIRST_TOKEN = 16;

    private static final long LISTENER = 1;
    private static final long WAKE = 2;
    private static final long CONNECTION = 3;

    /** How often {@link #await} looks without having been woken. */
    private static final int TICK_MILLIS = 500;

    /** For what is to be done after requests in flight were finished or given up, and an answer was sent. */
    private static final Duration CLOSING = Duration.ofSeconds(1);

    private final Posix posix;
    private final String name;
    private final Path socket;
    private final UnixListener.Options access;
    private final Duration messageTimeout;
    private final Logger logger;
    private final PeerLog log;
    private final PeerService service;
    private final Counters<PeerCounter> counters = new Counters<>(PeerCounter.class);
    private final Epoll epoll;
    private final EventFd wake;

    private @Nullable UnixListener listener;
    private @Nullable Thread control;
    /** Written by the control thread. */
    private volatile PeerService.@Nullable Visit visit;

    /** The visit threw at something else than a message: it is told of nothing more, and ends as soon as it can. */
    private boolean broken;

    /** Given to {@link #watch}, by token. */
    private final Map<Long, Fd> watched = new HashMap<>();

    /** The listener is not watched, since the connection has hung up and is about to be cleared away. */
    private boolean listenerResting;

    private boolean closed;

    /** Whether {@link #close} saw the end of the control thread. */
    private boolean ended;

    private volatile boolean closing;
    private volatile long closeDeadline = Long.MAX_VALUE;

    /**
     * @param name of the device, for threads and log lines
     * @param messageTimeout the longest that one message may keep the control thread waiting
     * @param logger of the endpoint
     */
    public PeerServer(
            Posix posix,
            String name,
            Path socket,
            UnixListener.Options access,
            Duration messageTimeout,
            Logger logger,
            PeerLog log,
            PeerService service) {
        this.posix = posix;
        this.name = name;
        this.socket = socket;
        this.access = access;
        this.messageTimeout = messageTimeout;
        this.logger = logger;
        this.log = log;
        this.service = service;
        epoll = Epoll.create(posix, 8);
        wake = EventFd.create(posix);
        epoll.add(wake.fd(), Linux.EPOLLIN, WAKE);
    }

    /**
     * Starts to listen: when this returns, a peer can connect.
     *
     * @throws IOException if the socket cannot be made; the message says why
     */
    public synchronized void start(String threadName) throws IOException {
        if (control != null || closed) {
            throw new IllegalStateException(name + " was started before");
        }
        UnixListener made;
        try {
            made = UnixListener.bind(posix, socket, access);
        } catch (PosixException e) {
            throw new IOException(name + " cannot listen at " + socket + ": " + e.getMessage(), e);
        }
        listener = made;
        epoll.add(made.fd(), Linux.EPOLLIN, LISTENER);
        Thread thread = Thread.ofPlatform().name(threadName).daemon(true).unstarted(() -> run(made));
        control = thread;
        thread.start();
    }

    /**
     * Ends the visit, waiting for what is in flight at most for {@code patience}, and removes the socket. A second call
     * does nothing.
     *
     * <p>A hostile peer shares descriptors with us and can make a call to them hang whatever we do (it clears O_NONBLOCK
     * of an eventfd and fills it, or backs memory with a file system of its own). That costs it its device, and must not
     * hold up the end of others.
     *
     * @return whether the control thread has ended; if not, it hangs in such a call, and what it uses stays open
     */
    public synchronized boolean close(Duration patience) {
        if (closed) {
            return ended;
        }
        closed = true;
        closeDeadline = System.nanoTime() + patience.toNanos();
        closing = true;
        wake.signal();
        PeerService.Visit current = visit;
        if (current != null) {
            current.giveUp();
        }
        Thread thread = control;
        ended = thread == null
                || joinUninterruptibly(thread, patience.plus(messageTimeout).plus(CLOSING));
        UnixListener listening = listener;
        if (listening != null) {
            listening.close();
        }
        if (ended) {
            epoll.close();
            wake.close();
        } else {
            logger.error("{}: hangs in a call to a descriptor of its peer and is left behind", name);
        }
        return ended;
    }

    /** Whether a peer is connected; from any thread. */
    public boolean connected() {
        return visit != null;
    }

    /** From any thread. */
    public SequencedMap<String, Long> counters() {
        return counters.snapshot();
    }

    /** Makes {@link #await} look again, and tells the visit; from any thread. Does nothing once the server is closed. */
    public void wake() {
        try {
            wake.signal();
        } catch (IllegalStateException e) {
            logger.debug("{}: closed when something happened", name, e);
        }
    }

    /**
     * Tells the visit as long as {@code fd} can be read, which is up to the visit; on the control thread.
     *
     * @param token from {@link #FIRST_TOKEN} on, given back to {@link PeerService.Visit#ready}
     */
    public void watch(Fd fd, long token) {
        epoll.add(fd, Linux.EPOLLIN, token);
        watched.put(token, fd);
    }

    /** Ends {@link #watch}, before the descriptor is closed. */
    public void unwatch(Fd fd) {
        if (watched.values().remove(fd)) {
            epoll.remove(fd);
        }
    }

    /**
     * Waits for something that other threads bring about, who call {@link #wake} afterwards, without neglecting those
     * who connect. The peer's next message waits. On the control thread.
     *
     * @param hopeless whether there is no point in waiting on
     * @param reportEvery how often {@code report} is run while nothing happens
     * @return whether {@code done} came true; false after {@code hopeless}, or when the patience of {@link #close} is
     *     over
     */
    public boolean await(BooleanSupplier done, BooleanSupplier hopeless, Duration reportEvery, Runnable report) {
        if (done.getAsBoolean()) {
            return true;
        }
        PeerService.Visit current = visit;
        if (current != null) {
            // Its next message waits, and its hang-up too, which epoll would report over and over.
            epoll.remove(current.connection().fd());
        }
        try {
            long nextReport = System.nanoTime() + reportEvery.toNanos();
            while (!done.getAsBoolean()) {
                long now = System.nanoTime();
                if ((closing && now - closeDeadline >= 0) || hopeless.getAsBoolean()) {
                    return false;
                }
                if (now - nextReport >= 0) {
                    nextReport = now + reportEvery.toNanos();
                    report.run();
                }
                turn(tick(now));
            }
            return true;
        } finally {
            if (current != null) {
                epoll.add(current.connection().fd(), Linux.EPOLLIN, CONNECTION);
            }
        }
    }

    private int tick(long now) {
        if (!closing) {
            return TICK_MILLIS;
        }
        long left = TimeUnit.NANOSECONDS.toMillis(closeDeadline - now) + 1;
        return (int) Math.max(1, Math.min(TICK_MILLIS, left));
    }

    private void run(UnixListener listening) {
        logger.info("{}: listens at {}", name, socket);
        while (!closing) {
            if (turn(-1) && !broken) {
                serve();
            }
            tell(PeerService.Visit::turned);
            if (broken) {
                disconnect("internal error");
            }
        }
        disconnect("the daemon stops");
        logger.info("{}: no longer listens at {}", name, listening.path());
    }

    /** Waits for something to happen, and turns other peers away; whether the connection has a message. */
    private boolean turn(int timeoutMillis) {
        int ready = epoll.await(timeoutMillis);
        boolean message = false;
        for (int i = 0; i < ready; i++) {
            long token = epoll.token(i);
            if (token == WAKE) {
                wake.drain();
                tell(PeerService.Visit::woken);
            } else if (token == LISTENER) {
                accept();
            } else if (token == CONNECTION) {
                message = true;
            } else {
                tell(current -> current.ready(token));
                if (broken) {
                    forget(token);
                }
            }
        }
        return message;
    }

    /**
     * What it throws costs the peer its visit, and nobody else anything. Not at once: it may be in the middle of
     * something that waits ({@link #await}), for which it is still good.
     */
    private void tell(Consumer<PeerService.Visit> news) {
        PeerService.Visit current = visit;
        if (current == null || broken) {
            return;
        }
        try {
            news.accept(current);
        } catch (RuntimeException | Error e) {
            logger.error("{}: something that happened could not be dealt with", name, e);
            broken = true;
        }
    }

    /** Nobody reads that descriptor any more: epoll would tell of it over and over. */
    private void forget(long token) {
        Fd fd = watched.remove(token);
        if (fd != null) {
            epoll.remove(fd);
        }
    }

    private void accept() {
        UnixListener listening = listener;
        if (listening == null) {
            return;
        }
        try {
            while (!rest(listening)) {
                UnixConnection connection = listening.accept();
                if (connection == null) {
                    return;
                }
                if (visit != null || closing) {
                    refuse(connection);
                } else {
                    connect(connection);
                }
            }
        } catch (PosixException e) {
            // Most likely out of descriptors: the connection stays in the backlog, so do not run in circles.
            log.warn("cannot accept a connection: " + e.getMessage());
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
        }
    }

    /** Lets the next peer wait in the backlog if the last one has hung up and is yet to be cleared away. */
    private boolean rest(UnixListener listening) {
        PeerService.Visit current = visit;
        if (current == null || !hungUp(current)) {
            return false;
        }
        epoll.remove(listening.fd());
        listenerResting = true;
        return true;
    }

    private boolean hungUp(PeerService.Visit current) {
        int gone = Linux.POLLRDHUP | Linux.POLLHUP;
        return (posix.poll(current.connection().fd(), Linux.POLLRDHUP, 0) & gone) != 0;
    }

    private void connect(UnixConnection connection) {
        try {
            epoll.add(connection.fd(), Linux.EPOLLIN, CONNECTION);
            visit = service.begin(connection);
        } catch (PosixException e) {
            connection.close();
            throw e;
        } catch (RuntimeException | Error e) {
            // What cannot serve this peer may serve the next.
            logger.error("{}: a connection could not be begun", name, e);
            connection.close();
            return;
        }
        counters.add(PeerCounter.CONNECTIONS, 1);
        log.info("connected (" + describe(connection) + ")");
    }

    private void refuse(UnixConnection connection) {
        counters.add(PeerCounter.CONNECTIONS_REFUSED, 1);
        log.warn("refused a second connection (" + describe(connection) + "): one at a time");
        connection.close();
    }

    private static String describe(UnixConnection connection) {
        try {
            PeerCredentials peer = connection.peer();
            return "process " + peer.pid() + ", user " + peer.uid();
        } catch (PosixException e) {
            return "process unknown";
        }
    }

    private void serve() {
        PeerService.Visit current = visit;
        if (current == null) {
            return;
        }
        try {
            if (!current.serve()) {
                disconnect("the peer closed the connection");
                return;
            }
            counters.add(PeerCounter.MESSAGES, 1);
        } catch (PeerException | EOFException | PosixException e) {
            disconnect(String.valueOf(e.getMessage()));
        } catch (RuntimeException | Error e) {
            logger.error("{}: a message could not be carried out", name, e);
            disconnect("internal error");
        }
    }

    private void disconnect(String reason) {
        PeerService.Visit current = visit;
        if (current == null) {
            return;
        }
        log.info("disconnects: " + reason);
        try {
            current.close();
        } catch (RuntimeException | Error e) {
            logger.error("{}: something could not be let go of", name, e);
            current.connection().close();
        }
        visit = null;
        broken = false;
        UnixListener listening = listener;
        if (listenerResting && listening != null) {
            listenerResting = false;
            epoll.add(listening.fd(), Linux.EPOLLIN, LISTENER);
        }
    }

    /** Whether the thread ended in time. */
    private static boolean joinUninterruptibly(Thread thread, Duration patience) {
        long deadline = System.nanoTime() + patience.toNanos();
        boolean interrupted = false;
        boolean joined;
        while (true) {
            try {
                joined = thread.join(Duration.ofNanos(Math.max(0, deadline - System.nanoTime())));
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return joined;
    }
}
