package io.zonewright.frontend.scsi.command.reservation;

import io.zonewright.frontend.scsi.command.CommandHandler;
import io.zonewright.frontend.scsi.command.InitiatorPort;
import io.zonewright.frontend.scsi.command.ScsiOpcode;
import io.zonewright.frontend.scsi.command.ScsiStatus;
import io.zonewright.frontend.scsi.command.ScsiTask;
import io.zonewright.frontend.scsi.command.Sense;
import io.zonewright.frontend.scsi.command.Transfer;
import io.zonewright.frontend.scsi.command.UnitNexus;
import io.zonewright.frontend.scsi.command.page.Page;
import io.zonewright.frontend.scsi.command.reservation.Reservations.Port;
import io.zonewright.frontend.scsi.command.reservation.Reservations.Registration;
import io.zonewright.frontend.scsi.command.reservation.Reservations.State;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * PERSISTENT RESERVE OUT (SPC-5): service action in byte 1; scope 7:4 and type 3:0 in byte 2; parameter list length in
 * bytes 5 to 8, which is 24 but where TransportIDs may follow. The list, copied before it is looked at:
 *
 * <pre>
 *  0 be64 reservation key   8 be64 service action reservation key   20 u8 SPEC_I_PT 3, ALL_TG_PT 2, APTPL 0
 *  with SPEC_I_PT (REGISTER only)   24 be32 length of the TransportIDs   28 TransportIDs
 *
 *  REGISTER AND MOVE  0, 8 as above   17 u8 UNREG 1, APTPL 0   18 be16 relative target port   20 be32 length   24 TransportID
 * </pre>
 *
 * ALL_TG_PT and APTPL are not offered, as REPORT CAPABILITIES says.
 */
final class ReserveOutHandler implements CommandHandler {
    private static final int SCOPE_BYTE = 2;
    private static final int SCOPE_SHIFT = 4;
    private static final int SCOPE_BIT = 7;
    private static final int TYPE_MASK = 0xF;
    private static final int TYPE_BIT = 3;
    private static final int LENGTH_BYTES = 5;
    private static final int LIST_SIZE = 24;
    private static final int SERVICE_KEY_OFFSET = 8;
    private static final int FLAGS_OFFSET = 20;
    private static final int SPEC_I_PT = 1 << 3;
    private static final int ALL_TG_PT = 1 << 2;
    private static final int APTPL = 1;
    private static final int SPEC_I_PT_BIT = 3;
    private static final int ALL_TG_PT_BIT = 2;
    private static final int IDS_LENGTH_OFFSET = 24;
    private static final int IDS_OFFSET = 28;

    private static final int MOVE_FLAGS_OFFSET = 17;
    private static final int UNREG = 1 << 1;
    private static final int MOVE_PORT_OFFSET = 18;
    private static final int MOVE_ID_LENGTH_OFFSET = 20;
    private static final int MOVE_ID_OFFSET = 24;

    /** Longest list: room for as many TransportIDs of iSCSI ports as there can be registrations. */
    private static final int LIST_BOUND = 128 << 10;

    @Override
    public boolean check(ScsiTask task) {
        if (usesType(task.opcode())) {
            if (task.byteAt(SCOPE_BYTE) >>> SCOPE_SHIFT != 0) {
                return task.invalidField(SCOPE_BYTE, SCOPE_BIT);
            }
            if (type(task) == null) {
                return task.invalidField(SCOPE_BYTE, TYPE_BIT);
            }
        }
        long length = task.intAt(LENGTH_BYTES);
        boolean fits = takesIds(task.opcode()) ? length >= LIST_SIZE && length <= LIST_BOUND : length == LIST_SIZE;
        return fits ? task.expect(Transfer.TO_TARGET, length) : task.fail(Sense.PARAMETER_LIST_LENGTH_ERROR);
    }

