package io.zonewright.frontend.nvme.command.io;

import static io.zonewright.frontend.nvme.command.io.Disk.CLOSE;
import static io.zonewright.frontend.nvme.command.io.Disk.EXTENSION;
import static io.zonewright.frontend.nvme.command.io.Disk.FINISH;
import static io.zonewright.frontend.nvme.command.io.Disk.LBA;
import static io.zonewright.frontend.nvme.command.io.Disk.OFFLINE;
import static io.zonewright.frontend.nvme.command.io.Disk.OPEN;
import static io.zonewright.frontend.nvme.command.io.Disk.RESET;
import static io.zonewright.frontend.nvme.command.io.Disk.SELECT_ALL;
import static io.zonewright.frontend.nvme.command.io.Disk.ZONED;
import static io.zonewright.frontend.nvme.command.io.Disk.ZRWAA;
import static io.zonewright.frontend.nvme.command.io.Disk.ZRWA_FLUSH;
import static io.zonewright.frontend.nvme.command.io.Disk.ZSC;
import static io.zonewright.frontend.nvme.command.io.Disk.ZSE;
import static io.zonewright.frontend.nvme.command.io.Disk.ZSEO;
import static io.zonewright.frontend.nvme.command.io.Disk.ZSF;
import static io.zonewright.frontend.nvme.command.io.Disk.ZSIO;
import static io.zonewright.frontend.nvme.command.io.Disk.ZSO;
import static io.zonewright.frontend.nvme.command.io.Disk.ZSRO;
import static io.zonewright.frontend.nvme.command.io.Disk.bytes;
import static io.zonewright.frontend.nvme.command.io.Disk.start;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.zonewright.api.request.Operation;
import io.zonewright.api.result.Cause;
import io.zonewright.api.zone.ZoneCondition;
import io.zonewright.api.zone.ZoneDescriptor;
import io.zonewright.api.zone.ZoneLimits;
import io.zonewright.frontend.nvme.command.io.Host.Reply;
import io.zonewright.testkit.backend.RecordingRequest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Zone Management Send (ZNS, "Zone Send Actions"). */
class ZoneSendTest {
    private static final int GOOD = 0x000;
    private static final int TRANSITION = 0x41BF;
    private static final int INVALID_FIELD = 0x4002;

    private static final int[] STATES = {ZSE, ZSIO, ZSEO, ZSC, ZSF, ZSRO, ZSO};

    /** Status and state afterwards, by {@link #STATES}. */
    private static final Object[][] RULES = {
        {
            "close",
            CLOSE,
            row(TRANSITION, ZSE, GOOD, ZSC, GOOD, ZSC, GOOD, ZSC, TRANSITION, ZSF, TRANSITION, ZSRO, TRANSITION, ZSO)
        },
        {"finish", FINISH, row(GOOD, ZSF, GOOD, ZSF, GOOD, ZSF, GOOD, ZSF, GOOD, ZSF, TRANSITION, ZSRO, TRANSITION, ZSO)
        },
        {
            "open",
            OPEN,
            row(GOOD, ZSEO, GOOD, ZSEO, GOOD, ZSEO, GOOD, ZSEO, TRANSITION, ZSF, TRANSITION, ZSRO, TRANSITION, ZSO)
        },
        {"reset", RESET, row(GOOD, ZSE, GOOD, ZSE, GOOD, ZSE, GOOD, ZSE, GOOD, ZSE, TRANSITION, ZSRO, TRANSITION, ZSO)},
        {
            "offline",
            OFFLINE,
            row(
                    TRANSITION,
                    ZSE,
                    TRANSITION,
                    ZSIO,
                    TRANSITION,
                    ZSEO,
                    TRANSITION,
                    ZSC,
                    TRANSITION,
                    ZSF,
                    GOOD,
                    ZSO,
                    GOOD,
                    ZSO)
        },
    };

    private final Disk disk = new Disk();

    private static int[] row(int... statusAndState) {
        return statusAndState;
    }

