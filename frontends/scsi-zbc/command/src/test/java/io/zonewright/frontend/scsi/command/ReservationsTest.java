package io.zonewright.frontend.scsi.command;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.zonewright.api.request.Operation;
import io.zonewright.frontend.scsi.command.Initiator.Sent;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReservationsTest {
    private static final String OK = "00";
    private static final String CONFLICT = "18";
    private static final String REGISTER = "00";
    private static final String RESERVE = "01";
    private static final String RELEASE = "02";
    private static final String CLEAR = "03";
    private static final String PREEMPT = "04";
    private static final String PREEMPT_AND_ABORT = "05";
    private static final String IGNORE = "06";

    private final Disk disk = Disk.hostManaged();
    private final Initiator a = disk.initiator;
    private final Initiator b = new Initiator(disk.target, 2).ready();

    private static Sent out(Initiator by, String action, int type, long key, long serviceKey) {
        byte[] list = ByteBuffer.allocate(24).putLong(key).putLong(serviceKey).array();
        return by.send("5F " + action + String.format(" %02X 00 00 00 00 00 18 00", type), list);
    }

    private static String reserve(Initiator by, int type, long key) {
        return out(by, RESERVE, type, key, 0).result();
    }

    private void registerBoth() {
        assertEquals(OK, out(a, REGISTER, 0, 0, 0xA).result());
        assertEquals(OK, out(b, REGISTER, 0, 0, 0xB).result());
    }

    private static String in(Initiator by, String action) {
        return by.send("5E " + action + " 00 00 00 00 00 02 00 00").hex();
    }

    @Test
    void keysGenerationAndStatus() {
        assertEquals("00 00 00 00 00 00 00 00", in(a, "00"));
        registerBoth();
        assertEquals("00 00 00 02 00 00 00 10 00 00 00 00 00 00 00 0A 00 00 00 00 00 00 00 0B", in(b, "00"));
        assertEquals(OK, out(a, REGISTER, 0, 0xA, 0xC).result());
        assertEquals(CONFLICT, out(b, REGISTER, 0, 0xA, 0xC).result());
        assertEquals(OK, out(b, IGNORE, 0, 0x999, 0xD).result());
        assertEquals("00 00 00 04 00 00 00 10 00 00 00 00 00 00 00 0C 00 00 00 00 00 00 00 0D", in(b, "00"));
        assertEquals("00 00 00 04 00 00 00 00", in(b, "01"));
        assertEquals(OK, reserve(a, 1, 0xC));
        assertEquals("00 00 00 04 00 00 00 10 00 00 00 00 00 00 00 0C 00 00 00 00 00 01 00 00", in(b, "01"));
        String status = in(b, "03");
        // Key, holder, type; then the TransportID of an iSCSI port.
        assertEquals(
                "00 00 00 04 00 00 00 98 00 00 00 00 00 00 00 0C 00 00 00 00 01 01 00 00", status.substring(0, 71));
        assertEquals("45 00 00 30 69 71 6E 2E", status.substring(32 * 3, 40 * 3 - 1));
        assertEquals("00 08 08 80 EA 01 00 00", in(b, "02"));
    }

    @ParameterizedTest
    @CsvSource({
        // type, other reads, other writes, registrant reads, registrant writes
        "1, 00, 18, 00, 18",
        "3, 18, 18, 18, 18",
        "5, 00, 18, 00, 00",
        "6, 18, 18, 00, 00",
        "7, 00, 18, 00, 00",
        "8, 18, 18, 00, 00"
    })
    void everyTypeForEveryone(int type, String read, String write, String registrantReads, String registrantWrites) {
        registerBoth();
        Initiator other = new Initiator(disk.target, 3).ready();
        assertEquals(OK, reserve(a, type, 0xA));
        String reads = "88 00 00 00 00 00 00 00 00 00 00 00 00 01 00 00";
        String writes = "8A 00 00 00 00 00 00 00 00 00 00 00 00 01 00 00";
        assertEquals(OK, a.ask(writes, new byte[512]));
        assertEquals(read, other.ask(reads));
        assertEquals(write, other.ask(writes, new byte[512]));
        assertEquals(registrantReads, b.ask(reads));
        assertEquals(registrantWrites, b.ask(writes, new byte[512]));
        assertEquals(read, other.ask("95 00 00 00 00 00 00 00 00 00 00 00 00 40 00 00"));
        assertEquals(write, other.ask("94 04 00 00 00 00 00 00 00 80 00 00 00 00 00 00"));
        assertEquals(read, other.ask("1A 08 0A 00 FF 00"));
        assertEquals(read, other.ask("A3 0C 00 00 00 00 00 00 01 00 00 00"));
        for (String always : new String[] {
            "00 00 00 00 00 00",
            "12 00 00 00 FF 00",
            "25 00 00 00 00 00 00 00 00 00",
            "9E 10 00 00 00 00 00 00 00 00 00 00 00 20 00 00",
            "1B 00 00 00 01 00",
            "1E 00 00 00 00 00",
            "4D 00 40 00 00 00 00 00 FF 00",
            "5E 00 00 00 00 00 00 00 FF 00"
        }) {
            assertEquals(OK, other.ask(always), always);
        }
        assertEquals(CONFLICT, other.ask("1B 00 00 00 00 00"));
        assertEquals(CONFLICT, other.ask("1E 00 00 00 01 00"));
        assertEquals(CONFLICT, other.ask("16 00 00 00 00 00"));
        assertEquals(CONFLICT, reserve(other, type, 0));
    }

    @Test
    void releaseTellsRegistrants() {
        registerBoth();
        assertEquals(OK, reserve(a, 5, 0xA));
        assertEquals(OK, reserve(a, 5, 0xA));
        assertEquals(CONFLICT, reserve(a, 6, 0xA));
        assertEquals(CONFLICT, reserve(b, 5, 0xB));
        assertEquals(OK, out(b, RELEASE, 5, 0xB, 0).result());
        assertEquals(
                "02 70 00 05 00 00 00 00 0A 00 00 00 00 26 04 00 00 00 00",
                out(a, RELEASE, 6, 0xA, 0).result());
        assertEquals(OK, out(a, RELEASE, 5, 0xA, 0).result());
        assertEquals("02 70 00 06 00 00 00 00 0A 00 00 00 00 2A 04 00 00 00 00", b.ask("00 00 00 00 00 00"));
        assertEquals("00 00 00 02 00 00 00 00", in(b, "01"));
    }

    @Test
    void clearAndPreempt() {
        registerBoth();
        assertEquals(OK, reserve(a, 3, 0xA));
        assertEquals(OK, out(b, PREEMPT, 1, 0xB, 0xA).result());
        assertEquals("02 70 00 06 00 00 00 00 0A 00 00 00 00 2A 05 00 00 00 00", a.ask("00 00 00 00 00 00"));
        assertEquals("00 00 00 03 00 00 00 08 00 00 00 00 00 00 00 0B", in(a, "00"));
        assertEquals("00 00 00 03 00 00 00 10 00 00 00 00 00 00 00 0B 00 00 00 00 00 01 00 00", in(a, "01"));
        assertEquals(CONFLICT, a.ask("8A 00 00 00 00 00 00 00 00 00 00 00 00 01 00 00", new byte[512]));
        assertEquals(OK, out(a, REGISTER, 0, 0, 0xA).result());
        assertEquals(CONFLICT, out(a, PREEMPT, 1, 0xA, 0x77).result());
        assertEquals(OK, out(a, CLEAR, 0, 0xA, 0).result());
        assertEquals("02 70 00 06 00 00 00 00 0A 00 00 00 00 2A 03 00 00 00 00", b.ask("00 00 00 00 00 00"));
        assertEquals("00 00 00 05 00 00 00 00", in(b, "00"));
    }

    @Test
    void allRegistrantsHoldUntilTheLastOneGoes() {
        registerBoth();
        assertEquals(OK, reserve(a, 8, 0xA));
        assertEquals(OK, out(a, REGISTER, 0, 0xA, 0).result());
        assertEquals("00 00 00 03 00 00 00 10 00 00 00 00 00 00 00 00 00 00 00 00 00 08 00 00", in(b, "01"));
        assertEquals(CONFLICT, a.ask("88 00 00 00 00 00 00 00 00 00 00 00 00 01 00 00"));
        assertEquals(OK, out(b, REGISTER, 0, 0xB, 0).result());
        assertEquals("00 00 00 04 00 00 00 00", in(b, "01"));
    }

    @Test
    void preemptAndAbortEndsTheVictimsTasks() {
        registerBoth();
        disk.script.holding(operation -> operation == Operation.READ);
        Sent victim = a.send("88 00 00 00 00 00 00 00 00 00 00 00 00 01 00 00");
        Sent abort = out(b, PREEMPT_AND_ABORT, 1, 0xB, 0xA);
        assertEquals(false, abort.completed());
        disk.script.carryOutAll();
        assertEquals("40", victim.result());
        assertEquals(false, victim.answered());
        assertEquals(OK, abort.result());
    }

    @Test
    void registrationsOutliveTheNexus() {
        registerBoth();
        assertEquals(OK, reserve(a, 1, 0xA));
        a.nexus.close();
        assertEquals("40", a.ask("00 00 00 00 00 00"));
        Initiator again = new Initiator(disk.target, 1).ready();
        assertEquals(CONFLICT, b.ask("8A 00 00 00 00 00 00 00 00 00 00 00 00 01 00 00", new byte[512]));
        assertEquals(OK, again.ask("8A 00 00 00 00 00 00 00 00 00 00 00 00 01 00 00", new byte[512]));
    }

    @Test
    void refusedLists() {
        String length = "02 70 00 05 00 00 00 00 0A 00 00 00 00 1A 00 00 00 00 00";
        assertEquals(length, a.ask("5F 00 00 00 00 00 00 00 17 00", new byte[23]));
        byte[] list = new byte[24];
        list[20] = 1;
        assertEquals(
                "02 70 00 05 00 00 00 00 0A 00 00 00 00 26 00 00 88 00 14",
                a.ask("5F 00 00 00 00 00 00 00 18 00", list));
        list[20] = 4;
        assertEquals(
                "02 70 00 05 00 00 00 00 0A 00 00 00 00 26 00 00 8A 00 14",
                a.ask("5F 00 00 00 00 00 00 00 18 00", list));
        list[20] = 8;
        assertEquals(
                "02 70 00 05 00 00 00 00 0A 00 00 00 00 26 00 00 8B 00 14",
                a.ask("5F 06 00 00 00 00 00 00 18 00", list));
        assertEquals(length, a.ask("5F 00 00 00 00 00 00 00 19 00", new byte[25]));
        assertEquals(
                "02 70 00 05 00 00 00 00 0A 00 00 00 00 24 00 00 CB 00 02",
                a.ask("5F 01 02 00 00 00 00 00 18 00", new byte[24]));
        assertEquals(
                "02 70 00 05 00 00 00 00 0A 00 00 00 00 24 00 00 CF 00 02",
                a.ask("5F 01 11 00 00 00 00 00 18 00", new byte[24]));
    }

    /** REGISTER with SPEC_I_PT: TransportIDs behind the list. */
    private static Sent registerSeveral(Initiator by, long serviceKey, byte[] ids) {
        byte[] list = ByteBuffer.allocate(28 + ids.length)
                .putLong(8, serviceKey)
                .put(20, (byte) 8)
                .putInt(24, ids.length)
                .put(28, ids)
                .array();
        return by.send(String.format("5F 00 00 00 00 00 00 %02X %02X 00", list.length >>> 8, list.length & 0xFF), list);
    }

    private static Sent move(Initiator by, long key, long serviceKey, int flags, int port, byte[] id) {
        byte[] list = ByteBuffer.allocate(24 + id.length)
                .putLong(key)
                .putLong(serviceKey)
                .put(17, (byte) flags)
                .putShort(18, (short) port)
                .putInt(20, id.length)
                .put(24, id)
                .array();
        return by.send(String.format("5F 07 00 00 00 00 00 00 %02X 00", list.length), list);
    }

    private static byte[] idOf(Initiator whose) {
        return whose.nexus.initiator().transportId();
    }

    @Test
    void othersAreRegisteredAlong() {
        byte[] sas = Initiator.bytes("06 00 00 00 30 00 00 00 00 00 00 09 00 00 00 00 00 00 00 00 00 00 00 00");
        byte[] both = ByteBuffer.allocate(idOf(b).length + sas.length)
                .put(idOf(b))
                .put(sas)
                .array();
        assertEquals(OK, registerSeveral(a, 0xA, both).result());
        assertEquals(
                "00 00 00 01 00 00 00 18 00 00 00 00 00 00 00 0A 00 00 00 00 00 00 00 0A 00 00 00 00 00 00 00 0A",
                in(a, "00"));
        assertEquals(OK, reserve(b, 5, 0xA));
        // Registered already; nothing to register.
        String cdb = "02 70 00 05 00 00 00 00 0A 00 00 00 00 24 00 00 C0 00 01";
        byte[] list = ByteBuffer.allocate(28 + sas.length)
                .putLong(0xA)
                .putLong(0xB)
                .put(20, (byte) 8)
                .putInt(24, sas.length)
                .put(28, sas)
                .array();
        assertEquals(cdb, a.ask("5F 00 00 00 00 00 00 00 34 00", list));
        Initiator other = new Initiator(disk.target, 3).ready();
        assertEquals(cdb, registerSeveral(other, 0, sas).result());
        // A protocol that nobody has; an iSCSI name without an ISID; one cut short. None of them registers anybody.
        byte[] fibre = sas.clone();
        fibre[0] = 0;
        assertEquals(
                "02 70 00 05 00 00 00 00 0A 00 00 00 00 26 00 00 80 00 1C",
                registerSeveral(other, 0xC, fibre).result());
        byte[] device = idOf(a);
        device[0] = 0x05;
        assertEquals(Sense.INVALID_FIELD_IN_PARAMETER_LIST, Initiator.senseOf(registerSeveral(other, 0xC, device)));
        assertEquals(
                Sense.INVALID_FIELD_IN_PARAMETER_LIST,
                Initiator.senseOf(registerSeveral(other, 0xC, Arrays.copyOf(idOf(a), 40))));
        assertEquals("00 00 00 01 00 00 00 18", in(other, "00").substring(0, 23));
    }

    @Test
    void aReservationMoves() {
        int here = disk.target.port().relativeId();
        String cdb = "02 70 00 05 00 00 00 00 0A 00 00 00 00 24 00 00 C0 00 01";
        assertEquals(CONFLICT, move(a, 0xA, 0xD, 0, here, idOf(b)).result());
        registerBoth();
        assertEquals(cdb, move(a, 0xA, 0xD, 0, here, idOf(b)).result());
        assertEquals(OK, reserve(a, 1, 0xA));
        assertEquals(CONFLICT, move(b, 0xB, 0xD, 0, here, idOf(b)).result());
        assertEquals(CONFLICT, move(a, 0xB, 0xD, 0, here, idOf(b)).result());
        assertEquals(
                "02 70 00 05 00 00 00 00 0A 00 00 00 00 26 00 00 80 00 08",
                move(a, 0xA, 0, 0, here, idOf(b)).result());
        assertEquals(
                "02 70 00 05 00 00 00 00 0A 00 00 00 00 26 00 00 80 00 12",
                move(a, 0xA, 0xD, 0, here ^ 1, idOf(b)).result());
        assertEquals(
                "02 70 00 05 00 00 00 00 0A 00 00 00 00 26 00 00 80 00 18",
                move(a, 0xA, 0xD, 0, here, idOf(a)).result());
        assertEquals(
                "02 70 00 05 00 00 00 00 0A 00 00 00 00 26 00 00 88 00 11",
                move(a, 0xA, 0xD, 1, here, idOf(b)).result());
        assertEquals("00 00 00 02", in(a, "00").substring(0, 11));
        // With UNREG: b holds it under its new key, a is gone, nobody is told.
        assertEquals(OK, move(a, 0xA, 0xD, 2, here, idOf(b)).result());
        assertEquals("00 00 00 03 00 00 00 08 00 00 00 00 00 00 00 0D", in(a, "00"));
        assertEquals("00 00 00 03 00 00 00 10 00 00 00 00 00 00 00 0D 00 00 00 00 00 01 00 00", in(b, "01"));
        String writes = "8A 00 00 00 00 00 00 00 00 00 00 00 00 01 00 00";
        assertEquals(CONFLICT, a.ask(writes, new byte[512]));
        assertEquals(OK, b.ask(writes, new byte[512]));
        // To one that was never here, without UNREG: it finds it when it comes.
        InitiatorPort late = InitiatorPort.iscsi("iqn.2026-11.io.zonewright:i3", 3);
        assertEquals(OK, move(b, 0xD, 0xE, 0, here, late.transportId()).result());
        assertEquals(CONFLICT, b.ask(writes, new byte[512]));
        Initiator other = new Initiator(disk.target, 3).ready();
        assertEquals(OK, other.ask(writes, new byte[512]));
        assertEquals(OK, out(other, RELEASE, 1, 0xE, 0).result());
        // What all registrants hold does not move.
        assertEquals(OK, reserve(b, 7, 0xD));
        assertEquals(CONFLICT, move(b, 0xD, 0xF, 0, here, idOf(a)).result());
    }

    @Test
    void preemptingUnderAnotherTypeTellsTheOthers() {
        registerBoth();
        Initiator other = new Initiator(disk.target, 3).ready();
        assertEquals(OK, out(other, REGISTER, 0, 0, 0xC).result());
        assertEquals(OK, reserve(a, 1, 0xA));
        assertEquals(OK, out(b, PREEMPT, 3, 0xB, 0xA).result());
        assertEquals(Sense.RESERVATIONS_RELEASED, other.sense("00 00 00 00 00 00"));
        assertEquals(Sense.REGISTRATIONS_PREEMPTED, a.sense("00 00 00 00 00 00"));
        assertEquals(OK, b.ask("00 00 00 00 00 00"));
    }

    /** PRGENERATION counts every REGISTER that is carried out, one that changes nothing too. */
    @Test
    void registeringNothingCounts() {
        assertEquals(OK, out(a, REGISTER, 0, 0, 0).result());
        assertEquals("00 00 00 01 00 00 00 00", in(a, "00"));
        assertEquals(OK, out(a, IGNORE, 0, 0, 0).result());
        assertEquals("00 00 00 02 00 00 00 00", in(a, "00"));
    }

    @Test
    void reserveAndRelease() {
        assertEquals(OK, a.ask("16 00 00 00 00 00"));
        assertEquals(OK, a.ask("56 00 00 00 00 00 00 00 00 00"));
        assertEquals(CONFLICT, b.ask("16 00 00 00 00 00"));
        assertEquals(CONFLICT, b.ask("00 00 00 00 00 00"));
        assertEquals(CONFLICT, b.ask("88 00 00 00 00 00 00 00 00 00 00 00 00 01 00 00"));
        assertEquals(CONFLICT, b.ask("5E 00 00 00 00 00 00 00 FF 00"));
        assertEquals(CONFLICT, out(b, REGISTER, 0, 0, 0xB).result());
        assertEquals(OK, b.ask("12 00 00 00 FF 00"));
        assertEquals(OK, b.ask("17 00 00 00 00 00"));
        assertEquals(CONFLICT, b.ask("00 00 00 00 00 00"));
        a.nexus.close();
        assertEquals(OK, b.ask("00 00 00 00 00 00"));
        assertEquals(OK, out(b, REGISTER, 0, 0, 0xB).result());
        assertEquals(CONFLICT, b.ask("16 00 00 00 00 00"));
    }
}
