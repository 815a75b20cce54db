package io.zonewright.frontend.scsi.command;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.zonewright.api.request.Operation;
import io.zonewright.api.zone.ZoneModel;
import io.zonewright.frontend.scsi.command.Initiator.Sent;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Zones of 40h blocks: 0 and 1 conventional, 2 to 7 (80h, C0h, 100h, 140h, 180h, 1C0h) sequential; two may be open. */
class ZoneCommandsTest {
    private static final String OK = "00";
    private final Disk disk = Disk.hostManaged();
    private Initiator initiator = disk.initiator;

    private Sent write(int lba, int count) {
        return initiator.send(
                String.format("8A 00 00 00 00 00 00 00 %02X %02X 00 00 00 %02X 00 00", lba >> 8, lba & 0xFF, count),
                new byte[count * 512]);
    }

    private Sent read(int lba, int count) {
        return initiator.send(
                String.format("88 00 00 00 00 00 00 00 %02X %02X 00 00 00 %02X 00 00", lba >> 8, lba & 0xFF, count));
    }

    private Sent act(int action, int lba) {
        return initiator.send(
                String.format("94 %02X 00 00 00 00 00 00 %02X %02X 00 00 00 00 00 00", action, lba >> 8, lba & 0xFF));
    }

    private Sent report(int lba, int option, int allocation) {
        return initiator.send(String.format(
                "95 00 00 00 00 00 00 00 %02X %02X 00 00 %02X %02X %02X 00",
                lba >> 8, lba & 0xFF, allocation >> 8, allocation & 0xFF, option));
    }

    /** Type, condition, write pointer. */
    private String zone(int lba) {
        Sent sent = report(lba, 0x80, 128);
        return sent.hex(64, 66) + " " + sent.hex(64 + 30, 64 + 32);
    }

    private static void assertSense(Sense expected, Sent sent) {
        assertEquals(expected, Initiator.senseOf(sent));
    }

    @Test
    void reportHasExactBytes() {
        assertEquals(OK, write(0x80, 3).result());
        Sent sent = report(0, 0, 0x1000);
        assertEquals(64 + 8 * 64, sent.transferred());
        assertEquals(64 + 8 * 64, sent.wantedBytes());
        // Length, SAME 3h (lengths alike, types not), maximum LBA.
        assertEquals("00 00 02 00 03 00 00 00 00 00 00 00 00 00 01 FF 00 00 00 00 00 00 00 00", sent.hex(0, 24));
        assertEquals(
                "01 00 00 00 00 00 00 00 00 00 00 00 00 00 00 40 00 00 00 00 00 00 00 40 FF FF FF FF FF FF FF FF",
                sent.hex(128, 160));
        assertEquals(
                "02 20 00 00 00 00 00 00 00 00 00 00 00 00 00 40 00 00 00 00 00 00 00 80 00 00 00 00 00 00 00 83",
                sent.hex(192, 224));
        assertEquals("00 00 00 00 00 00 00 00", sent.hex(224, 232));
        // From the middle of zone 2 on they are alike.
        assertEquals("00 00 01 80 01", report(0xA0, 0, 0x1000).hex(0, 5));
    }

    @Test
    void reportOfAnyAllocationLength() {
        assertEquals(0, report(0, 0, 0).transferred());
        assertEquals("00", report(0, 0, 0).result());
        Sent ten = report(0, 0, 10);
        assertEquals("00 00 02 00 03 00 00 00 00 00", ten.hex());
        Sent cut = report(0x80, 0, 64 + 64 + 10);
        assertEquals(138, cut.transferred());
        assertEquals("00 00 01 80 01", cut.hex(0, 5));
        assertEquals("02 10 00", cut.hex(128, 131));
        // PARTIAL counts whole descriptors only.
        assertEquals("00 00 00 40 01", report(0x80, 0x80, 64 + 64 + 10).hex(0, 5));
        assertEquals("00 00 00 00", report(0x80, 0x80, 64).hex(0, 4));
        assertSense(Sense.LBA_OUT_OF_RANGE, report(0x200, 0, 64));
        assertEquals(
                "02 70 00 05 00 00 00 00 0A 00 00 00 00 24 00 00 CD 00 0E",
                report(0, 0x09, 64).result());
    }