    @TestFactory
    List<DynamicTest> everyActionInEveryState() {
        List<DynamicTest> tests = new ArrayList<>();
        for (Object[] rule : RULES) {
            for (int i = 0; i < STATES.length; i++) {
                int from = STATES[i];
                int status = ((int[]) rule[2])[2 * i];
                int to = ((int[]) rule[2])[2 * i + 1];
                int action = (int) rule[1];
                tests.add(DynamicTest.dynamicTest(rule[0] + " from " + Integer.toHexString(from), () -> {
                    Disk fresh = new Disk();
                    fresh.make(5, from);
                    Reply reply = fresh.host.send(Sqe.of(Sqe.ZONE_SEND, ZONED, start(5), 0, action));
                    assertEquals(status, reply.status());
                    assertEquals(0, reply.dw0(), "zone capacity not changed");
                    assertEquals(status == GOOD ? 0xFFFF : 40, reply.errorLocation());
                    fresh.assertState(5, to);
                }));
            }
        }
        return tests;
    }

    @Test
    void aLiteralEntry() {
        // opcode 79h, CID BEEFh, NSID 1, SLBA 30h, Zone Send Action 3 (open)
        byte[] open = Sqe.hex(
                "79 00 ef be  01 00 00 00" + "00".repeat(32) + "30 00 00 00 00 00 00 00  00 00 00 00  03 00 00 00");
        assertEquals(0, disk.host.status(open));
        disk.assertZone(3, ZSEO, 0);
    }

    @Test
    void closingAnOpenedUnwrittenZoneGivesClosed() {
        assertEquals(0, disk.act(OPEN, 1));
        assertEquals(0, disk.act(CLOSE, 1));
        disk.assertZone(1, ZSC, 0);
    }

    @Test
    void aResetSetsThePointerBack() {
        disk.make(1, ZSF);
        assertEquals(0, disk.act(RESET, 1));
        disk.assertZone(1, ZSE, 0);
        assertArrayEquals(new byte[LBA], disk.read(ZONED, start(1), 1).data());
    }

    @Test
    void namesAZonesLowestBlock() {
        for (int action : new int[] {CLOSE, FINISH, OPEN, RESET, OFFLINE}) {
            Reply reply = disk.host.send(Sqe.of(Sqe.ZONE_SEND, ZONED, start(5) + 1, 0, action));
            assertEquals(INVALID_FIELD, reply.status());
            assertEquals(40, reply.errorLocation());
            assertEquals(0x4080, disk.act(action, 144L), "LBA Out of Range");
            assertEquals(0x4080, disk.act(action, -16L), "LBA Out of Range");
        }
    }

    @Test
    void unknownActionsAreInvalidFields() {
        for (int action : new int[] {0x00, 0x06, 0x0F, 0x12, 0x80, 0xFF}) {
            Reply reply = disk.host.send(Sqe.of(Sqe.ZONE_SEND, ZONED, 0, 0, action));
            assertEquals(INVALID_FIELD, reply.status());
            assertEquals(52, reply.errorLocation());
            assertEquals(INVALID_FIELD, disk.act(action | SELECT_ALL, 0));
        }
    }

    @Test
    void limitsOnOpen() {
        assertEquals(0, disk.act(OPEN, 0));
        assertEquals(0, disk.act(OPEN, 1));
        assertEquals(0x41BE, disk.act(OPEN, 2), "Too Many Open Zones");
        disk.assertState(2, ZSE);
        assertEquals(0, disk.act(CLOSE, 0));
        assertEquals(0, disk.act(CLOSE, 1));
        assertEquals(0, disk.act(OPEN, 2));
        assertEquals(0x41BD, disk.act(OPEN, 3), "Too Many Active Zones");
        assertEquals(0, disk.act(FINISH, 3), "asks for no resources");
        disk.assertState(3, ZSF);
    }

    /** One zone of each state, without limits; the smaller last zone, in no namespace, partly written. */
    private static Disk mixed() {
        Disk mixed = new Disk(Disk.Options.USUAL.with(new ZoneLimits(0, 0, 8L * LBA)));
        for (int i = 0; i < STATES.length; i++) {
            mixed.make(i, STATES[i]);
        }
        RecordingRequest write = RecordingRequest.write(11L * Disk.ZONE * LBA, LBA, 1);
        mixed.device.submit(write);
        assertEquals(Set.of(Cause.DONE), write.result());
        return mixed;
    }

