package io.zonewright.frontend.nvme.command.io;

import static io.zonewright.frontend.nvme.command.io.Disk.LBA;
import static io.zonewright.frontend.nvme.command.io.Disk.ZONED;
import static io.zonewright.frontend.nvme.command.io.Disk.start;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.zonewright.api.zone.ZoneLimits;
import io.zonewright.frontend.nvme.command.io.Host.Reply;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Zone Management Receive (ZNS, "Zone Management Receive command"). */
class ZoneReceiveTest {
    private static final int[] STATES = {Disk.ZSE, Disk.ZSIO, Disk.ZSEO, Disk.ZSC, Disk.ZSF, Disk.ZSRO, Disk.ZSO};
    private static final int PARTIAL = 1 << 16;

    private final Disk disk = new Disk(Disk.Options.USUAL.with(new ZoneLimits(0, 0, 8L * LBA)));

    /** Zones 0 to 6 of one state each, 7 and 8 empty. */
    private void makeAll() {
        for (int i = 0; i < STATES.length; i++) {
            disk.make(i, STATES[i]);
        }
    }

    private Reply report(long slba, int bytes, int cdw13) {
        return disk.host.send(Sqe.of(Sqe.ZONE_RECEIVE, ZONED, slba, bytes / 4 - 1, cdw13));
    }

