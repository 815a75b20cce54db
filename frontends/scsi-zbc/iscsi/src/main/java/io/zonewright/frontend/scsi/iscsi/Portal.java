package io.zonewright.frontend.scsi.iscsi;

import io.zonewright.frontend.scsi.iscsi.config.PortalOptions;
import io.zonewright.frontend.scsi.iscsi.login.LoginStatus;
import io.zonewright.frontend.scsi.iscsi.login.LoginTarget;
import io.zonewright.net.BufferPool;
import io.zonewright.net.NetAddress;
import io.zonewright.net.SocketLoop;
import io.zonewright.net.SocketMember;
import io.zonewright.net.TcpServer;
import io.zonewright.posix.Posix;
import io.zonewright.posix.PosixException;
import io.zonewright.posix.TcpConnection;
import io.zonewright.runtime.AdaptiveIdle;
import io.zonewright.runtime.Counters;
import io.zonewright.runtime.LogLimiter;
import io.zonewright.runtime.LoopGroup;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One listening address: its threads, the targets of all devices that name it, and their sessions. Any thread. */
final class Portal implements AutoCloseable {
    /** Portal group tag: each listener is the only one of its group. */
    static final int GROUP = 1;

    private static final Logger LOG = LoggerFactory.getLogger(Portal.class);

    private static final int LOG_LINES = 20;
    private static final long LOG_INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final PortalOptions options;
    private final LoopGroup group;
    private final List<LoopResources> loops = new ArrayList<>();
    private final List<Counters<IscsiCounter>> counters = new ArrayList<>();
    private final TcpServer server;
    private final Map<String, IscsiTarget> targets = new ConcurrentHashMap<>();
    private final Sessions sessions = new Sessions();
    private final AtomicBoolean accepting = new AtomicBoolean();
    private final AtomicBoolean closed = new AtomicBoolean();
    private final SecureRandom random = new SecureRandom();
    private final LogLimiter limiter = new LogLimiter(LOG_LINES, LOG_INTERVAL_NANOS, System::nanoTime);

    private Portal(PortalOptions options, LoopGroup group, Posix posix, LongSupplier clock, double memory)
            throws IOException {
        this.options = options;
        this.group = group;
        for (int i = 0; i < group.size(); i++) {
            loops.add(new LoopResources(new SocketLoop(group.loop(i), posix, clock, new BufferPool(memory)), i));
            counters.add(new Counters<>(IscsiCounter.class));
        }
        List<SocketLoop> socketLoops = loops.stream().map(LoopResources::loop).toList();
        server = TcpServer.listen(
                "iscsi " + options.listen(), posix, options.listen(), socketLoops, options.limits(), this::welcome);
        socketLoops.forEach(SocketLoop::start);
    }

    /**
     * Listens, and accepts from {@link #accept} on.
     *
     * @throws IOException with a message for the user
     */
    static Portal open(PortalOptions options, Posix posix) throws IOException {
        long spinNanos = options.spin().toNanos();
        LoopGroup group;
        try {
            group = LoopGroup.start(
                    "iscsi " + options.listen(),
                    options.threads(),
                    () -> new AdaptiveIdle(spinNanos, System::nanoTime),
                    posix);
        } catch (PosixException e) {
            throw new IOException("iscsi " + options.listen() + " cannot start its threads: " + e.getMessage(), e);
        }
        return make(options, group, posix, System::nanoTime, 1.0);
    }

    /**
     * Listens and accepts, on loops that become the portal's.
     *
     * @param memory part of the ordinary memory for data that each loop has
     */
    static Portal open(PortalOptions options, LoopGroup group, Posix posix, LongSupplier clock, double memory)
            throws IOException {
        Portal portal = make(options, group, posix, clock, memory);
        portal.accept();
        return portal;
    }

    private static Portal make(PortalOptions options, LoopGroup group, Posix posix, LongSupplier clock, double memory)
            throws IOException {
        try {
            return new Portal(options, group, posix, clock, memory);
        } catch (PosixException e) {
            group.close();
            throw new IOException("iscsi " + options.listen() + " cannot listen: " + e.getMessage(), e);
        } catch (IOException e) {
            group.close();
            throw e;
        }
    }

    private SocketMember welcome(TcpConnection socket, InetSocketAddress peer, SocketLoop loop, Runnable onClosed) {
        for (LoopResources resources : loops) {
            if (resources.loop().equals(loop)) {
                return new IscsiConnection(socket, peer, resources, this, counters.get(resources.index()), onClosed);
            }
        }
        throw new IllegalStateException("a loop of somebody else");
    }

    /** Accepts connections from now on, which wait until then; again has no effect. */
    void accept() {
        if (accepting.compareAndSet(false, true)) {
            server.start();
        }
    }

