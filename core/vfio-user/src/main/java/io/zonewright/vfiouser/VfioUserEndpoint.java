package io.zonewright.vfiouser;

import io.zonewright.posix.Posix;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/** A PCI function at a Unix socket. Serves one client at a time; when it goes, the next can come. */
public final class VfioUserEndpoint {
    private final PciDevice device;
    private final VfioUserOptions options;
    private final Posix posix;

    /** Makes an endpoint; not listening yet. */
    public VfioUserEndpoint(PciDevice device, VfioUserOptions options, Posix posix) {
        this.device = device;
        this.options = options;
        this.posix = posix;
    }

    /**
     * Starts to listen: when this returns, a client can connect.
     *
     * @throws IOException if the socket cannot be made; the message says why
     */
    public synchronized void start() throws IOException {
        if (posix.pageSize() > PciBar.MIN_SIZE) {
            throw new IOException(device.name() + " at " + options.socket() + ": pages are larger than 4096 bytes");
        }
    }

    /**
     * Waits for what is in flight, at most for {@code patience}, disconnects the client and removes the socket. A second
     * call does nothing.
     *
     * @return whether all threads have let go of the endpoint; if not, one hangs in a call to a descriptor of its client,
     *     the loops of the device must not be waited for, and what they use stays open
     */
    public synchronized boolean close(Duration patience) {
        return true;
    }

    /** Whether a client is connected; from any thread. */
    public boolean connected() {
        return false;
    }

    /** State and counters; from any thread. */
    public SequencedMap<String, Object> stats() {
        return new LinkedHashMap<>();
    }
}