    private static List<Integer> zones(Reply reply, int count) {
        List<Integer> zones = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            zones.add((int) (reply.le64(64 + 64 * i + 16) / Disk.ZONE));
        }
        return zones;
    }

    @Test
    void aReportByteForByte() {
        assertEquals(0, disk.write(start(1), 5));
        disk.make(2, Disk.ZSF);
        // opcode 7Ah, NSID 1, SLBA 10h, 64 dwords (256 bytes), report zones, all, partial
        Reply reply = disk.host.send(Sqe.hex(
                "7a 00 01 00  01 00 00 00" + "00".repeat(32) + "10 00 00 00 00 00 00 00  3f 00 00 00  00 00 01 00"));
        assertEquals(0, reply.status());
        assertEquals(256, reply.data().length);
        assertEquals("03" + "00".repeat(63), reply.hex(0, 64), "three zones");
        assertEquals(
                "02 20 00 00 00000000 0c00000000000000 1000000000000000 1500000000000000".replace(" ", "")
                        + "00".repeat(32),
                reply.hex(64, 128),
                "implicitly open, capacity 12, ZSLBA 16, pointer 21");
        assertEquals(
                "02 e0 00 00 00000000 0c00000000000000 2000000000000000 ffffffffffffffff".replace(" ", "")
                        + "00".repeat(32),
                reply.hex(128, 192),
                "full");
        assertEquals(
                "02 10 00 00 00000000 0c00000000000000 3000000000000000 3000000000000000".replace(" ", "")
                        + "00".repeat(32),
                reply.hex(192, 256),
                "empty");
    }

    @Test
    void writePointersOfZonesThatHaveNone() {
        makeAll();
        Reply reply = report(0, 64 + 9 * 64, 0);
        for (int i = 0; i < STATES.length; i++) {
            boolean none = STATES[i] == Disk.ZSF || STATES[i] == Disk.ZSRO || STATES[i] == Disk.ZSO;
            long expected = none ? -1 : STATES[i] == Disk.ZSE ? start(i) : start(i) + 1;
            assertEquals(expected, reply.le64(64 + 64 * i + 24), "zone " + i);
        }
    }

    @Test
    void withoutPartialAllThatMatchAreCounted() {
        Reply reply = report(start(2), 64 + 2 * 64, 0);
        assertEquals(7, reply.le64(0), "zones 2 to 8");
        assertEquals(List.of(2, 3), zones(reply, 2));
        assertEquals(2, report(start(2), 64 + 2 * 64, PARTIAL).le64(0));
        assertEquals(7, report(start(2), 64 + 20 * 64, PARTIAL).le64(0));
        assertEquals(9, report(0, 64, 0).le64(0), "header alone");
        assertEquals(0, report(0, 64, PARTIAL).le64(0));
    }

    @Test
    void startsWithTheZoneThatHoldsTheAddress() {
        Reply reply = report(start(4) + 13, 64 + 64, PARTIAL);
        assertEquals(List.of(4), zones(reply, 1));
        assertEquals(1, report(143, 4096, 0).le64(0));
        Reply beyond = report(144, 4096, 0);
        assertEquals(0x4080, beyond.status(), "LBA Out of Range");
        assertEquals(40, beyond.errorLocation());
        assertEquals(0x4080, report(-1, 4096, 0).status());
    }

    @Test
    void reportingOptions() {
        makeAll();
        assertOption(0x0, List.of(0, 1, 2, 3, 4, 5, 6, 7, 8));
        assertOption(0x1, List.of(0, 7, 8));
        assertOption(0x2, List.of(1));
        assertOption(0x3, List.of(2));
        assertOption(0x4, List.of(3));
        assertOption(0x5, List.of(4));
        assertOption(0x6, List.of(5));
        assertOption(0x7, List.of(6));
        assertOption(0x9, List.of());
        for (int option : new int[] {0x8, 0xA, 0x10, 0x3F, 0x40, 0xFF}) {
            Reply reply = report(0, 4096, option << 8);
            assertEquals(0x4002, reply.status(), "option " + option);
            assertEquals(53, reply.errorLocation());
        }
    }

    private void assertOption(int option, List<Integer> expected) {
        Reply reply = report(0, 64 + 9 * 64, option << 8);
        assertEquals(0, reply.status());
        assertEquals(expected.size(), reply.le64(0), "option " + option);
        assertEquals(expected, zones(reply, expected.size()), "option " + option);
        Reply partial = report(0, 64 + 64, option << 8 | PARTIAL);
        assertEquals(Math.min(1, expected.size()), partial.le64(0));
        Reply counted = report(0, 64 + 64, option << 8);
        assertEquals(expected.size(), counted.le64(0));
    }

    @Test
    void anyNumberOfDwords() {
        for (int bytes = 64; bytes <= 64 + 3 * 64; bytes += 4) {
            Reply reply = report(0, bytes, PARTIAL);
            assertEquals(0, reply.status());
            assertEquals(bytes, reply.data().length);
            int shown = (bytes - 64) / 64;
            assertEquals(shown, reply.le64(0));
            int end = 64 + shown * 64;
            assertEquals("00".repeat(bytes - end), reply.hex(end, bytes), "no part of a descriptor");
        }
        Reply large = report(0, 8192, 0);
        assertEquals("00".repeat(8192 - 640), large.hex(640, 8192), "nothing is left of what the buffer held");
    }

    @Test
    void aBufferTooSmallOrTooLarge() {
        for (int bytes = 4; bytes < 64; bytes += 4) {
            Reply reply = report(0, bytes, 0);
            assertEquals(0x4002, reply.status());
            assertEquals(48, reply.errorLocation(), "NUMD");
        }
        assertEquals(0, report(0, 64 << 10, 0).status(), "MDTS");
        assertEquals(0x4002, report(0, (64 << 10) + 4, 0).status());
        assertEquals(0x4002, disk.host.status(Sqe.of(Sqe.ZONE_RECEIVE, ZONED, 0, -1, 0)), "16 GiB");
    }

    @Test
    void unknownActions() {
        for (int action : new int[] {0x02, 0x80, 0xFF}) {
            Reply reply = report(0, 4096, action);
            assertEquals(0x4002, reply.status());
            assertEquals(52, reply.errorLocation());
        }
        assertEquals(0x4002, report(0, 4096, 0x01).status(), "extended without extensions");
    }

    @Test
    void extendedReports() {
        Disk featured = Disk.featured();
        assertEquals(1, featured.host.subsystem.io().zoneDescriptorExtensionUnits());
        byte[] extension = new byte[64];
        extension[0] = 0x5E;
        extension[63] = 0x7E;
        assertEquals(0, featured.host.status(Sqe.of(Sqe.ZONE_SEND, ZONED, start(1), 0, Disk.EXTENSION), extension));
        // Room for the header, three entries of 128 bytes and half of a fourth.
        Reply reply =
                featured.host.send(Sqe.of(Sqe.ZONE_RECEIVE, ZONED, 0, (64 + 3 * 128 + 64) / 4 - 1, PARTIAL | 0x01));
        assertEquals(0, reply.status());
        assertEquals(3, reply.le64(0));
        assertEquals(0, reply.le64(64 + 16), "ZSLBA");
        assertEquals("00".repeat(64), reply.hex(128, 192), "no extension");
        assertEquals(16, reply.le64(192 + 16));
        assertEquals("5e" + "00".repeat(62) + "7e", reply.hex(256, 320));
        assertEquals(32, reply.le64(320 + 16));
        assertEquals("00".repeat(64 + 64), reply.hex(384, 512), "no extension, no half entry");
        assertEquals(
                9,
                featured.host
                        .send(Sqe.of(Sqe.ZONE_RECEIVE, ZONED, 0, (64 + 128) / 4 - 1, 0x01))
                        .le64(0));
    }
}
