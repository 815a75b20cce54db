package io.zonewright.vhostuser;

import io.zonewright.posix.Epoll;
import io.zonewright.posix.EventFd;
import io.zonewright.posix.Linux;
import io.zonewright.posix.PeerCredentials;
import io.zonewright.posix.Posix;
import io.zonewright.posix.PosixException;
import io.zonewright.posix.UnixConnection;
import io.zonewright.posix.UnixListener;
import io.zonewright.runtime.Counters;
import io.zonewright.runtime.LogLimiter;
import io.zonewright.runtime.LoopGroup;
import io.zonewright.vhostuser.message.MessageException;
import io.zonewright.virtio.VirtioDevice;
import java.io.EOFException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A vhost-user device at a Unix socket. Serves one driver at a time; when it goes, the next can come.
 *
 * <p>Messages are carried out by a control thread of the endpoint's own; queues run on the loops given. It is a
 * platform thread and not a virtual one, since it blocks in native calls (epoll_wait, recvmsg), which would pin a
 * carrier thread for as long as the endpoint lives.
 */
public final class VhostUserEndpoint {
    private static final Logger LOG = LoggerFactory.getLogger(VhostUserEndpoint.class);

    private static final long LISTENER = 1;
    private static final long WAKE = 2;
    private static final long CONNECTION = 3;
    private static final long NOTICES = 4;

    /** How often a drain is looked at without having been woken. */
    private static final int DRAIN_TICK_MILLIS = 500;

    /** For what is to be done after requests in flight were finished or given up, and an answer was sent. */
    private static final Duration CLOSING = Duration.ofSeconds(1);

    /** What a driver can make us log, whatever it does. */
    private static final int LOG_LINES = 20;

    private static final long LOG_INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Posix posix;
    private final VirtioDevice device;
    private final EndpointOptions options;
    private final List<QueueRunner> runners = new ArrayList<>();
    private final DeviceHealth health = new DeviceHealth();
    private final PeerLog log;
    private final Counters<EndpointCounter> counters = new Counters<>(EndpointCounter.class);
    private final Epoll epoll;
    private final EventFd wake;

    private @Nullable UnixListener listener;
    private @Nullable Thread control;
    /** Written by the control thread. */
    private volatile @Nullable Session session;

    /** The listener is not watched, since the connection has hung up and is about to be cleared away. */
    private boolean listenerResting;

    private boolean closed;

    /** Whether {@link #close} saw the end of the control thread. */
    private boolean ended;

    private volatile boolean closing;
    private volatile long closeDeadline = Long.MAX_VALUE;
    private volatile boolean connected;

    /** Set by whoever changed the configuration, cleared by the control thread before it tells the driver. */
    private volatile boolean configurationChanged;

    /**
     * Makes an endpoint, with its queues spread over {@code loops} from {@code firstLoop} on; not listening yet.
     *
     * @param loops must outlive the endpoint
     */
    public VhostUserEndpoint(
            VirtioDevice device, EndpointOptions options, LoopGroup loops, int firstLoop, Posix posix) {
        this.posix = posix;
        this.device = device;
        this.options = options;
        log = new PeerLog(device.name(), new LogLimiter(LOG_LINES, LOG_INTERVAL_NANOS, System::nanoTime));
        int queues = device.queueCount();
        if (queues < 1 || queues > 256) {
            throw new IllegalArgumentException(device.name() + " has " + queues + " queues, not 1 to 256");
        }
        epoll = Epoll.create(posix, 8);
        wake = EventFd.create(posix);
        epoll.add(wake.fd(), Linux.EPOLLIN, WAKE);
        for (int i = 0; i < queues; i++) {
            QueueRunner runner = new QueueRunner(device, i, loops.loop(firstLoop + i), health, log, wake::signal);
            runners.add(runner);
        }
    }