    @Override
    public void execute(ScsiTask task) {
        if (task.transferBytes() != task.intAt(LENGTH_BYTES)) {
            task.fail(Sense.PARAMETER_LIST_LENGTH_ERROR);
            task.end();
            return;
        }
        Page list = Page.copy(task);
        if (list == null || !flagsAllowed(task, list)) {
            task.end();
            return;
        }
        Reservations reservations = task.unit().reservations();
        List<UnitNexus> toAbort;
        synchronized (reservations) {
            toAbort = act(task, list, reservations);
        }
        if (toAbort == null) {
            task.end();
        } else {
            task.unit().abortTasksOf(toAbort, task, task::end);
        }
    }

    private static boolean flagsAllowed(ScsiTask task, Page list) {
        if (task.opcode() == ScsiOpcode.REGISTER_AND_MOVE) {
            return (list.get8(MOVE_FLAGS_OFFSET) & APTPL) == 0 || task.invalidParameter(MOVE_FLAGS_OFFSET, 0);
        }
        int flags = list.get8(FLAGS_OFFSET);
        boolean registers = registers(task.opcode());
        boolean moreIds = (flags & SPEC_I_PT) != 0;
        if (moreIds && task.opcode() != ScsiOpcode.REGISTER) {
            return task.invalidParameter(FLAGS_OFFSET, SPEC_I_PT_BIT);
        }
        if (registers && (flags & ALL_TG_PT) != 0) {
            return task.invalidParameter(FLAGS_OFFSET, ALL_TG_PT_BIT);
        }
        if (registers && (flags & APTPL) != 0) {
            return task.invalidParameter(FLAGS_OFFSET, 0);
        }
        return moreIds || list.size() == LIST_SIZE || task.fail(Sense.PARAMETER_LIST_LENGTH_ERROR);
    }

    /** Carries it out, or fails the task. Returns the nexuses whose tasks are to be aborted first, or null. */
    private static @Nullable List<UnitNexus> act(ScsiTask task, Page list, Reservations all) {
        State now = all.state();
        long key = list.get64(0);
        long serviceKey = list.get64(SERVICE_KEY_OFFSET);
        Registration mine = now.of(Port.of(task.unitNexus()));
        UnitNexus legacy = now.legacy();
        if (legacy != null && legacy != task.unitNexus()) {
            conflict(task);
            return null;
        }
        ScsiOpcode opcode = task.opcode();
        if (opcode == ScsiOpcode.REGISTER_AND_IGNORE_EXISTING_KEY) {
            register(task, all, mine, serviceKey);
            return null;
        }
        if (mine == null ? opcode != ScsiOpcode.REGISTER || key != 0 : key != mine.key()) {
            conflict(task);
            return null;
        }
        if (opcode == ScsiOpcode.REGISTER) {
            if ((list.get8(FLAGS_OFFSET) & SPEC_I_PT) != 0) {
                registerSeveral(task, list, all, mine, serviceKey);
            } else {
                register(task, all, mine, serviceKey);
            }
            return null;
        }
        switch (opcode) {
            case RESERVE -> reserve(task, all);
            case RELEASE -> release(task, all);
            case CLEAR -> clear(task, all);
            case REGISTER_AND_MOVE -> move(task, list, all, mine, serviceKey);
            default -> {
                return preempt(task, all, serviceKey);
            }
        }
        return null;
    }

    private static void register(ScsiTask task, Reservations all, @Nullable Registration mine, long key) {
        State now = all.state();
        Port port = Port.of(task.unitNexus());
        if (mine == null && key == 0) {
            all.set(now.counted());
        } else if (mine != null && key == 0) {
            unregister(task, all, mine);
        } else if (mine == null && now.registrations().size() == Reservations.MAX_REGISTRATIONS) {
            task.fail(Sense.INSUFFICIENT_REGISTRATION_RESOURCES);
        } else {
            all.set(now.registered(port, key).counted());
        }
    }