    PortalOptions options() {
        return options;
    }

    /** Where it listens, with the port that the kernel chose. */
    NetAddress address() {
        return server.address();
    }

    List<LoopResources> loops() {
        return loops;
    }

    TcpServer server() {
        return server;
    }

    Sessions sessions() {
        return sessions;
    }

    SecureRandom random() {
        return random;
    }

    /** Counter of connections on this loop that are not logged in to a target. */
    long countOfStrangers(IscsiCounter counter) {
        return counters.stream().mapToLong(each -> each.get(counter)).sum();
    }

    @Nullable
    IscsiTarget target(String name) {
        return targets.get(name);
    }

    /** All targets, as logins see them. */
    Collection<LoginTarget> logins() {
        return targets.values().stream()
                .map(IscsiTarget::login)
                .sorted(Comparator.comparing(LoginTarget::name))
                .toList();
    }

    /**
     * The target of this name, made if there is none.
     *
     * @throws IOException if there is one that differs in more than its logical units
     */
    IscsiTarget join(LoginTarget login, int queueDepth) throws IOException {
        IscsiTarget target =
                targets.computeIfAbsent(login.name(), name -> new IscsiTarget(login, queueDepth, loops.size()));
        if (!target.login().equals(login) || target.queueDepth() != queueDepth) {
            throw new IOException("iscsi target " + login.name() + " is shared by several devices, which must agree on"
                    + " alias, advertise, initiators, chap, digests and queue-depth");
        }
        return target;
    }

    boolean isEmpty() {
        return targets.isEmpty();
    }

    /**
     * Takes a logical unit away. With the last one its target goes: initiators are asked to log out, what is in flight is
     * finished, at most for {@code patience}, then they are dropped.
     */
    void leave(IscsiTarget target, int lun, Duration patience) {
        long deadline = System.nanoTime() + patience.toNanos();
        boolean last = target.core().luns().equals(List.of(lun));
        if (last) {
            targets.remove(target.login().name(), target);
            drain(sessions.of(target), deadline);
            // What logged in meanwhile.
            sessions.of(target).forEach(Session::end);
        }
        target.core().detach(lun);
        // Closing happens on the loops; behind it, nobody uses the device any more but what outlasted the patience.
        loops.forEach(resources -> resources.loop().pollLoop().run(() -> {}));
    }

    private void drain(List<Session> those, long deadline) {
        CountDownLatch gone = new CountDownLatch(those.size());
        those.forEach(session -> session.connection().drainSoon(gone::countDown));
        boolean interrupted = false;
        while (true) {
            try {
                if (!gone.await(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                    LOG.warn(
                            "iscsi {}: {} of {} sessions still have commands in flight and are closed",
                            options.listen(),
                            gone.getCount(),
                            those.size());
                }
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        those.forEach(Session::end);
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ends all sessions to the same target but this one. */
    void dropOthers(Session session) {
        IscsiTarget target = session.target();
        if (target != null) {
            for (Session other : sessions.of(target)) {
                if (!other.equals(session)) {
                    other.end();
                }
            }
        }
    }

    /** A second call does nothing. */
    @Override
    public void close() {
        if (closed.getAndSet(true)) {
            return;
        }
        server.close();
        loops.forEach(resources -> resources.loop().stop());
        group.close();
    }

    // The log: what an initiator can cause is limited.

    void logConnected(IscsiConnection connection, Session session) {
        String where = session.target() == null
                ? "discovery"
                : session.target().login().name();
        say(
                false,
                connection,
                "initiator " + printable(session.claim().initiatorName()) + " logged in to " + where + ", TSIH "
                        + session.tsih());
    }

    void logRefused(IscsiConnection connection, LoginStatus status) {
        say(true, connection, "login refused: " + status);
    }

    void logRejected(IscsiConnection connection, int reason, int opcode) {
        say(
                true,
                connection,
                "rejected a PDU with opcode " + Integer.toHexString(opcode) + "h: reason " + Integer.toHexString(reason)
                        + "h");
    }

    void logDropped(IscsiConnection connection, String why) {
        say(true, connection, "dropped: " + why);
    }

    private void say(boolean warning, IscsiConnection connection, String what) {
        long held = limiter.permit();
        if (held < 0) {
            return;
        }
        String tail = held == 0 ? "" : " (" + held + " similar lines held back)";
        if (warning) {
            LOG.warn("iscsi {} {}: {}{}", options.listen(), connection.name(), what, tail);
        } else {
            LOG.info("iscsi {} {}: {}{}", options.listen(), connection.name(), what, tail);
        }
    }

    /** A peer's text, for a log of lines. */
    private static String printable(String text) {
        return text.replaceAll("[^\\x21-\\x7E]", "?");
    }
}
