package io.zonewright.frontend.nvme.command;

import io.zonewright.api.spi.ZonedDevice;
import io.zonewright.frontend.nvme.command.io.IoCommands;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One NVM subsystem over one device, shared by every controller of every carrier. Thread-safe.
 */
public final class NvmeSubsystem implements AutoCloseable {
    /** Most controllers at a time. */
    public static final int MAX_CONTROLLERS = 1024;

    private final ZonedDevice device;
    private final SubsystemOptions options;
    private final List<NvmeNamespace> namespaces;
    private final IoCommands io;
    private final OpcodeTable nvm;
    private final OpcodeTable zns;
    private final BitSet controllerIds = new BitSet();

    /**
     * Lays the device out as namespaces.
     *
     * @throws IllegalArgumentException with a message for the user if the device cannot be shown by NVMe
     */
    public NvmeSubsystem(ZonedDevice device, SubsystemOptions options) {
        this.device = device;
        this.options = options;
        namespaces = NamespaceLayout.of(device);
        io = new IoCommands(device);
        nvm = OpcodeTable.of(CommandSet.NVM, io.handlers());
        zns = OpcodeTable.of(CommandSet.ZNS, io.handlers());
    }

    public ZonedDevice device() {
        return device;
    }

    public SubsystemOptions options() {
        return options;
    }

    /** What the I/O commands can do. */
    public IoCommands io() {
        return io;
    }

    /** In NSID order; NSIDs are 1 and up without a gap. */
    public List<NvmeNamespace> namespaces() {
        return namespaces;
    }

    /** The namespace, or null if {@code nsid} names none. */
    public @Nullable NvmeNamespace namespace(int nsid) {
        return nsid >= 1 && nsid <= namespaces.size() ? namespaces.get(nsid - 1) : null;
    }

    /** The I/O commands of a set. */
    public OpcodeTable table(CommandSet set) {
        return set == CommandSet.ZNS ? zns : nvm;
    }

    /**
     * A new controller with an identifier of its own.
     *
     * @throws IllegalStateException if {@link #MAX_CONTROLLERS} exist
     */
    public NvmeController newController(ControllerTraits traits, ControllerCarrier carrier) {
        synchronized (controllerIds) {
            int id = controllerIds.nextClearBit(1);
            if (id > MAX_CONTROLLERS) {
                throw new IllegalStateException(
                        "subsystem " + options.nqn() + " has " + MAX_CONTROLLERS + " controllers");
            }
            controllerIds.set(id);
            return new NvmeController(this, id, traits, carrier);
        }
    }

    void release(int id) {
        synchronized (controllerIds) {
            controllerIds.clear(id);
        }
    }

    @Override
    public void close() {}
}
