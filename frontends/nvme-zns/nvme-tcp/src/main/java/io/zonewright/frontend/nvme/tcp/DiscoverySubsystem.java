package io.zonewright.frontend.nvme.tcp;

import java.util.BitSet;
import java.util.UUID;

/** The discovery service of a portal, under its well-known name. */
final class DiscoverySubsystem extends Subsystem {
    /** Base 2.1, section 4.7.1. */
    static final String NQN = "nqn.2014-08.org.nvmexpress.discovery";

    static final int MAX_CONTROLLERS = 1024;

    private final Portal portal;
    private final BitSet ids = new BitSet();

    DiscoverySubsystem(Portal portal, int loops) {
        super(NQN, HostAccess.ANY, loops);
        this.portal = portal;
    }

    Portal portal() {
        return portal;
    }

    @Override
    int queueEntries() {
        return 0;
    }

    @Override
    Association create(String hostNqn, UUID hostId, long keepAliveMillis, NvmeTcpConnection admin) {
        synchronized (ids) {
            int id = ids.nextClearBit(1);
            if (id > MAX_CONTROLLERS) {
                throw new IllegalStateException("the discovery service has " + MAX_CONTROLLERS + " controllers");
            }
            ids.set(id);
            return new DiscoveryAssociation(this, id, hostNqn, hostId, keepAliveMillis);
        }
    }

    void release(int id) {
        synchronized (ids) {
            ids.clear(id);
        }
    }

    /** The log page has changed. */
    void changed() {
        for (Association association : associations()) {
            ((DiscoveryAssociation) association).logChanged();
        }
    }
}