    private static void assertStates(Disk mixed, int... states) {
        for (int i = 0; i < states.length; i++) {
            mixed.assertState(i, states[i]);
        }
        ZoneDescriptor last = new ZoneDescriptor();
        mixed.device.zone(11, last);
        assertEquals(ZoneCondition.IMPLICIT_OPEN, last.condition(), "the zone that is in no namespace");
    }

    @Test
    void selectAllCloses() {
        Disk mixed = mixed();
        assertEquals(0, mixed.act(CLOSE | SELECT_ALL, 0));
        assertStates(mixed, ZSE, ZSC, ZSC, ZSC, ZSF, ZSRO, ZSO);
    }

    @Test
    void selectAllFinishesWhatIsActive() {
        Disk mixed = mixed();
        assertEquals(0, mixed.act(FINISH | SELECT_ALL, 0));
        assertStates(mixed, ZSE, ZSF, ZSF, ZSF, ZSF, ZSRO, ZSO);
    }

    @Test
    void selectAllOpensWhatIsClosed() {
        Disk mixed = mixed();
        assertEquals(0, mixed.act(OPEN | SELECT_ALL, 0));
        assertStates(mixed, ZSE, ZSIO, ZSEO, ZSEO, ZSF, ZSRO, ZSO);
    }

    @Test
    void selectAllResets() {
        Disk mixed = mixed();
        assertEquals(0, mixed.act(RESET | SELECT_ALL, 0));
        assertStates(mixed, ZSE, ZSE, ZSE, ZSE, ZSE, ZSRO, ZSO);
    }

    @Test
    void selectAllTakesReadOnlyZonesOffline() {
        Disk mixed = mixed();
        assertEquals(0, mixed.act(OFFLINE | SELECT_ALL, 0));
        assertStates(mixed, ZSE, ZSIO, ZSEO, ZSC, ZSF, ZSO, ZSO);
    }

    @Test
    void selectAllIgnoresTheAddress() {
        disk.make(5, ZSF);
        assertEquals(0, disk.act(RESET | SELECT_ALL, 12345L));
        disk.assertState(5, ZSE);
    }

    @Test
    void openingAllWithoutResourcesOpensNone() {
        for (int zone = 0; zone < 3; zone++) {
            disk.make(zone, ZSC);
        }
        assertEquals(0x41BE, disk.act(OPEN | SELECT_ALL, 0), "three closed, two may be open");
        for (int zone = 0; zone < 3; zone++) {
            disk.assertState(zone, ZSC);
        }
    }

    @Test
    void extensionsAndAreasWhereThereAreNone() {
        Reply extension = disk.host.send(Sqe.of(Sqe.ZONE_SEND, ZONED, 0, 0, EXTENSION));
        assertEquals(INVALID_FIELD, extension.status());
        assertEquals(52, extension.errorLocation());
        assertEquals(0x41B6, disk.act(OPEN | ZRWAA, 0), "Invalid Zone Operation Request");
        assertEquals(0x41B6, disk.act(ZRWA_FLUSH, 0), "Invalid Zone Operation Request");
        assertEquals(0, disk.act(OPEN, 0));
        assertEquals(0, disk.act(CLOSE | ZRWAA, 0), "reserved there");
    }

    @Test
    void setsADescriptorExtension() {
        Disk featured = Disk.featured();
        byte[] set = Sqe.of(Sqe.ZONE_SEND, ZONED, start(4), 0, EXTENSION);
        byte[] data = new byte[64];
        Arrays.fill(data, (byte) 0xAB);
        assertEquals(0, featured.host.status(set, data));
        featured.assertZone(4, ZSC, 0);
        assertEquals(0x80, featured.descriptor(4).data()[64 + 2] & 0xFF, "ZDEV");
        assertEquals(TRANSITION, featured.host.status(set, data), "no longer empty");
        assertEquals(
                INVALID_FIELD, featured.host.status(Sqe.of(Sqe.ZONE_SEND, ZONED, 0, 0, EXTENSION | SELECT_ALL), data));
        // Extended report of one zone: 64 + 64 + 64 bytes
        Reply report = featured.host.send(Sqe.of(Sqe.ZONE_RECEIVE, ZONED, start(4), 47, 0x1_0001));
        assertEquals(0, report.status());
        assertEquals("ab".repeat(64), report.hex(128, 192));
        assertEquals(0, featured.act(RESET, 4));
        assertEquals(0x00, featured.descriptor(4).data()[64 + 2] & 0xFF, "gone with the reset");
        assertEquals(0, featured.act(OPEN, 0));
        assertEquals(0, featured.act(OPEN, 1));
        assertEquals(0, featured.act(CLOSE, 0));
        assertEquals(0, featured.act(OPEN, 2));
        assertEquals(0x41BD, featured.host.status(set, data), "Too Many Active Zones");
    }

