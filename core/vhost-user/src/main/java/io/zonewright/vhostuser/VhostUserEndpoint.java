package io.zonewright.vhostuser;

import io.zonewright.posix.Posix;
import io.zonewright.posix.UnixConnection;
import io.zonewright.runtime.LoopGroup;
import io.zonewright.runtime.peer.PeerLog;
import io.zonewright.runtime.peer.PeerServer;
import io.zonewright.runtime.peer.PeerService;
import io.zonewright.virtio.DeviceHealth;
import io.zonewright.virtio.QueueRunner;
import io.zonewright.virtio.VirtioDevice;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A vhost-user device at a Unix socket. Serves one driver at a time; when it goes, the next can come. Messages are
 * carried out by the control thread of a {@link PeerServer}; queues run on the loops given.
 */
public final class VhostUserEndpoint {
    private static final Logger LOG = LoggerFactory.getLogger(VhostUserEndpoint.class);

    private final Posix posix;
    private final VirtioDevice device;
    private final EndpointOptions options;
    private final List<QueueRunner> runners = new ArrayList<>();
    private final DeviceHealth health = new DeviceHealth();
    private final PeerLog log;
    private final PeerServer server;

    /** Set by whoever changed the configuration, cleared by the control thread before it tells the driver. */
    private final AtomicBoolean configurationChanged = new AtomicBoolean();

    /** Whether the queues are members of their loops. */
    private boolean onLoops;

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
        log = new PeerLog(LOG, device.name());
        int queues = device.queueCount();
        if (queues < 1 || queues > 256) {
            throw new IllegalArgumentException(device.name() + " has " + queues + " queues, not 1 to 256");
        }
        server = new PeerServer(
                posix,
                device.name(),
                options.socket(),
                options.access(),
                options.messageTimeout(),
                LOG,
                log,
                this::begin);
        for (int i = 0; i < queues; i++) {
            runners.add(new QueueRunner(device, i, loops.loop(firstLoop + i), health, log, server::wake));
        }
    }

    /**
     * Starts to listen: when this returns, a driver can connect.
     *
     * @throws IOException if the socket cannot be made; the message says why
     */
    public synchronized void start() throws IOException {
        server.start("vhost-user " + device.name());
        for (QueueRunner runner : runners) {
            runner.loop().run(() -> runner.loop().add(runner));
        }
        onLoops = true;
    }

    /**
     * Takes no more requests, waits for those in flight, at most for {@code patience}, disconnects the driver and
     * removes the socket. A second call does nothing.
     *
     * @return whether all threads have let go of the endpoint; if not, one of them hangs in a call to a descriptor of its
     *     driver (see {@link PeerServer#close}), the loops must not be waited for, and what they use stays open
     */
    public synchronized boolean close(Duration patience) {
        boolean ended = server.close(patience);
        if (ended && onLoops) {
            onLoops = false;
            for (QueueRunner runner : runners) {
                runner.loop().run(() -> runner.loop().remove(runner));
            }
        }
        return ended;
    }

    /**
     * The device's configuration space has changed, and the driver is to read it again; from any thread, never blocks.
     * Changes in quick succession make one notice. A driver that connects later reads the new configuration anyway; one
     * that does not read its notices loses them, which is logged.
     */
    public void configurationChanged() {
        configurationChanged.set(true);
        server.wake();
    }

    /** Whether a driver is connected; from any thread. */
    public boolean connected() {
        return server.connected();
    }

    /** State and counters, all queues together; from any thread. */
    public SequencedMap<String, Object> stats() {
        SequencedMap<String, Object> result = new LinkedHashMap<>();
        result.put("connected", connected());
        result.putAll(server.counters());
        String reason = health.reason();
        result.put("stopped-because", reason == null ? "" : reason);
        SequencedMap<String, Long> sums = new LinkedHashMap<>();
        for (QueueRunner runner : runners) {
            runner.counters().addTo(sums);
        }
        result.putAll(sums);
        return result;
    }

    private PeerService.Visit begin(UnixConnection connection) {
        MessageChannel channel = new MessageChannel(
                posix, connection, (int) options.messageTimeout().toMillis());
        ConfigNotices notices = new ConfigNotices(posix, server, PeerServer.FIRST_TOKEN, options.messageTimeout(), log);
        return new Session(
                posix, device, runners, health, channel, this::awaitDrained, log, notices, configurationChanged);
    }

    /** See {@link DrainWaiter}. */
    private boolean awaitDrained(List<QueueRunner> draining) {
        return QueueRunner.awaitDrained(
                (done, hopeless, waitedFor) -> server.await(
                        done,
                        hopeless,
                        options.drainReport(),
                        () -> LOG.warn("{}: still waits for {}", device.name(), waitedFor.get())),
                draining,
                options.lostRequestPatience());
    }
}
