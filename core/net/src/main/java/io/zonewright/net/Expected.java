package io.zonewright.net;

import java.util.HashMap;
import java.util.Map;

/**
 * How many are still to come to each listening address that several devices share. A listener that accepts before all of them
 * have started tells peers that some do not exist, and a peer that comes back after a restart of the daemon gives up for ever
 * then (Linux's NVMe host, open-iscsi). Until it accepts, the kernel keeps their connections waiting.
 *
 * <p>Not thread-safe. An address whose port the kernel chooses is nobody else's, and never waited for.
 */
public final class Expected {
    private final Map<NetAddress, Integer> toCome = new HashMap<>();

    /** One more is to come, and will {@linkplain #arrived say} when it has, or that it does not. */
    public void expect(NetAddress address) {
        if (address.port() != 0) {
            toCome.merge(address, 1, Integer::sum);
        }
    }

    /** Ends one {@link #expect}; whether nobody else is waited for. */
    public boolean arrived(NetAddress address) {
        return toCome.computeIfPresent(address, (_, count) -> count == 1 ? null : count - 1) == null;
    }
}
