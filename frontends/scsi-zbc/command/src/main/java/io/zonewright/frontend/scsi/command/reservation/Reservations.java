package io.zonewright.frontend.scsi.command.reservation;

import io.zonewright.frontend.scsi.command.Access;
import io.zonewright.frontend.scsi.command.InitiatorPort;
import io.zonewright.frontend.scsi.command.LogicalUnit;
import io.zonewright.frontend.scsi.command.Nexus;
import io.zonewright.frontend.scsi.command.ScsiOpcode;
import io.zonewright.frontend.scsi.command.ScsiTask;
import io.zonewright.frontend.scsi.command.Sense;
import io.zonewright.frontend.scsi.command.UnitNexus;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who may do what in a logical unit (SPC-5, "Reservations"; SPC-2 for RESERVE and RELEASE). A registration belongs to an
 * initiator port and a target port, so it outlives connections; nothing outlives the program (APTPL is not offered).
 *
 * <p>Commands look at one immutable {@link State} without a lock; who changes it takes this object's lock and puts a new
 * one in place. The generation counts as SPC-5 says and starts at 0.
 */
public final class Reservations {
    /** Most registrations, so that initiators that make up names cannot fill the memory. */
    static final int MAX_REGISTRATIONS = 512;

    /** An initiator port at a target port. */
    record Port(InitiatorPort initiator, int relativeTargetPort) {
        static Port of(UnitNexus path) {
            Nexus nexus = path.nexus();
            return new Port(nexus.initiator(), nexus.target().port().relativeId());
        }
    }

    /** A registration. */
    record Registration(Port port, long key) {}

    /**
     * @param registrations in the order of their making
     * @param holder whose reservation it is; null if there is none, or if all registrants hold it
     * @param type null if there is no reservation
     * @param legacy who did RESERVE; null if nobody
     */
    record State(
            long generation,
            List<Registration> registrations,
            @Nullable Port holder,
            @Nullable ReservationType type,
            @Nullable UnitNexus legacy) {
        /** The registration of a port, or null. */
        @Nullable
        Registration of(Port port) {
            for (Registration each : registrations) {
                if (each.port.equals(port)) {
                    return each;
                }
            }
            return null;
        }

        boolean registered(Port port) {
            return of(port) != null;
        }

        /** Whether this port holds the reservation that there is. */
        boolean held(Port port) {
            return type != null && (type.allRegistrants() ? registered(port) : port.equals(holder));
        }

        State with(List<Registration> changed) {
            return new State(generation, changed, holder, type, legacy);
        }

        /** With this port registered under this key, whatever its key was before. */
        State registered(Port port, long key) {
            List<Registration> changed = new ArrayList<>(registrations);
            Registration before = of(port);
            Registration after = new Registration(port, key);
            if (before == null) {
                changed.add(after);
            } else {
                changed.set(changed.indexOf(before), after);
            }
            return with(List.copyOf(changed));
        }

        State without(Registration gone) {
            List<Registration> changed = new ArrayList<>(registrations);
            changed.remove(gone);
            return with(List.copyOf(changed));
        }

        State reserved(@Nullable Port by, @Nullable ReservationType as) {
            return new State(generation, registrations, as == null || as.allRegistrants() ? null : by, as, legacy);
        }

        /** PRGENERATION counts what registers, moves, clears and preempts, and not what fails. */
        State counted() {
            return new State(generation + 1 & 0xFFFF_FFFFL, registrations, holder, type, legacy);
        }
    }

    private final LogicalUnit unit;
    private volatile State state = new State(0, List.of(), null, null, null);

    public Reservations(LogicalUnit unit) {
        this.unit = unit;
    }

    State state() {
        return state;
    }

    /** To be called with this object's lock. */
    void set(State next) {
        state = next;
    }

    /** How many registrations there are. */
    public int registrations() {
        return state.registrations.size();
    }

    /** Whether a command ends with RESERVATION CONFLICT. Nothing is looked at as long as nobody has reserved. */
    public boolean conflicts(UnitNexus path, ScsiOpcode opcode, ScsiTask task) {
        State now = state;
        if (now.type == null && now.legacy == null) {
            return false;
        }
        Access access = opcode.access();
        if (access == Access.ALWAYS || access == Access.OWN_RULE) {
            return false;
        }
        if (now.legacy != null) {
            return now.legacy != path && !(access == Access.ALLOW && allows(task));
        }
        ReservationType type = now.type;
        if (type == null || access == Access.NOT_RESERVE) {
            return false;
        }
        Port port = Port.of(path);
        if (now.held(port) || (type.registrantsMay() && now.registered(port))) {
            return false;
        }
        return switch (access) {
            case READ -> type.exclusiveAccess();
            case START -> !starts(task);
            case ALLOW -> !allows(task);
            case CHANGE -> true;
            case ALWAYS, NOT_RESERVE, OWN_RULE -> false;
        };
    }

    /** START STOP UNIT with START 1 and POWER CONDITION 0h. */
    private static boolean starts(ScsiTask task) {
        return (task.byteAt(4) & 0xF1) == 0x01;
    }

    private static boolean allows(ScsiTask task) {
        return (task.byteAt(4) & 0x03) == 0;
    }

    /**
     * RESERVE.
     *
     * @return false for RESERVATION CONFLICT: another holds it, or somebody uses persistent reservations
     */
    synchronized boolean reserveLegacy(UnitNexus path) {
        State now = state;
        if (!now.registrations.isEmpty() || (now.legacy != null && now.legacy != path)) {
            return false;
        }
        state = new State(now.generation, now.registrations, null, null, path);
        return true;
    }

    /**
     * Undoes RESERVE.
     *
     * @param path by whom; null for whoever it was
     */
    public synchronized void releaseLegacy(@Nullable UnitNexus path) {
        State now = state;
        if (now.legacy != null && (path == null || now.legacy == path)) {
            state = new State(now.generation, now.registrations, now.holder, now.type, null);
        }
    }

    /** Every nexus whose ports these are. */
    List<UnitNexus> pathsOf(List<Port> ports) {
        List<UnitNexus> found = new ArrayList<>();
        for (UnitNexus path : unit.unitNexuses()) {
            if (ports.contains(Port.of(path))) {
                found.add(path);
            }
        }
        return found;
    }

    /** Makes a unit attention pending for every nexus of these ports but one. */
    void raise(Sense attention, List<Port> ports, UnitNexus except) {
        for (UnitNexus path : pathsOf(ports)) {
            if (path != except) {
                path.raise(attention);
            }
        }
    }
}
