package io.zonewright.frontend.nvme.tcp;

import io.zonewright.frontend.nvme.command.NvmeStatus;
import io.zonewright.frontend.nvme.tcp.auth.DhchapSession;
import io.zonewright.net.BufferPool;
import io.zonewright.net.NetAddress;
import io.zonewright.net.SocketLoop;
import io.zonewright.net.SocketMember;
import io.zonewright.net.TcpServer;
import io.zonewright.posix.Posix;
import io.zonewright.posix.PosixException;
import io.zonewright.posix.TcpConnection;
import io.zonewright.runtime.AdaptiveIdle;
import io.zonewright.runtime.LogLimiter;
import io.zonewright.runtime.LoopGroup;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One listening address: its threads, the subsystems of all devices that name it, and the discovery service that tells of
 * them. Any thread.
 */
final class Portal implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Portal.class);

    private static final int LOG_LINES = 20;
    private static final long LOG_INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final PortalOptions options;
    private final LoopGroup group;
    private final List<LoopResources> loops = new ArrayList<>();
    private final TcpServer server;
    private final DiscoverySubsystem discovery;
    private final Map<String, NvmSubsystem> subsystems = new ConcurrentHashMap<>();
    private final AtomicLong generation = new AtomicLong();
    private final AtomicBoolean accepting = new AtomicBoolean();
    private final AtomicBoolean closed = new AtomicBoolean();
    private final FairWorker<InetAddress> authentication;
    private final SecureRandom random = new SecureRandom();
    private final LogLimiter limiter = new LogLimiter(LOG_LINES, LOG_INTERVAL_NANOS, System::nanoTime);

    private Portal(PortalOptions options, LoopGroup group, Posix posix, LongSupplier clock, double memory)
            throws IOException {
        this.options = options;
        this.group = group;
        String name = "nvme-tcp " + options.listen();
        for (int i = 0; i < group.size(); i++) {
            loops.add(new LoopResources(new SocketLoop(group.loop(i), posix, clock, new BufferPool(memory)), i));
        }
        discovery = new DiscoverySubsystem(this, loops.size());
        authentication = new FairWorker<>(
                Thread.ofPlatform().name(name + " authentication").daemon(true).factory());
        List<SocketLoop> socketLoops = loops.stream().map(LoopResources::loop).toList();
        server = TcpServer.listen(name, posix, options.listen(), socketLoops, options.limits(), this::welcome);
        socketLoops.forEach(SocketLoop::start);
    }

    /**
     * Listens, and accepts from {@link #accept} on.
     *
     * @throws IOException with a message for the user
     */
    static Portal open(PortalOptions options, Posix posix) throws IOException {
        LoopGroup group;
        long spinNanos = options.spin().toNanos();
        try {
            group = LoopGroup.start(
                    "nvme-tcp " + options.listen(),
                    options.threads(),
                    () -> new AdaptiveIdle(spinNanos, System::nanoTime),
                    posix);
        } catch (PosixException e) {
            throw new IOException("nvme-tcp " + options.listen() + " cannot start its threads: " + e.getMessage(), e);
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
            throw new IOException("nvme-tcp " + options.listen() + " cannot listen: " + e.getMessage(), e);
        } catch (IOException e) {
            group.close();
            throw e;
        }
    }

    private SocketMember welcome(TcpConnection socket, InetSocketAddress peer, SocketLoop loop, Runnable onClosed) {
        for (LoopResources resources : loops) {
            if (resources.loop().equals(loop)) {
                return new NvmeTcpConnection(
                        socket, peer, resources, this, discovery.counters(resources.index()), onClosed);
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

    int loopCount() {
        return loops.size();
    }

    List<LoopResources> loops() {
        return loops;
    }

    TcpServer server() {
        return server;
    }

    DiscoverySubsystem discovery() {
        return discovery;
    }

    /** Runs a step of an authentication beside the loops, in turns with those of other addresses; false if too many wait. */
    boolean authenticate(NvmeTcpConnection connection, Runnable step) {
        return authentication.execute(connection.peer().getAddress(), step);
    }

    SecureRandom random() {
        return random;
    }

    /** The subsystem with this name, the discovery service's well-known one included; null if there is none. */
    @Nullable
    Subsystem subsystem(String nqn) {
        return nqn.equals(DiscoverySubsystem.NQN) ? discovery : subsystems.get(nqn);
    }

    /** The discovery log page for the host at the other end of this connection: what it may not connect to is not told. */
    byte[] discoveryLog(NvmeTcpConnection connection) {
        Association of = connection.association();
        String host = of == null ? "" : of.hostNqn();
        List<NvmSubsystem> told = subsystems.values().stream()
                .filter(subsystem -> subsystem.access().allows(host))
                .sorted(Comparator.comparing(Subsystem::nqn))
                .toList();
        return DiscoveryLog.of(generation.get(), told, connection.socket().local());
    }

    /**
     * Adds a device's subsystem.
     *
     * @throws IOException if there is one of this name
     */
    void add(NvmSubsystem subsystem) throws IOException {
        if (subsystems.putIfAbsent(subsystem.nqn(), subsystem) != null) {
            throw new IOException("nvme-tcp " + options.listen() + " has a subsystem " + subsystem.nqn() + " already");
        }
        generation.incrementAndGet();
        discovery.changed();
    }

    boolean isEmpty() {
        return subsystems.isEmpty();
    }

    /** Takes a subsystem away: finishes what is in flight, at most for {@code patience}, then drops its hosts. */
    void remove(NvmSubsystem subsystem, Duration patience) {
        if (!subsystems.remove(subsystem.nqn(), subsystem)) {
            return;
        }
        generation.incrementAndGet();
        discovery.changed();
        long deadline = System.nanoTime() + patience.toNanos();
        List<Association> associations = subsystem.end();
        // What a host that is connecting right now would bring is not missed below.
        associations.forEach(Association::seal);
        List<NvmeTcpConnection> queues = associations.stream()
                .flatMap(association -> association.connections().stream())
                .filter(connection -> connection.qid() != 0)
                .toList();
        drain(queues, deadline);
        associations.forEach(Association::drop);
        // Closing happens on the loops; behind it, nobody uses the device any more but what outlasted the patience.
        loops.forEach(resources -> resources.loop().pollLoop().run(() -> {}));
    }

    private static void drain(List<NvmeTcpConnection> queues, long deadline) {
        CountDownLatch closed = new CountDownLatch(queues.size());
        queues.forEach(queue -> queue.drainSoon(closed::countDown));
        boolean interrupted = false;
        while (true) {
            try {
                if (!closed.await(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                    LOG.warn(
                            "{} of {} queues still have commands in flight and are closed",
                            closed.getCount(),
                            queues.size());
                }
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** A second call does nothing. */
    @Override
    public void close() {
        if (closed.getAndSet(true)) {
            return;
        }
        server.close();
        authentication.close();
        loops.forEach(resources -> resources.loop().stop());
        group.close();
    }

    // The log: what a host can cause is limited.

    void logConnected(NvmeTcpConnection connection, Association to) {
        say(
                false,
                "connected",
                connection,
                "host " + printable(to.hostNqn()) + ", subsystem "
                        + to.subsystem().nqn());
    }

    void logRefused(NvmeTcpConnection connection, ConnectRequest request, int status, int dword) {
        say(
                true,
                "refused",
                connection,
                "host " + printable(request.hostNqn()) + ", subsystem " + printable(request.subsystemNqn())
                        + ", queue " + request.qid() + ": status " + NvmeStatus.toString(status) + ", parameter "
                        + Integer.toHexString(dword) + "h");
    }

    void authenticationFailed(NvmeTcpConnection connection, DhchapSession session) {
        connection.count(NvmeTcpCounter.AUTHENTICATION_FAILURES, 1);
        say(true, "authentication failed", connection, session.failures() + " times");
    }

    /** The host has been silent for its keep-alive time. */
    void logSilent(NvmeTcpConnection connection, Association of) {
        say(
                true,
                "dropped, nothing was heard in time",
                connection,
                "host " + printable(of.hostNqn()) + ", subsystem "
                        + of.subsystem().nqn());
    }

    private void say(boolean warning, String what, NvmeTcpConnection connection, String more) {
        long held = limiter.permit();
        if (held < 0) {
            return;
        }
        String tail = held == 0 ? "" : " (" + held + " similar lines held back)";
        if (warning) {
            LOG.warn("nvme-tcp {} {}: {}: {}{}", options.listen(), connection.name(), what, more, tail);
        } else {
            LOG.info("nvme-tcp {} {}: {}: {}{}", options.listen(), connection.name(), what, more, tail);
        }
    }

    /** A peer's text, for a log of lines. */
    static String printable(String text) {
        return text.replaceAll("[^\\x21-\\x7E]", "?");
    }
}