    @ParameterizedTest
    @CsvSource({
        "0x00, 8", "0x01, 1", "0x02, 1", "0x03, 1", "0x04, 0", "0x05, 1", "0x06, 1", "0x07, 1", "0x08, 0", "0x10, 0",
        "0x11, 0", "0x3E, 8", "0x3F, 2"
    })
    void everyReportingOption(String option, int zones) {
        assertEquals(OK, write(0x80, 1).result());
        assertEquals(OK, act(0x03, 0xC0).result());
        assertEquals(OK, act(0x02, 0x80).result());
        assertEquals(OK, write(0x100, 1).result());
        disk.administer(Operation.ZONE_SET_READ_ONLY, 5);
        disk.administer(Operation.ZONE_SET_OFFLINE, 6);
        Sent sent = report(0, Integer.decode(option), 0x1000);
        assertEquals(String.format("00 00 %02X %02X", zones >> 2, (zones * 64) & 0xFF), sent.hex(0, 4));
        assertEquals(64 + zones * 64L, sent.transferred());
    }

    @Test
    void stateMachine() {
        assertEquals("02 10 00 80", zone(0x80));
        assertEquals(OK, act(0x01, 0x80).result());
        assertEquals("02 10 00 80", zone(0x80));
        assertEquals(OK, act(0x03, 0x80).result());
        assertEquals("02 30 00 80", zone(0x80));
        assertEquals(OK, act(0x01, 0x80).result());
        assertEquals("02 10 00 80", zone(0x80));
        assertEquals(OK, write(0x80, 5).result());
        assertEquals("02 20 00 85", zone(0x80));
        assertEquals(OK, act(0x01, 0x80).result());
        assertEquals("02 40 00 85", zone(0x80));
        assertEquals(OK, act(0x02, 0x80).result());
        assertEquals("02 E0 00 C0", zone(0x80));
        assertEquals(OK, act(0x03, 0x80).result());
        assertEquals("02 E0 00 C0", zone(0x80));
        assertEquals(OK, act(0x04, 0x80).result());
        assertEquals("02 10 00 80", zone(0x80));
        assertEquals(OK, act(0x04, 0x80).result());
    }

    @Test
    void refusedWrites() {
        assertSense(Sense.UNALIGNED_WRITE_COMMAND, write(0x81, 1));
        assertEquals(
                "02 70 00 05 00 00 00 00 0A 00 00 00 00 21 04 00 00 00 00",
                write(0x81, 1).result());
        assertEquals(
                "02 70 00 05 00 00 00 00 0A 00 00 00 00 21 05 00 00 00 00",
                write(0x80, 0x41).result());
        assertSense(Sense.WRITE_BOUNDARY_VIOLATION, write(0x7F, 2));
        assertEquals(OK, act(0x02, 0x80).result());
        assertEquals(
                "02 70 00 05 00 00 00 00 0A 00 00 00 00 24 00 00 C0 00 02",
                write(0x80, 1).result());
        disk.administer(Operation.ZONE_SET_READ_ONLY, 5);
        disk.administer(Operation.ZONE_SET_OFFLINE, 6);
        assertEquals(
                "02 70 00 07 00 00 00 00 0A 00 00 00 00 27 08 00 00 00 00",
                write(0x140, 1).result());
        assertEquals(
                "02 70 00 07 00 00 00 00 0A 00 00 00 00 2C 0E 00 00 00 00",
                write(0x180, 1).result());
        assertSense(Sense.ZONE_IS_OFFLINE, read(0x180, 1));
        assertSense(Sense.ZONE_IS_READ_ONLY, act(0x04, 0x140));
        assertSense(Sense.ZONE_IS_OFFLINE, act(0x03, 0x180));
    }

