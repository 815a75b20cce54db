package io.zonewright.net;

import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;

/** Counts the open connections of a listener against its limits. Any thread. */
final class ConnectionCount {
    private final ConnectionLimits limits;
    private final Map<InetAddress, Integer> byAddress = new HashMap<>();
    private int total;

    ConnectionCount(ConnectionLimits limits) {
        this.limits = limits;
    }

    /** Counts one more if the limits allow that. */
    synchronized boolean enter(InetAddress peer) {
        int ofPeer = byAddress.getOrDefault(peer, 0);
        if (total >= limits.total() || ofPeer >= limits.perAddress()) {
            return false;
        }
        byAddress.put(peer, ofPeer + 1);
        total++;
        return true;
    }

    /** Ends one {@link #enter}. */
    synchronized void leave(InetAddress peer) {
        if (byAddress.computeIfPresent(peer, (p, n) -> n == 1 ? null : n - 1) == null && total == 0) {
            throw new IllegalStateException(peer + " was not counted");
        }
        total--;
    }

    synchronized int total() {
        return total;
    }
}