    @Test
    void writesInARandomWriteArea() {
        Disk featured = Disk.featured();
        assertEquals(0, featured.act(OPEN | ZRWAA, 2));
        featured.assertZone(2, ZSEO, 0);
        assertEquals(0x08, featured.descriptor(2).data()[64 + 2] & 0xFF, "ZRWAV");
        assertEquals(0, featured.write(ZONED, start(2) + 3, 1, 0x31), "anywhere in the area");
        assertEquals(0, featured.write(ZONED, start(2), 2, 0x32));
        assertEquals(0, featured.write(ZONED, start(2), 1, 0x33), "again");
        assertEquals(0, featured.pointer(2));
        assertEquals(0x41B6, featured.append(2, 1).status(), "no appends");
        assertEquals(0x41BC, featured.write(start(2) + 8, 1), "beyond twice the area");
        assertEquals(0, featured.write(ZONED, start(2) + 4, 1, 0x34), "implicit flush");
        assertEquals(2, featured.pointer(2), "by the granularity");
        assertEquals(0x41BC, featured.write(start(2), 1), "below the pointer");
        assertArrayEquals(bytes(1, 0x33), featured.read(ZONED, start(2), 1).data());
    }

    @Test
    void flushesARandomWriteArea() {
        Disk featured = Disk.featured();
        assertEquals(0, featured.act(OPEN | ZRWAA, 2));
        assertEquals(0, featured.write(start(2), 4));
        assertEquals(INVALID_FIELD, featured.act(ZRWA_FLUSH, start(2)), "half the granularity");
        assertEquals(0, featured.act(ZRWA_FLUSH, start(2) + 1));
        assertEquals(2, featured.pointer(2));
        assertEquals(0x41B8, featured.act(ZRWA_FLUSH, start(2) + 1), "below the pointer");
        assertEquals(0x41B8, featured.act(ZRWA_FLUSH, start(2) + 7), "above the area");
        assertEquals(0, featured.act(ZRWA_FLUSH, start(2) + 5));
        assertEquals(6, featured.pointer(2));
        assertEquals(INVALID_FIELD, featured.act(ZRWA_FLUSH | SELECT_ALL, 0L));
        assertEquals(0x4080, featured.act(ZRWA_FLUSH, 144L));
        assertEquals(INVALID_FIELD, featured.act(ZRWA_FLUSH, start(5) + 1), "a zone without an area");
    }

    @Test
    void areasAreFew() {
        Disk featured = Disk.featured();
        assertEquals(0, featured.act(OPEN | ZRWAA, 2));
        assertEquals(0x41B7, featured.act(OPEN | ZRWAA, 3), "ZRWA Resources Unavailable");
        featured.assertState(3, ZSE);
        assertEquals(0x41B6, featured.act(OPEN | ZRWAA | SELECT_ALL, 0), "Invalid Zone Operation Request");
        assertEquals(0, featured.act(FINISH, 2));
        assertEquals(0, featured.act(OPEN | ZRWAA, 3), "free again");
        assertEquals(0, featured.act(RESET, 3));
        assertEquals(0, featured.write(start(4), 1));
        assertEquals(0x41B6, featured.act(OPEN | ZRWAA, 4), "not empty");
        featured.administer(Operation.ZONE_SET_OFFLINE, 4);
        assertEquals(TRANSITION, featured.act(ZRWA_FLUSH, 4), "offline");
    }
}
