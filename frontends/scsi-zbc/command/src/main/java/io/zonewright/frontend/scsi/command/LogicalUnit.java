package io.zonewright.frontend.scsi.command;

import io.zonewright.api.spi.DeviceListener;
import io.zonewright.api.spi.ZonedDevice;
import io.zonewright.frontend.scsi.command.log.ZoneStatistics;
import io.zonewright.frontend.scsi.command.mode.ModePages;
import io.zonewright.frontend.scsi.command.primary.UnitCommands;
import io.zonewright.frontend.scsi.command.reservation.Reservations;
import io.zonewright.frontend.scsi.command.zone.ZoneLayout;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One logical unit over one device, shared by every target of every carrier ({@link #shared}): persistent reservations,
 * mode pages, the task set. Thread-safe. When its last user closes it, it lets go of the device, which stays open.
 */
public final class LogicalUnit implements AutoCloseable {
    /** What one logical unit is: an initiator that reaches it by two carriers sees one disk, not two. */
    private record Identity(ZonedDevice device, LogicalUnitOptions options) {}

    private static final int MAX_BLOCK_BYTES = 64 << 10;

    private static final Map<Identity, LogicalUnit> SHARED = new HashMap<>();

    private final ZonedDevice device;
    private final LogicalUnitOptions options;
    private final TaskSet taskSet = new TaskSet(this);
    private final ModePages modes;
    private final Reservations reservations = new Reservations(this);
    private final OpcodeTable table;
    private final List<UnitNexus> paths = new CopyOnWriteArrayList<>();
    /** By which it is reached, in the order in which it was attached. */
    private final List<TargetPort> ports = new CopyOnWriteArrayList<>();

    private final DeviceListener listener = new Listener();
    private final ZoneStatistics zoneStatistics = new ZoneStatistics();
    private final LongAdder commands = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final LongAdder conflicts = new LongAdder();
    private final ZoneLayout zones;
    private volatile UnitShape shape;

    /** How many called {@link #shared} and not yet {@link #close}; guarded by {@link #SHARED}. */
    private int users = 1;

    /**
     * The logical unit of this device under these options: made for the first that asks, and the same for all others until
     * each has closed it.
     *
     * @throws IllegalArgumentException with a message for the user if the device cannot be shown by SCSI
     */
    public static LogicalUnit shared(ZonedDevice device, LogicalUnitOptions options) {
        synchronized (SHARED) {
            Identity identity = new Identity(device, options);
            LogicalUnit known = SHARED.get(identity);
            if (known != null) {
                known.users++;
                return known;
            }
            LogicalUnit made = new LogicalUnit(device, options);
            SHARED.put(identity, made);
            return made;
        }
    }

    /** A logical unit that is not shared. */
    public LogicalUnit(ZonedDevice device, LogicalUnitOptions options) {
        this.device = device;
        this.options = options;
        shape = UnitShape.of(device);
        if (shape.blockSize() > MAX_BLOCK_BYTES) {
            throw new IllegalArgumentException("SCSI is served with logical blocks of at most 64 KiB: device "
                    + device.identity().name() + " has " + shape.blockSize() + " bytes");
        }
        zones = new ZoneLayout(device);
        modes = new ModePages(shape.cached());
        table = UnitCommands.of(this);
        device.addListener(listener);
    }

    public ZonedDevice device() {
        return device;
    }

    public LogicalUnitOptions options() {
        return options;
    }

    /** The device in logical blocks, as it is now. */
    public UnitShape shape() {
        return shape;
    }

    /** Its zones, gap zones included. */
    public ZoneLayout zones() {
        return zones;
    }

    /** What it offers. */
    public OpcodeTable table() {
        return table;
    }

    /** What is counted for the log. */
    public ZoneStatistics zoneStatistics() {
        return zoneStatistics;
    }

    public ModePages modes() {
        return modes;
    }

    public Reservations reservations() {
        return reservations;
    }

    /** Whether sense data is in descriptor format (D_SENSE). */
    public boolean descriptorSense() {
        return modes.descriptorSense();
    }

    /** Every nexus that reaches it. */
    public List<UnitNexus> unitNexuses() {
        return paths;
    }

    /** The target ports that it is behind. */
    public List<TargetPort> ports() {
        return ports;
    }

    /** Whether it is behind a target port with this relative identifier. */
    public boolean hasPort(int relativeId) {
        for (TargetPort port : ports) {
            if (port.relativeId() == relativeId) {
                return true;
            }
        }
        return false;
    }

    void attached(TargetPort port) {
        ports.add(port);
    }

    void detached(TargetPort port) {
        ports.remove(port);
    }

    /** Makes a unit attention pending for every nexus but one. */
    public void raise(Sense attention, @Nullable UnitNexus except) {
        for (UnitNexus path : paths) {
            if (path != except) {
                path.raise(attention);
            }
        }
    }

    TaskSet taskSet() {
        return taskSet;
    }

    void eachTask(Consumer<ScsiTask> what) {
        for (UnitNexus path : paths) {
            path.nexus().eachTask(what);
        }
    }

    void connected(UnitNexus path) {
        paths.add(path);
    }

    void disconnected(UnitNexus path) {
        paths.remove(path);
        nexusLost(path);
    }

    /** What a nexus holds only as long as it exists. */
    void nexusLost(UnitNexus path) {
        path.setPreventsRemoval(false);
        reservations.releaseLegacy(path);
    }

    /** SAM-5, "Logical unit reset": all but persistent reservations is as after power on. */
    void reset() {
        reservations.releaseLegacy(null);
        modes.reset();
        for (UnitNexus path : paths) {
            path.setPreventsRemoval(false);
            path.raise(Sense.BUS_DEVICE_RESET);
        }
    }

    /**
     * Aborts every task of other nexuses, and of the one who asks too. With TAS the others are told TASK ABORTED, without
     * it they have a unit attention afterwards (SAM-5, "Command abort conditions").
     */
    void abortAll(Nexus asking, Nexus.Abort abort) {
        boolean told = modes.taskAbortedStatus();
        ScsiTask.Target all = new ScsiTask.Target(null, this, false, 0);
        for (UnitNexus path : paths) {
            boolean other = path.nexus() != asking;
            int before = abort.taken();
            abort.take(path.nexus(), all, other && told);
            if (other && !told && abort.taken() > before) {
                path.raise(Sense.COMMANDS_CLEARED_BY_ANOTHER_INITIATOR);
            }
        }
    }

    /**
     * Aborts every task of one nexus for PREEMPT AND ABORT; the one that asks for it is spared.
     *
     * @param done runs when the last of them is gone, perhaps before this returns
     */
    public void abortTasksOf(List<UnitNexus> whose, ScsiTask asking, Runnable done) {
        boolean told = modes.taskAbortedStatus();
        Nexus.Abort abort = new Nexus.Abort((result, information) -> done.run());
        for (UnitNexus path : whose) {
            if (path.nexus() == asking.nexus()) {
                continue;
            }
            int before = abort.taken();
            abort.take(path.nexus(), new ScsiTask.Target(path, null, false, 0), told);
            if (!told && abort.taken() > before) {
                path.raise(Sense.COMMANDS_CLEARED_BY_ANOTHER_INITIATOR);
            }
        }
        abort.left();
    }

    void ended(ScsiTask task) {
        commands.increment();
        switch (task.status()) {
            case ScsiStatus.CHECK_CONDITION -> {
                failed.increment();
                if (task.decoded()) {
                    zoneStatistics.count(task.opcode(), task.failure());
                }
            }
            case ScsiStatus.RESERVATION_CONFLICT -> conflicts.increment();
            default -> {}
        }
    }

    /** For {@code zonewright stats}. */
    public SequencedMap<String, Object> stats() {
        SequencedMap<String, Object> stats = new LinkedHashMap<>();
        stats.put("nexuses", paths.size());
        stats.put("commands", commands.sum());
        stats.put("check-conditions", failed.sum());
        stats.put("reservation-conflicts", conflicts.sum());
        stats.put("registrations", reservations.registrations());
        return stats;
    }

    /** Ends one use; whoever used it has closed its nexuses. */
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
    }

    private final class Listener implements DeviceListener {
        @Override
        public void configurationChanged() {
            shape = UnitShape.of(device);
            raise(Sense.CAPACITY_DATA_HAS_CHANGED, null);
            raise(Sense.INQUIRY_DATA_HAS_CHANGED, null);
        }
    }
}