    @Test
    void openResources() {
        assertEquals(OK, act(0x03, 0x80).result());
        assertEquals(OK, act(0x03, 0xC0).result());
        assertEquals(
                "02 F0 00 07 00 00 01 00 0A 00 00 00 00 55 0E 00 00 00 00",
                act(0x03, 0x100).result());
        // Of several zones the third is one too many: INFORMATION names it. All at once name none.
        assertEquals(OK, initiator.ask("94 01 00 00 00 00 00 00 00 00 00 00 00 00 01 00"));
        assertEquals(
                "02 F0 00 07 00 00 01 00 0A 00 00 00 00 55 0E 00 00 00 00",
                initiator.ask("94 03 00 00 00 00 00 00 00 80 00 00 00 03 00 00"));
        assertSense(Sense.INSUFFICIENT_ZONE_RESOURCES, write(0x100, 1));
        // What the log counts: two failed opens, and a write rule violation.
        assertSense(Sense.UNALIGNED_WRITE_COMMAND, write(0x82, 1));
        assertEquals(
                "54 01 00 24 00 08 03 08 00 00 00 00 00 00 00 02 00 09 03 08 00 00 00 00 00 00 00 00"
                        + " 00 0A 03 08 00 00 00 00 00 00 00 01",
                initiator.send("4D 00 54 01 00 00 00 00 FF 00").hex());
    }

    @Test
    void refusedActions() {
        String field = "02 70 00 05 00 00 00 00 0A 00 00 00 00 24 00 00 C0 00 02";
        assertEquals(field, act(0x03, 0x81).result());
        assertEquals(field, act(0x04, 0x40).result());
        assertSense(Sense.LBA_OUT_OF_RANGE, act(0x01, 0x200));
        // Not offered on a host-managed device.
        assertEquals(
                "02 70 00 05 00 00 00 00 0A 00 00 00 00 24 00 00 CC 00 01",
                act(0x10, 0x80).result());
    }

    @Test
    void allZonesAndSeveral() {
        assertEquals(OK, write(0x80, 1).result());
        assertEquals(OK, write(0xC0, 1).result());
        assertEquals(OK, initiator.ask("94 01 00 00 00 00 00 00 00 00 00 00 00 00 01 00"));
        assertEquals("02 40 00 81", zone(0x80));
        assertEquals(OK, initiator.ask("94 03 00 00 00 00 00 00 00 00 00 00 00 00 01 00"));
        assertEquals("02 30 00 C1", zone(0xC0));
        assertEquals(OK, initiator.ask("94 04 00 00 00 00 00 00 00 80 00 00 00 02 00 00"));
        assertEquals("02 10 00 80", zone(0x80));
        assertEquals("02 10 00 C0", zone(0xC0));
        assertEquals(
                "02 70 00 05 00 00 00 00 0A 00 00 00 00 24 00 00 C0 00 0C",
                initiator.ask("94 04 00 00 00 00 00 00 01 C0 00 00 00 02 00 00"));
        // FINISH with ALL leaves empty zones alone.
        assertEquals(OK, initiator.ask("94 02 00 00 00 00 00 00 00 00 00 00 00 00 01 00"));
        assertEquals("02 10 00 80", zone(0x80));
    }

    @Test
    void readsAcrossZones() {
        assertEquals(OK, read(0xB0, 0x20).result());
        assertEquals(OK, read(0x30, 0x20).result());
        assertEquals(
                "02 70 00 05 00 00 00 00 0A 00 00 00 00 21 07 00 00 00 00",
                read(0x70, 0x20).result());
        assertEquals(
                "10",
                initiator
                        .send("9E 10 00 00 00 00 00 00 00 00 00 00 00 20 00 00")
                        .hex(12, 13));
    }

    @Test
    void restrictedReads() {
        Disk strict = Disk.zoned(ZoneModel.HOST_MANAGED, 64, LogicalUnitOptions.DEFAULT.withUnrestrictedReads(false));
        initiator = strict.initiator;
        assertEquals("14 B6 00 3C 00", initiator.send("12 01 B6 00 FF 00").hex(0, 5));
        assertEquals(OK, write(0x80, 4).result());
        assertEquals(OK, read(0x80, 4).result());
        assertEquals(
                "02 70 00 05 00 00 00 00 0A 00 00 00 00 21 06 00 00 00 00",
                read(0x81, 4).result());
        assertSense(Sense.READ_BOUNDARY_VIOLATION, read(0xB0, 0x20));
        assertEquals(OK, read(0x30, 0x20).result());
    }

