package io.zonewright.frontend.scsi.command;

import io.zonewright.frontend.scsi.command.primary.TargetCommands;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A target port with logical units behind it: an iSCSI target, or a virtio HBA. Units come and go while nexuses exist.
 * Thread-safe.
 */
public final class ScsiTarget {
    /** Most logical units. */
    public static final int MAX_UNITS = 256;

    private final TargetPort port;
    private final OpcodeTable withoutUnit;
    private final TreeMap<Integer, LogicalUnit> units = new TreeMap<>();
    private final List<Nexus> nexuses = new ArrayList<>();

    public ScsiTarget(TargetPort port) {
        this.port = port;
        withoutUnit = TargetCommands.withoutUnit();
    }

    public TargetPort port() {
        return port;
    }

    /**
     * Puts a logical unit behind this target; the caller keeps it open. Initiators are told.
     *
     * @throws IllegalArgumentException if the number is taken or above {@link Lun#MAX}, or if there are {@link #MAX_UNITS}
     */
    public void attach(int lun, LogicalUnit unit) {
        List<Nexus> all;
        synchronized (units) {
            if (lun < 0 || lun > Lun.MAX) {
                throw new IllegalArgumentException("LUN " + lun + " is not one of 0 to " + Lun.MAX);
            }
            if (units.containsKey(lun)) {
                throw new IllegalArgumentException("LUN " + lun + " of " + port.portName() + " is taken");
            }
            if (units.size() == MAX_UNITS) {
                throw new IllegalArgumentException(port.portName() + " has " + MAX_UNITS + " logical units already");
            }
            units.put(lun, unit);
            unit.attached(port);
            rebuild();
            all = List.copyOf(nexuses);
        }
        for (Nexus nexus : all) {
            lunsChanged(nexus, lun);
            nexus.listener().unitAdded(lun);
        }
    }

    /** Takes a logical unit away. Its tasks in flight end by themselves; initiators are told. */
    public void detach(int lun) {
        List<UnitNexus> gone = new ArrayList<>();
        List<Nexus> all;
        LogicalUnit unit;
        synchronized (units) {
            unit = units.remove(lun);
            if (unit == null) {
                return;
            }
            for (Nexus nexus : nexuses) {
                UnitNexus path = unit(nexus, lun);
                if (path != null) {
                    gone.add(path);
                }
            }
            rebuild();
            all = List.copyOf(nexuses);
        }
        for (UnitNexus path : gone) {
            path.unit().disconnected(path);
        }
        unit.detached(port);
        for (Nexus nexus : all) {
            lunsChanged(nexus, lun);
            nexus.listener().unitRemoved(lun);
        }
    }

    private void lunsChanged(Nexus nexus, int lun) {
        eachUnit(nexus, path -> {
            if (path.lun() != lun) {
                path.raise(Sense.REPORTED_LUNS_DATA_HAS_CHANGED);
            }
        });
    }

    /** An initiator came. */
    public Nexus connect(InitiatorPort initiator, NexusListener listener) {
        Nexus nexus = new Nexus(this, initiator, listener);
        synchronized (units) {
            nexuses.add(nexus);
            rebuild();
        }
        return nexus;
    }

    void disconnected(Nexus nexus) {
        List<UnitNexus> gone = new ArrayList<>();
        synchronized (units) {
            eachUnit(nexus, gone::add);
            nexuses.remove(nexus);
            nexus.setPaths(new @Nullable UnitNexus[0]);
        }
        for (UnitNexus path : gone) {
            path.unit().disconnected(path);
            // Whether or not tasks were under way: answers may have been sent and never heard (decision 0140).
            path.unit().device().clientLost();
        }
    }

    /** What REPORT LUNS lists, ascending. */
    public List<Integer> luns() {
        synchronized (units) {
            return List.copyOf(units.keySet());
        }
    }

    /** How many nexuses there are. */
    public int nexusCount() {
        synchronized (units) {
            return nexuses.size();
        }
    }

    List<LogicalUnit> logicalUnits() {
        synchronized (units) {
            return List.copyOf(units.values());
        }
    }

    OpcodeTable withoutUnit() {
        return withoutUnit;
    }

    /** A nexus's path to a unit; null if there is none. */
    @Nullable
    UnitNexus unit(Nexus nexus, int lun) {
        @Nullable UnitNexus[] mine = nexus.paths();
        return lun < 0 || lun >= mine.length ? null : mine[lun];
    }

    void eachUnit(Nexus nexus, Consumer<UnitNexus> what) {
        for (UnitNexus path : nexus.paths()) {
            if (path != null) {
                what.accept(path);
            }
        }
    }

    /** Keeps the paths that there were: unit attentions are pending in them. Guarded by {@link #units}. */
    private void rebuild() {
        int size = units.isEmpty() ? 0 : units.lastKey() + 1;
        for (Nexus nexus : nexuses) {
            @Nullable UnitNexus[] row = new @Nullable UnitNexus[size];
            units.forEach((lun, unit) -> {
                UnitNexus before = unit(nexus, lun);
                if (before != null && before.unit() == unit) {
                    row[lun] = before;
                } else {
                    UnitNexus path = new UnitNexus(nexus, unit, lun);
                    row[lun] = path;
                    unit.connected(path);
                }
            });
            nexus.setPaths(row);
        }
    }

    @Override
    public String toString() {
        return port.portName();
    }
}
