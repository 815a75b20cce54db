package io.zonewright.frontend.nvme.tcp;

import io.zonewright.frontend.nvme.command.NvmeSubsystem;
import io.zonewright.net.NetAddress;
import java.util.UUID;

/** A device's subsystem at a portal. */
final class NvmSubsystem extends Subsystem {
    private final NvmeSubsystem core;
    private final NetAddress advertised;
    private final int ioQueues;
    private final int queueEntries;

    /** @param advertised the address that the discovery service tells; its port 0 and wildcard stand for the listener's */
    NvmSubsystem(
            NvmeSubsystem core, HostAccess access, NetAddress advertised, int ioQueues, int queueEntries, int loops) {
        super(core.options().nqn(), access, loops);
        this.core = core;
        this.advertised = advertised;
        this.ioQueues = ioQueues;
        this.queueEntries = queueEntries;
    }

    NvmeSubsystem core() {
        return core;
    }

    NetAddress advertised() {
        return advertised;
    }

    int ioQueues() {
        return ioQueues;
    }

    @Override
    int queueEntries() {
        return queueEntries;
    }

    @Override
    Association create(String hostNqn, UUID hostId, long keepAliveMillis, NvmeTcpConnection admin) {
        return new NvmAssociation(this, hostNqn, hostId, keepAliveMillis, admin);
    }
}