    @Test
    void gapZones() {
        Disk gaps = Disk.zoned(ZoneModel.HOST_MANAGED, 48, LogicalUnitOptions.DEFAULT);
        initiator = gaps.initiator;
        Sent sent = report(0, 0, 0x1000);
        // Two conventional zones, six sequential ones, a gap behind each.
        assertEquals("00 00 03 80 00 00 00 00 00 00 00 00 00 00 01 FF 00 00 00 00 00 00 00 40", sent.hex(0, 24));
        assertEquals(
                "02 10 00 00 00 00 00 00 00 00 00 00 00 00 00 30 00 00 00 00 00 00 00 80 00 00 00 00 00 00 00 80",
                sent.hex(192, 224));
        assertEquals(
                "05 00 00 00 00 00 00 00 00 00 00 00 00 00 00 10 00 00 00 00 00 00 00 B0 FF FF FF FF FF FF FF FF",
                sent.hex(256, 288));
        // From inside a gap on; without gaps; those without write pointers.
        assertEquals("05 00", report(0xB8, 0x80, 128).hex(64, 66));
        assertEquals("00 00 02 C0", report(0xB8, 0x00, 64).hex(0, 4));
        assertEquals("00 00 02 00", report(0, 0x3E, 64).hex(0, 4));
        assertEquals("00 00 02 00", report(0, 0x3F, 64).hex(0, 4));
        assertEquals(
                "02 70 00 05 00 00 00 00 0A 00 00 00 00 21 09 00 00 00 00",
                write(0xB0, 1).result());
        assertSense(Sense.ATTEMPT_TO_ACCESS_GAP_ZONE, read(0xAF, 2));
        assertSense(Sense.WRITE_BOUNDARY_VIOLATION, write(0x80, 0x31));
        assertEquals(OK, write(0x80, 0x30).result());
        assertEquals("02 E0 00 B0", zone(0x80));
    }

    @Test
    void hostAware() {
        initiator = Disk.zoned(ZoneModel.HOST_AWARE, 64, LogicalUnitOptions.DEFAULT).initiator;
        assertEquals(OK, write(0x90, 2).result());
        assertEquals("03 20 00 92", zone(0x80));
        assertEquals(OK, act(0x10, 0x80).result());
        assertEquals(
                "02 70 00 05 00 00 00 00 0A 00 00 00 00 21 05 00 00 00 00",
                write(0x7F, 2).result());
    }

    /** It reaches the device piece by piece: 144 blocks from conventional zones into sequential ones are more than one. */
    @Test
    void aWriteSameThatIsRefusedChangesNothing() {
        byte[] block = Initiator.filled(512, 7);
        assertSense(
                Sense.WRITE_BOUNDARY_VIOLATION,
                initiator.send("93 00 00 00 00 00 00 00 00 00 00 00 00 90 00 00", block));
        assertEquals(0, read(0, 1).received()[0]);
        assertSense(
                Sense.WRITE_BOUNDARY_VIOLATION,
                initiator.send("93 00 00 00 00 00 00 00 00 80 00 00 00 90 00 00", block));
        assertEquals("02 10 00 80", zone(0x80));
        assertSense(
                Sense.WRITE_BOUNDARY_VIOLATION,
                initiator.send("8B 00 00 00 00 00 00 00 00 00 00 00 00 90 00 00", new byte[144 * 512]));
    }

    @Test
    void writeSameIsAWriteAtThePointer() {
        assertEquals(OK, initiator.ask("93 00 00 00 00 00 00 00 00 80 00 00 00 10 00 00", Initiator.filled(512, 7)));
        assertEquals("02 20 00 90", zone(0x80));
        assertEquals(7, read(0x8F, 1).received()[511]);
        assertEquals(
                Sense.UNALIGNED_WRITE_COMMAND,
                initiator.sense("93 00 00 00 00 00 00 00 00 80 00 00 00 10 00 00", Initiator.filled(512, 7)));
        assertEquals(Sense.INVALID_OPERATION_CODE, initiator.sense("42 00 00 00 00 00 00 00 00 00"));
    }
}