    /** SPEC_I_PT: the ports that TransportIDs name, at this target port, beside the one that asks; all or none. */
    private static void registerSeveral(
            ScsiTask task, Page list, Reservations all, @Nullable Registration mine, long key) {
        State now = all.state();
        if (mine != null || key == 0) {
            // SPC-5, table "Register behaviors for a REGISTER service action".
            task.invalidField(1);
            return;
        }
        if (list.size() < IDS_OFFSET || list.get32(IDS_LENGTH_OFFSET) != list.size() - IDS_OFFSET) {
            task.fail(Sense.PARAMETER_LIST_LENGTH_ERROR);
            return;
        }
        Port own = Port.of(task.unitNexus());
        State next = now.registered(own, key);
        int at = IDS_OFFSET;
        while (at < list.size()) {
            int length = InitiatorPort.transportIdLength(list.array(), at, list.size() - at);
            InitiatorPort named = length < 0 ? null : InitiatorPort.ofTransportId(list.array(), at, length);
            if (named == null) {
                task.invalidParameter(at);
                return;
            }
            Port port = new Port(named, own.relativeTargetPort());
            if (!next.registered(port)) {
                next = next.registered(port, key);
            }
            if (next.registrations().size() > Reservations.MAX_REGISTRATIONS) {
                task.fail(Sense.INSUFFICIENT_REGISTRATION_RESOURCES);
                return;
            }
            at += length;
        }
        all.set(next.counted());
    }

    /** SPC-5, "Registering and moving the reservation". */
    private static void move(ScsiTask task, Page list, Reservations all, @Nullable Registration mine, long serviceKey) {
        State now = all.state();
        ReservationType type = now.type();
        Port own = Port.of(task.unitNexus());
        if (type == null) {
            task.invalidField(1);
            return;
        }
        if (mine == null || type.allRegistrants() || !now.held(own)) {
            conflict(task);
            return;
        }
        if (serviceKey == 0) {
            task.invalidParameter(SERVICE_KEY_OFFSET);
            return;
        }
        if (list.get32(MOVE_ID_LENGTH_OFFSET) != list.size() - MOVE_ID_OFFSET) {
            task.fail(Sense.PARAMETER_LIST_LENGTH_ERROR);
            return;
        }
        int relative = list.get16(MOVE_PORT_OFFSET);
        if (!task.unit().hasPort(relative)) {
            task.invalidParameter(MOVE_PORT_OFFSET);
            return;
        }
        int length = InitiatorPort.transportIdLength(list.array(), MOVE_ID_OFFSET, list.size() - MOVE_ID_OFFSET);
        InitiatorPort named = length != list.size() - MOVE_ID_OFFSET
                ? null
                : InitiatorPort.ofTransportId(list.array(), MOVE_ID_OFFSET, length);
        // It may move to the same initiator port at another target port, but not to the nexus that has it.
        if (named == null || own.equals(new Port(named, relative))) {
            task.invalidParameter(MOVE_ID_OFFSET);
            return;
        }
        Port to = new Port(named, relative);
        boolean leaves = (list.get8(MOVE_FLAGS_OFFSET) & UNREG) != 0;
        State next = leaves ? now.without(mine) : now;
        next = next.registered(to, serviceKey);
        if (next.registrations().size() > Reservations.MAX_REGISTRATIONS) {
            task.fail(Sense.INSUFFICIENT_REGISTRATION_RESOURCES);
            return;
        }
        all.set(next.reserved(to, type).counted());
    }

    /** The holder's registration goes with its reservation; others that registered for it are told. */
    private static void unregister(ScsiTask task, Reservations all, Registration mine) {
        State now = all.state();
        State without = now.without(mine).counted();
        List<Registration> others = without.registrations();
        ReservationType type = now.type();
        boolean ends = type != null && now.held(mine.port()) && (!type.allRegistrants() || others.isEmpty());
        all.set(ends ? without.reserved(null, null) : without);
        if (ends && type != null && type.registrantsMay()) {
            all.raise(Sense.RESERVATIONS_RELEASED, ports(others), task.unitNexus());
        }
    }

