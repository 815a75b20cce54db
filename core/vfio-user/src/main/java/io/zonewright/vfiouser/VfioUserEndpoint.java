package io.zonewright.vfiouser;

import io.zonewright.posix.Posix;
import io.zonewright.posix.UnixConnection;
import io.zonewright.runtime.peer.PeerLog;
import io.zonewright.runtime.peer.PeerServer;
import io.zonewright.runtime.peer.PeerService;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A PCI function at a Unix socket. Serves one client at a time; when it goes, the next can come and finds the function as
 * after power-on. Messages are carried out by the control thread of a {@link PeerServer}.
 */
public final class VfioUserEndpoint {
    private static final Logger LOG = LoggerFactory.getLogger(VfioUserEndpoint.class);

    private final PciDevice device;
    private final VfioUserOptions options;
    private final Posix posix;
    private final Health health = new Health();
    private final PeerLog log;
    private final PeerServer server;

    /** Makes an endpoint; not listening yet. */
    public VfioUserEndpoint(PciDevice device, VfioUserOptions options, Posix posix) {
        this.device = device;
        this.options = options;
        this.posix = posix;
        log = new PeerLog(LOG, device.name());
        server = new PeerServer(
                posix,
                device.name(),
                options.socket(),
                options.access(),
                options.messageTimeout(),
                LOG,
                log,
                this::begin);
    }

    /**
     * Starts to listen: when this returns, a client can connect.
     *
     * @throws IOException if the socket cannot be made; the message says why
     */
    public void start() throws IOException {
        if (posix.pageSize() > PciBar.MIN_SIZE) {
            throw new IOException(device.name() + " cannot be served on a machine with pages of " + posix.pageSize()
                    + " bytes: parts of 4096 bytes are to be mapped");
        }
        server.start("vfio-user " + device.name());
    }

    /**
     * Waits for what is in flight, at most for {@code patience}, disconnects the client and removes the socket. A second
     * call does nothing.
     *
     * @return whether all threads have let go of the endpoint; if not, one hangs in a call to a descriptor of its client
     *     (see {@link PeerServer#close}), the loops of the device must not be waited for, and what they use stays open
     */
    public boolean close(Duration patience) {
        return server.close(patience);
    }

    /** Whether a client is connected; from any thread. */
    public boolean connected() {
        return server.connected();
    }

    /** State and counters; from any thread. */
    public SequencedMap<String, Object> stats() {
        SequencedMap<String, Object> result = new LinkedHashMap<>();
        result.put("connected", connected());
        result.putAll(server.counters());
        result.put("stopped-because", health.reason());
        return result;
    }

    private PeerService.Visit begin(UnixConnection connection) {
        MessageChannel channel = new MessageChannel(
                posix, connection, (int) options.messageTimeout().toMillis());
        return new Client(posix, device, channel, server, options.drainReport(), log, health);
    }
}
