package io.zonewright.frontend.scsi.command;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.zonewright.api.request.Operation;
import io.zonewright.frontend.scsi.command.Initiator.Sent;
import java.nio.ByteBuffer;
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
        assertEquals("00 08 00 80 EA 01 00 00", in(b, "02"));
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
        list[20] = 8;
        assertEquals(
                "02 70 00 05 00 00 00 00 0A 00 00 00 00 26 00 00 8B 00 14",
                a.ask("5F 00 00 00 00 00 00 00 18 00", list));
        assertEquals(
                "02 70 00 05 00 00 00 00 0A 00 00 00 00 24 00 00 CB 00 02",
                a.ask("5F 01 02 00 00 00 00 00 18 00", new byte[24]));
        assertEquals(
                "02 70 00 05 00 00 00 00 0A 00 00 00 00 24 00 00 CF 00 02",
                a.ask("5F 01 11 00 00 00 00 00 18 00", new byte[24]));
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
