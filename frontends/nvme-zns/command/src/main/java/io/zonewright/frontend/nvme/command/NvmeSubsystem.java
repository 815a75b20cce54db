package io.zonewright.frontend.nvme.command;

import io.zonewright.api.spi.DeviceListener;
import io.zonewright.api.spi.ZonedDevice;
import io.zonewright.api.zone.ZoneDescriptor;
import io.zonewright.frontend.nvme.command.io.IoCommands;
import io.zonewright.frontend.nvme.command.log.IoCounters;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One NVM subsystem over one device, shared by every controller of every carrier ({@link #shared}). Thread-safe. When its
 * last user closes it, all its controllers are closed; the device stays open.
 */
public final class NvmeSubsystem implements AutoCloseable {
    /** Most controllers at a time. */
    public static final int MAX_CONTROLLERS = 1024;

    private static final Logger LOG = LoggerFactory.getLogger(NvmeSubsystem.class);

    /** What one subsystem is: a host that reaches it over two carriers sees two controllers of it, not two disks. */
    private record Identity(ZonedDevice device, SubsystemOptions options) {}

    private static final Map<Identity, NvmeSubsystem> SHARED = new HashMap<>();

    private final ZonedDevice device;
    private final SubsystemOptions options;
    private final LongSupplier clock;
    private final long madeAt;
    private final IoCommands io;
    private final OpcodeTable nvm;
    private final OpcodeTable zns;
    /** Of controllers that are gone; guarded by {@link #controllers}. */
    private final IoCounters gone = new IoCounters();

    private final TreeMap<Integer, NvmeController> controllers = new TreeMap<>();
    private final DeviceListener listener = new Listener();
    private volatile List<NvmeNamespace> namespaces;
    private volatile long zonedCapacity;

    /** How many called {@link #shared} and not yet {@link #close}; guarded by {@link #SHARED}. */
    private int users = 1;

    /**
     * The subsystem of this device under these options: made for the first front-end that asks, and the same for all
     * others until each has closed it. So identifiers of controllers never clash.
     *
     * @throws IllegalArgumentException with a message for the user if the device cannot be shown by NVMe
     */
    public static NvmeSubsystem shared(ZonedDevice device, SubsystemOptions options) {
        synchronized (SHARED) {
            Identity identity = new Identity(device, options);
            NvmeSubsystem known = SHARED.get(identity);
            if (known != null) {
                known.users++;
                return known;
            }
            NvmeSubsystem made = new NvmeSubsystem(device, options);
            SHARED.put(identity, made);
            return made;
        }
    }

    /**
     * Lays the device out as namespaces.
     *
     * @throws IllegalArgumentException with a message for the user if the device cannot be shown by NVMe
     */
    public NvmeSubsystem(ZonedDevice device, SubsystemOptions options) {
        this(device, options, System::nanoTime);
    }

    /** With another clock than {@link System#nanoTime}. */
    NvmeSubsystem(ZonedDevice device, SubsystemOptions options, LongSupplier clock) {
        this.device = device;
        this.options = options;
        this.clock = clock;
        madeAt = clock.getAsLong();
        namespaces = NamespaceLayout.of(device);
        zonedCapacity = zonedCapacity(namespaces.get(0));
        io = new IoCommands(device, options.readsAcrossZones());
        nvm = OpcodeTable.of(CommandSet.NVM, io.handlers());
        zns = OpcodeTable.of(CommandSet.ZNS, io.handlers());
        device.addListener(listener);
    }

    public ZonedDevice device() {
        return device;
    }

    public SubsystemOptions options() {
        return options;
    }

    /** What tells the time, like {@link System#nanoTime}. */
    public LongSupplier clock() {
        return clock;
    }

    /** Since this subsystem was made. */
    public long ageNanos() {
        return clock.getAsLong() - madeAt;
    }

    /** What the I/O commands can do. */
    public IoCommands io() {
        return io;
    }

    /**
     * What was done for all hosts until now. A command that outlives its controller was not completed by it, and does not
     * count.
     */
    public IoCounters counters() {
        IoCounters sum = new IoCounters();
        synchronized (controllers) {
            sum.add(gone);
            controllers.values().forEach(controller -> sum.add(controller.counters()));
        }
        return sum;
    }

    /** In NSID order; NSIDs are 1 and up without a gap. */
    public List<NvmeNamespace> namespaces() {
        return namespaces;
    }

    /** The namespace, or null if {@code nsid} names none. */
    public @Nullable NvmeNamespace namespace(int nsid) {
        List<NvmeNamespace> now = namespaces;
        return nsid >= 1 && nsid <= now.size() ? now.get(nsid - 1) : null;
    }

    /** Whether a namespace is zoned: it is then the first. */
    public boolean zoned() {
        return namespaces.get(0).zoned();
    }

    /** Whether acknowledged writes may be lost until a Flush. */
    public boolean volatileCache() {
        return device.capabilities().volatileCache();
    }

    /** Whether the device takes no writes at all. */
    public boolean writeProtected() {
        return device.capabilities().readOnly();
    }

    /** The I/O commands of a set. */
    public OpcodeTable table(CommandSet set) {
        return set == CommandSet.ZNS ? zns : nvm;
    }

    /** Logical blocks that can be written: all of an ordinary namespace, the sum of a zoned one's zone capacities. */
    public long capacityLbas(NvmeNamespace namespace) {
        return namespace.zoned() ? zonedCapacity >> namespace.lbaShift() : namespace.lbas();
    }

    /** Capacities never change, so the zones are asked once and not whenever a host asks. */
    private long zonedCapacity(NvmeNamespace namespace) {
        ZoneDescriptor zone = new ZoneDescriptor();
        long bytes = 0;
        for (int i = 0; i < namespace.zoneCount(); i++) {
            device.zone(namespace.deviceZone(i), zone);
            bytes += zone.capacity();
        }
        return bytes;
    }

    /**
     * The namespace's UUID and NGUID: the device's own for the first, derived from it for the other, the same on every
     * carrier and after every restart.
     */
    public UUID uuid(NvmeNamespace namespace) {
        UUID own = device.identity().uuid();
        return namespace.nsid() == 1
                ? own
                : UUID.nameUUIDFromBytes((own + ":" + namespace.nsid()).getBytes(StandardCharsets.US_ASCII));
    }

    /**
     * ZASL: the longest Zone Append as a power of two of 4 KiB pages; 0 if it equals MDTS, or if there is no Zone Append.
     */
    public int zasl(ControllerTraits traits) {
        long limit = io.maxAppendBytes();
        return limit == 0 || limit >= traits.dataLimit()
                ? 0
                : Long.numberOfTrailingZeros(limit / ControllerTraits.PAGE);
    }

    /**
     * A new controller with an identifier of its own.
     *
     * @throws IllegalStateException if {@link #MAX_CONTROLLERS} exist
     */
    public NvmeController newController(ControllerTraits traits, ControllerCarrier carrier) {
        synchronized (controllers) {
            int id = 1;
            while (controllers.containsKey(id)) {
                id++;
            }
            if (id > MAX_CONTROLLERS) {
                throw new IllegalStateException(
                        "subsystem " + options.nqn() + " has " + MAX_CONTROLLERS + " controllers already");
            }
            NvmeController controller = new NvmeController(this, id, traits, carrier);
            controllers.put(id, controller);
            return controller;
        }
    }

    /** Identifiers of all controllers, ascending. */
    public List<Integer> controllerIds() {
        synchronized (controllers) {
            return List.copyOf(controllers.keySet());
        }
    }

    /** Whether a controller with this identifier exists. */
    public boolean hasController(int id) {
        synchronized (controllers) {
            return controllers.containsKey(id);
        }
    }

    void release(NvmeController controller) {
        synchronized (controllers) {
            if (controllers.remove(controller.id(), controller)) {
                gone.add(controller.counters());
            }
        }
    }

    private List<NvmeController> all() {
        synchronized (controllers) {
            return new ArrayList<>(controllers.values());
        }
    }

    /** Tells every controller; what goes wrong in one does not keep the others from hearing it. */
    private void tell(Consumer<NvmeController> what) {
        for (NvmeController controller : all()) {
            try {
                what.accept(controller);
            } catch (RuntimeException e) {
                LOG.error("controller {} of {}", controller.id(), options.nqn(), e);
            }
        }
    }

    /** Ends one use; the front-end has closed its own controllers. The last one to do so closes the subsystem. */
    @Override
    public void close() {
        synchronized (SHARED) {
            users--;
            if (users > 0) {
                return;
            }
            SHARED.remove(new Identity(device, options), this);
        }
        device.removeListener(listener);
        tell(NvmeController::close);
    }

    private final class Listener implements DeviceListener {
        @Override
        public void zoneChanged(int zone) {
            tell(controller -> controller.zoneChanged(zone));
        }

        @Override
        public void configurationChanged() {
            try {
                List<NvmeNamespace> now = NamespaceLayout.of(device);
                zonedCapacity = zonedCapacity(now.get(0));
                namespaces = now;
            } catch (IllegalArgumentException e) {
                LOG.error(
                        "device {} can no longer be shown by NVMe as it is now",
                        device.identity().name(),
                        e);
                return;
            }
            tell(NvmeController::namespacesChanged);
        }
    }
}
