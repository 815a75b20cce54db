package io.zonewright.frontend.scsi.command.reservation;

import io.zonewright.frontend.scsi.command.CommandHandler;
import io.zonewright.frontend.scsi.command.ScsiTask;
import io.zonewright.frontend.scsi.command.Transfer;
import io.zonewright.frontend.scsi.command.page.Page;
import io.zonewright.frontend.scsi.command.reservation.Reservations.Registration;
import io.zonewright.frontend.scsi.command.reservation.Reservations.State;

/**
 * PERSISTENT RESERVE IN (SPC-5): service action in byte 1, allocation length in 7 and 8. All but REPORT CAPABILITIES begin with
 * be32 generation and be32 length of the rest.
 *
 * <pre>
 *  READ KEYS         8 be64 for each registration
 *  READ RESERVATION  8 be64 key   21 u8 scope 7:4, type 3:0; nothing if there is no reservation
 *  FULL STATUS       8 for each: be64 key, u8 at 12: R_HOLDER 0, u8 at 13: scope and type, be16 at 18 relative target port,
 *                    be32 at 20 length of the TransportID, TransportID at 24
 *  CAPABILITIES      0 be16 8   2 u8 SIP_C 3, ATP_C 2, PTPL_C 0   3 u8 TMV 7, allow commands 6:4   4 be16 type mask
 * </pre>
 */
final class ReserveInHandler implements CommandHandler {
    private static final int ALLOCATION_BYTES = 7;
    private static final int HEADER = 8;
    private static final int RESERVATION = 16;
    private static final int STATUS_HEADER = 24;
    private static final int BOUND = 0xFFFF;

    /** TransportIDs may be listed (SPEC_I_PT). */
    private static final int SIP_C = 0x08;

    /** TMV; ALLOW COMMANDS 000b says nothing. */
    private static final int TMV_AND_ALLOW = 0x80;
    /** WR_EX_AR, EX_AC_RO, WR_EX_RO, EX_AC, WR_EX; EX_AC_AR. */
    private static final int TYPES = 0xEA01;

    @Override
    public boolean check(ScsiTask task) {
        return task.expect(Transfer.TO_INITIATOR, task.shortAt(ALLOCATION_BYTES), BOUND);
    }

    @Override
    public void execute(ScsiTask task) {
        State state = task.unit().reservations().state();
        Page page = switch (task.opcode()) {
            case READ_KEYS -> keys(state);
            case READ_RESERVATION -> reservation(state);
            case READ_FULL_STATUS -> fullStatus(state);
            default ->
                new Page(HEADER)
                        .put16(0, HEADER)
                        .put8(2, SIP_C)
                        .put8(3, TMV_AND_ALLOW)
                        .put16(4, TYPES);
        };
        page.answer(task, task.shortAt(ALLOCATION_BYTES));
    }

    private static Page keys(State state) {
        int length = state.registrations().size() * Long.BYTES;
        Page page = new Page(HEADER + length).put32(0, state.generation()).put32(4, length);
        for (int i = 0; i < state.registrations().size(); i++) {
            page.put64(HEADER + i * Long.BYTES, state.registrations().get(i).key());
        }
        return page;
    }

    private static Page reservation(State state) {
        ReservationType type = state.type();
        if (type == null) {
            return new Page(HEADER).put32(0, state.generation());
        }
        long key = 0;
        for (Registration each : state.registrations()) {
            if (each.port().equals(state.holder())) {
                key = each.key();
            }
        }
        return new Page(HEADER + RESERVATION)
                .put32(0, state.generation())
                .put32(4, RESERVATION)
                .put64(8, key)
                .put8(21, type.code());
    }

    private static Page fullStatus(State state) {
        int size = HEADER;
        for (Registration each : state.registrations()) {
            size += STATUS_HEADER + each.port().initiator().transportId().length;
        }
        Page page = new Page(size).put32(0, state.generation()).put32(4, (long) size - HEADER);
        ReservationType type = state.type();
        int at = HEADER;
        for (Registration each : state.registrations()) {
            byte[] id = each.port().initiator().transportId();
            boolean holds = state.held(each.port());
            page.put64(at, each.key())
                    .put8(at + 12, holds ? 1 : 0)
                    .put8(at + 13, holds && type != null ? type.code() : 0)
                    .put16(at + 18, each.port().relativeTargetPort())
                    .put32(at + 20, id.length)
                    .put(at + STATUS_HEADER, id);
            at += STATUS_HEADER + id.length;
        }
        return page;
    }
}
