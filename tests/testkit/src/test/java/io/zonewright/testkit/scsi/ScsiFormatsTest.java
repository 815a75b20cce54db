package io.zonewright.testkit.scsi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The initiator's bytes, literally. */
class ScsiFormatsTest {
    private static final HexFormat HEX = HexFormat.of();

    @Test
    void readsOfEveryLength() {
        assertEquals("080123450800", ScsiRequest.read6(0x12345, 8, 512).cdb().toString());
        assertEquals(
                "28000123456700" + "0008" + "00",
                ScsiRequest.read10(0x01234567, 8, 512).cdb().toString());
        assertEquals(
                "a8000123456700000008" + "0000",
                ScsiRequest.read12(0x01234567, 8, 512).cdb().toString());
        assertEquals(
                "8800" + "0102030405060708" + "00000008" + "0000",
                ScsiRequest.read(0x0102030405060708L, 8, 512).cdb().toString());
        assertEquals(
                "7f00000000000018" + "00090000" + "0102030405060708" + "00".repeat(8) + "00000008",
                ScsiRequest.read32(0x0102030405060708L, 8, 512).cdb().toString());
        assertEquals(4096, ScsiRequest.read(0, 8, 512).inBytes());
    }

    @Test
    void zoneCommands() {
        assertEquals(
                "9404" + "0000000000080000" + "00000000" + "0000",
                ScsiRequest.zone(Scsi.RESET_WRITE_POINTER, 0x80000).cdb().toString());
        assertEquals(
                "9403" + "0000000000000000" + "00000000" + "0100",
                ScsiRequest.allZones(Scsi.OPEN_ZONE).cdb().toString());
        assertEquals(
                "9500" + "0000000000080000" + "00001000" + "9100",
                ScsiRequest.reportZones(0x80000, 4096, 0x11, true).cdb().toString());
    }

    @Test
    void unmapHasItsDescriptor() {
        ScsiRequest unmap = ScsiRequest.unmap(0x0102030405060708L, 0x10);
        assertEquals("42000000000000001800", unmap.cdb().toString());
        assertEquals("0016001000000000" + "0102030405060708" + "0000001000000000", HEX.formatHex(unmap.out()));
    }

    @Test
    void logicalUnitNumbers() {
        assertEquals(0x0005_0000_0000_0000L, Scsi.lun(5));
        assertEquals(0x4100_0000_0000_0000L, Scsi.lun(256));
        assertThrows(IllegalArgumentException.class, () -> Scsi.lun(16384));
    }

    @Test
    void fixedSense() {
        // 5h/21h/04h with INFORMATION 1234h; then an illegal CDB field at byte 14, bit 3.
        ScsiSense unaligned = ScsiSense.parse(HEX.parseHex("f00005000012340a" + "00000000" + "2104" + "00000000"));
        assertNotNull(unaligned);
        assertEquals(new ScsiSense(false, false, 5, 0x21, 4, 0x1234L, -1), unaligned);
        assertEquals(Scsi.UNALIGNED_WRITE, unaligned.code());
        ScsiSense field = ScsiSense.parse(HEX.parseHex("700005000000000a" + "00000000" + "2400" + "00cb000e"));
        assertEquals(new ScsiSense(false, false, 5, 0x24, 0, null, 0xCB000E), field);
        assertNull(ScsiSense.parse(new byte[0]));
        assertThrows(IllegalStateException.class, () -> ScsiSense.parse(HEX.parseHex("700005000000000a")));
    }

    @Test
    void descriptorSense() {
        ScsiSense sense = ScsiSense.parse(
                HEX.parseHex("7205240000000014" + "000a800000000000" + "00001234" + "02060000cb000e00"));
        assertEquals(new ScsiSense(true, false, 5, 0x24, 0, 0x1234L, 0xCB000E), sense);
    }

    @Test
    void aZoneReport() {
        byte[] bytes = HEX.parseHex("00000080" + "01000000" + "000000000007ffff" + "0000000000040000" + "00".repeat(40)
                + "0120000000000000" + "0000000000040000" + "0000000000000000" + "ffffffffffffffff" + "00".repeat(32)
                + "02e3000000000000" + "0000000000040000" + "0000000000040000" + "0000000000080000" + "00".repeat(32));
        ScsiZoneReport report = ScsiZoneReport.parse(bytes);
        assertEquals(
                new ScsiZoneReport(
                        128,
                        1,
                        0x7FFFF,
                        0x40000,
                        List.of(
                                new ScsiZoneReport.Zone(1, 2, false, false, 0x40000, 0, -1),
                                new ScsiZoneReport.Zone(2, 14, true, true, 0x40000, 0x40000, 0x80000))),
                report);
        assertEquals(2, report.count());
        bytes[70] = 1;
        assertThrows(IllegalStateException.class, () -> ScsiZoneReport.parse(bytes));
    }

    @Test
    void aCapacity() {
        assertEquals(
                new ScsiCapacity(0x7FFFF, 4096, 1, 3, true, true, 0),
                ScsiCapacity.parse(HEX.parseHex("000000000007ffff" + "00001000" + "1003c000" + "00".repeat(16))));
    }

    @Test
    void oneNumberForAResult() {
        byte[] sense = HEX.parseHex("720521040000" + "0000");
        assertEquals(Scsi.UNALIGNED_WRITE, new ScsiResult(0, 2, sense, new byte[0], 0).code());
        assertEquals(0x1800_0000, new ScsiResult(0, 0x18, new byte[0], new byte[0], 0).code());
        assertEquals(0x8000_0001, new ScsiResult(1, 0, new byte[0], new byte[0], 0).code());
        assertEquals(0, new ScsiResult(0, 0, new byte[0], new byte[0], 0).code());
    }
}