    /**
     * Starts to listen: when this returns, a driver can connect.
     *
     * @throws IOException if the socket cannot be made; the message says why
     */
    public synchronized void start() throws IOException {
        if (control != null || closed) {
            throw new IllegalStateException(device.name() + " was started before");
        }
        UnixListener made;
        try {
            made = UnixListener.bind(posix, options.socket(), options.access());
        } catch (PosixException e) {
            throw new IOException(device.name() + " cannot listen at " + options.socket() + ": " + e.getMessage(), e);
        }
        listener = made;
        epoll.add(made.fd(), Linux.EPOLLIN, LISTENER);
        for (QueueRunner runner : runners) {
            runner.loop().run(() -> runner.loop().add(runner));
        }
        Thread thread = Thread.ofPlatform()
                .name("vhost-user " + device.name())
                .daemon(true)
                .unstarted(() -> run(made));
        control = thread;
        thread.start();
    }

    /**
     * Takes no more requests, waits for those in flight, at most for {@code patience}, disconnects the driver and
     * removes the socket. A second call does nothing.
     *
     * <p>A hostile hypervisor shares descriptors with us and can make a call to them hang whatever we do (it clears
     * O_NONBLOCK of an eventfd and fills it, or backs memory with a file system of its own). That costs it its device,
     * and must not hold up the end of others.
     *
     * @return whether all threads have let go of the endpoint; if not, one of them hangs in such a call, the loops
     *     must not be waited for, and what they use stays open
     */
    public synchronized boolean close(Duration patience) {
        if (closed) {
            return ended;
        }
        closed = true;
        closeDeadline = System.nanoTime() + patience.toNanos();
        closing = true;
        wake.signal();
        Session current = session;
        if (current != null) {
            current.channel().giveUp();
        }
        Thread thread = control;
        ended = thread == null
                || joinUninterruptibly(
                        thread, patience.plus(options.messageTimeout()).plus(CLOSING));
        if (ended && thread != null) {
            for (QueueRunner runner : runners) {
                runner.loop().run(() -> runner.loop().remove(runner));
            }
        }
        UnixListener listening = listener;
        if (listening != null) {
            listening.close();
        }
        if (ended) {
            epoll.close();
            wake.close();
        } else {
            LOG.error("{}: hangs in a call to a descriptor of its driver and is left behind", device.name());
        }
        return ended;
    }

    /**
     * The device's configuration space has changed, and the driver is to read it again; from any thread, never blocks.
     * Changes in quick succession make one notice. A driver that connects later reads the new configuration anyway; one
     * that does not read its notices loses them, which is logged.
     */
    public void configurationChanged() {
        configurationChanged = true;
        try {
            wake.signal();
        } catch (IllegalStateException e) {
            LOG.debug("{}: closed when its configuration changed", device.name(), e);
        }
    }

    /** Whether a driver is connected; from any thread. */
    public boolean connected() {
        return connected;
    }

    /** State and counters, all queues together; from any thread. */
    public SequencedMap<String, Object> stats() {
        SequencedMap<String, Object> result = new LinkedHashMap<>();
        result.put("connected", connected);
        result.putAll(counters.snapshot());
        String reason = health.reason();
        result.put("stopped-because", reason == null ? "" : reason);
        SequencedMap<String, Long> sums = new LinkedHashMap<>();
        for (QueueRunner runner : runners) {
            runner.counters().addTo(sums);
        }
        result.putAll(sums);
        return result;
    }

    /** See {@link DrainWaiter}. */
    private boolean awaitQuiet(List<QueueRunner> draining) {
        Session current = session;
        if (current != null) {
            // Its next message waits, and its hang-up too, which epoll would report over and over.
            epoll.remove(current.channel().connection().fd());
        }
        try {
            return awaitDrained(draining);
        } finally {
            if (current != null) {
                epoll.add(current.channel().connection().fd(), Linux.EPOLLIN, CONNECTION);
            }
        }
    }

    private boolean awaitDrained(List<QueueRunner> draining) {
        long began = System.nanoTime();
        long report = began + options.drainReport().toNanos();
        while (true) {
            boolean all = true;
            boolean hopeless = true;
            for (QueueRunner runner : draining) {
                if (!runner.drained()) {
                    all = false;
                    hopeless &= runner.handlerBroken();
                }
            }
            if (all) {
                return true;
            }
            long now = System.nanoTime();
            if (closing && now - closeDeadline >= 0) {
                return false;
            }
            if (hopeless && now - began >= options.lostRequestPatience().toNanos()) {
                return false;
            }
            if (now - report >= 0) {
                report = now + options.drainReport().toNanos();
                LOG.warn(
                        "{}: still waits for {} requests in flight",
                        device.name(),
                        draining.stream().mapToInt(QueueRunner::inFlight).sum());
            }
            turn(drainTick(now));
        }
    }