    private static void reserve(ScsiTask task, Reservations all) {
        State now = all.state();
        Port port = Port.of(task.unitNexus());
        if (now.type() == null) {
            all.set(now.reserved(port, type(task)));
        } else if (!now.held(port) || now.type() != type(task)) {
            conflict(task);
        }
    }

    private static void release(ScsiTask task, Reservations all) {
        State now = all.state();
        ReservationType type = now.type();
        Port port = Port.of(task.unitNexus());
        if (type == null || !now.held(port)) {
            return;
        }
        if (type != type(task)) {
            task.fail(Sense.INVALID_RELEASE_OF_RESERVATION);
            return;
        }
        all.set(now.reserved(null, null));
        if (type.registrantsMay()) {
            all.raise(Sense.RESERVATIONS_RELEASED, ports(now.registrations()), task.unitNexus());
        }
    }

    private static void clear(ScsiTask task, Reservations all) {
        State now = all.state();
        all.set(now.with(List.of()).counted().reserved(null, null));
        all.raise(Sense.RESERVATIONS_PREEMPTED, ports(now.registrations()), task.unitNexus());
    }

    /** SPC-5, "Preempting persistent reservations and registration handling". */
    private static @Nullable List<UnitNexus> preempt(ScsiTask task, Reservations all, long victimKey) {
        State now = all.state();
        Port port = Port.of(task.unitNexus());
        ReservationType held = now.type();
        boolean everybody = held != null && held.allRegistrants() && victimKey == 0;
        if (victimKey == 0 && !everybody) {
            // Only all registrants can be meant by a key of zero.
            task.invalidParameter(SERVICE_KEY_OFFSET);
            return null;
        }
        Registration holder = now.holder() == null ? null : now.of(now.holder());
        boolean takesOver = everybody || (holder != null && holder.key() == victimKey);
        List<Registration> kept = new ArrayList<>();
        List<Port> gone = new ArrayList<>();
        boolean found = everybody;
        for (Registration each : now.registrations()) {
            boolean own = each.port().equals(port);
            boolean hit = everybody || each.key() == victimKey;
            found |= hit;
            if (!hit || (own && takesOver)) {
                kept.add(each);
            } else if (!own) {
                gone.add(each.port());
            }
        }
        if (!found) {
            conflict(task);
            return null;
        }
        State next = now.with(List.copyOf(kept)).counted();
        ReservationType wanted = type(task);
        if (takesOver) {
            next = next.reserved(port, wanted);
        } else if (held != null && held.allRegistrants() && kept.isEmpty()) {
            next = next.reserved(null, null);
        }
        all.set(next);
        all.raise(Sense.REGISTRATIONS_PREEMPTED, gone, task.unitNexus());
        if (takesOver && held != wanted) {
            all.raise(Sense.RESERVATIONS_RELEASED, ports(kept), task.unitNexus());
        }
        return task.opcode() == ScsiOpcode.PREEMPT_AND_ABORT ? all.pathsOf(gone) : null;
    }

    private static List<Port> ports(List<Registration> registrations) {
        return registrations.stream().map(Registration::port).toList();
    }

    private static void conflict(ScsiTask task) {
        task.setStatus(ScsiStatus.RESERVATION_CONFLICT);
    }

    private static @Nullable ReservationType type(ScsiTask task) {
        return ReservationType.of(task.byteAt(SCOPE_BYTE) & TYPE_MASK);
    }

    /** Whether TransportIDs may follow the list. */
    private static boolean takesIds(ScsiOpcode opcode) {
        return opcode == ScsiOpcode.REGISTER || opcode == ScsiOpcode.REGISTER_AND_MOVE;
    }

    private static boolean registers(ScsiOpcode opcode) {
        return opcode == ScsiOpcode.REGISTER || opcode == ScsiOpcode.REGISTER_AND_IGNORE_EXISTING_KEY;
    }

    private static boolean usesType(ScsiOpcode opcode) {
        return switch (opcode) {
            case RESERVE, RELEASE, PREEMPT, PREEMPT_AND_ABORT -> true;
            default -> false;
        };
    }
}
