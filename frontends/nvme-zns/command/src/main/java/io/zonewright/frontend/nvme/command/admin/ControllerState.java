package io.zonewright.frontend.nvme.command.admin;

import io.zonewright.frontend.nvme.command.CommandSet;
import io.zonewright.frontend.nvme.command.ControllerCarrier;
import io.zonewright.frontend.nvme.command.ControllerRegisters;
import io.zonewright.frontend.nvme.command.ControllerTraits;
import io.zonewright.frontend.nvme.command.NvmeNamespace;
import io.zonewright.frontend.nvme.command.NvmeSubsystem;
import io.zonewright.frontend.nvme.command.OpcodeTable;
import io.zonewright.frontend.nvme.command.event.AsyncEvents;
import io.zonewright.frontend.nvme.command.event.ChangedNamespaces;
import io.zonewright.frontend.nvme.command.event.ChangedZones;
import io.zonewright.frontend.nvme.command.event.Notice;
import io.zonewright.frontend.nvme.command.feature.Features;
import io.zonewright.frontend.nvme.command.log.ErrorLog;
import io.zonewright.frontend.nvme.command.log.Health;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the admin commands of one controller read and change. Each part has its own lock; nothing here is shared with
 * another controller but the subsystem, which the hosts cannot change.
 */
public final class ControllerState {
    private final NvmeSubsystem subsystem;
    private final int id;
    private final ControllerTraits traits;
    private final ControllerCarrier carrier;
    private final ControllerRegisters registers;
    private @Nullable OpcodeTable adminTable;
    private final Features features = new Features();
    private final ErrorLog errors = new ErrorLog();
    private final AsyncEvents events = new AsyncEvents();
    private final ChangedNamespaces changedNamespaces = new ChangedNamespaces();
    private final ChangedZones changedZones = new ChangedZones();
    private final KeepAlive keepAlive;
    private volatile boolean ioQueuesMade;

    public ControllerState(
            NvmeSubsystem subsystem,
            int id,
            ControllerTraits traits,
            ControllerCarrier carrier,
            ControllerRegisters registers) {
        this.subsystem = subsystem;
        this.id = id;
        this.traits = traits;
        this.carrier = carrier;
        this.registers = registers;
        keepAlive = new KeepAlive(subsystem.clock());
    }

    public NvmeSubsystem subsystem() {
        return subsystem;
    }

    /** CNTLID. */
    public int id() {
        return id;
    }

    public ControllerTraits traits() {
        return traits;
    }

    public ControllerCarrier carrier() {
        return carrier;
    }

    public ControllerRegisters registers() {
        return registers;
    }

    /** The admin commands that this controller offers. */
    public OpcodeTable adminTable() {
        return Objects.requireNonNull(adminTable);
    }

    /** Completes the making of a controller: its commands need this state, and the effects log needs the commands. */
    public void setAdminTable(OpcodeTable table) {
        adminTable = table;
    }

    public Features features() {
        return features;
    }

    public ErrorLog errors() {
        return errors;
    }

    public AsyncEvents events() {
        return events;
    }

    public ChangedNamespaces changedNamespaces() {
        return changedNamespaces;
    }

    /** Of the subsystem's zoned namespace; there is at most one. */
    public ChangedZones changedZones() {
        return changedZones;
    }

    public KeepAlive keepAlive() {
        return keepAlive;
    }

    /** Whether an I/O queue was made since the last reset: Number of Queues is then fixed. */
    public boolean ioQueuesMade() {
        return ioQueuesMade;
    }

    /** An I/O queue exists. */
    public void noteIoQueue() {
        if (!ioQueuesMade) {
            ioQueuesMade = true;
        }
    }

    /**
     * Whether the host sees the namespace as attached. A host that enabled the NVM Command Set alone (CC.CSS 000b) does
     * not see zoned ones: it would take them for ordinary ones and write anywhere.
     */
    public boolean attached(NvmeNamespace namespace) {
        return !namespace.zoned() || registers.allCommandSets();
    }

    /** The attached namespace with this NSID, or null. */
    public @Nullable NvmeNamespace attached(int nsid) {
        NvmeNamespace namespace = subsystem.namespace(nsid);
        return namespace != null && attached(namespace) ? namespace : null;
    }

    /** Whether the subsystem has such a namespace, attached or not: 1 to NN. */
    public boolean valid(int nsid) {
        return subsystem.namespace(nsid) != null;
    }

    /** Whether this controller knows the command set with this identifier. */
    public boolean knows(int csi) {
        return csi == CommandSet.NVM.csi() || (csi == CommandSet.ZNS.csi() && subsystem.zoned());
    }

    /** Namespaces in NSID order. */
    public List<NvmeNamespace> namespaces() {
        return subsystem.namespaces();
    }

    /** A zone of the device was changed by somebody other than a host's command. */
    public void zoneChanged(int deviceZone) {
        for (NvmeNamespace namespace : subsystem.namespaces()) {
            int zone = namespace.zoneOfDevice(deviceZone);
            if (namespace.zoned() && zone >= 0 && attached(namespace)) {
                changedZones.add(namespace.zoneStart(zone));
                events.raise(Notice.ZONE_CHANGED, namespace.nsid());
            }
        }
    }

    /** The namespaces' Identify data changed. */
    public void namespacesChanged() {
        for (NvmeNamespace namespace : subsystem.namespaces()) {
            if (attached(namespace)) {
                changedNamespaces.add(namespace.nsid());
                events.raise(Notice.NAMESPACE_CHANGED, 0);
            }
        }
    }

    /** The temperature as the thresholds judge it now: an event if one is crossed. */
    public void judgeTemperature() {
        if (features.temperatureOutside(Health.TEMPERATURE)) {
            events.raise(Notice.TEMPERATURE, 0);
        }
    }

    /** The controller is enabled: its clock starts at 0. */
    public void enable() {
        features.startTimestamp(subsystem.clock().getAsLong());
    }

    /** Controller reset: features go to their defaults, events are forgotten. */
    public void reset() {
        ioQueuesMade = false;
        features.reset();
        events.reset();
    }
}