    private int drainTick(long now) {
        if (!closing) {
            return DRAIN_TICK_MILLIS;
        }
        long left = TimeUnit.NANOSECONDS.toMillis(closeDeadline - now) + 1;
        return (int) Math.max(1, Math.min(DRAIN_TICK_MILLIS, left));
    }

    private void run(UnixListener listening) {
        LOG.info("{}: listens at {}", device.name(), options.socket());
        while (!closing) {
            if (turn(-1)) {
                serve();
            }
            Session current = session;
            if (current != null) {
                current.sendNotices();
            }
        }
        disconnect("the daemon stops");
        LOG.info("{}: no longer listens at {}", device.name(), listening.path());
    }

    /** Waits for something to happen, and turns other drivers away; whether the connection has a message. */
    private boolean turn(int timeoutMillis) {
        int ready = epoll.await(timeoutMillis);
        boolean message = false;
        for (int i = 0; i < ready; i++) {
            long token = epoll.token(i);
            if (token == WAKE) {
                wake.drain();
                noteChange();
            } else if (token == LISTENER) {
                accept();
            } else if (token == NOTICES) {
                readNoticeChannel();
            } else {
                message = true;
            }
        }
        return message;
    }

    private void noteChange() {
        if (configurationChanged) {
            configurationChanged = false;
            Session current = session;
            if (current != null) {
                current.configurationChanged();
            }
        }
    }

    private void readNoticeChannel() {
        Session current = session;
        if (current != null) {
            current.readNoticeChannel();
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
                if (session != null || closing) {
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

    /** Lets the next driver wait in the backlog if the last one has hung up and is yet to be cleared away. */
    private boolean rest(UnixListener listening) {
        Session current = session;
        if (current == null || !hungUp(current)) {
            return false;
        }
        epoll.remove(listening.fd());
        listenerResting = true;
        return true;
    }

    private boolean hungUp(Session current) {
        int gone = Linux.POLLRDHUP | Linux.POLLHUP;
        return (posix.poll(current.channel().connection().fd(), Linux.POLLRDHUP, 0) & gone) != 0;
    }

    private void connect(UnixConnection connection) {
        MessageChannel channel = new MessageChannel(
                posix, connection, (int) options.messageTimeout().toMillis());
        try {
            epoll.add(connection.fd(), Linux.EPOLLIN, CONNECTION);
        } catch (PosixException e) {
            channel.close();
            throw e;
        }
        ConfigNotices notices = new ConfigNotices(posix, epoll, NOTICES, options.messageTimeout(), log);
        session = new Session(posix, device, runners, health, channel, this::awaitQuiet, log, notices);
        connected = true;
        counters.add(EndpointCounter.CONNECTIONS, 1);
        log.info("a driver connected (" + describe(connection) + ")");
    }

    private void refuse(UnixConnection connection) {
        counters.add(EndpointCounter.CONNECTIONS_REFUSED, 1);
        log.warn("refused a second driver (" + describe(connection) + "): one at a time");
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
        Session current = session;
        if (current == null) {
            return;
        }
        try {
            if (!current.channel().receive()) {
                disconnect("the driver closed the connection");
                return;
            }
            counters.add(EndpointCounter.MESSAGES, 1);
            current.handle();
        } catch (MessageException | EOFException | PosixException e) {
            disconnect(String.valueOf(e.getMessage()));
        } catch (RuntimeException | Error e) {
            LOG.error("{}: a message could not be carried out", device.name(), e);
            disconnect("internal error");
        }
    }

    private void disconnect(String reason) {
        Session current = session;
        if (current == null) {
            return;
        }
        log.info("disconnects: " + reason);
        try {
            current.close();
        } catch (RuntimeException | Error e) {
            LOG.error("{}: something could not be let go of", device.name(), e);
            current.channel().close();
        }
        session = null;
        connected = false;
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
