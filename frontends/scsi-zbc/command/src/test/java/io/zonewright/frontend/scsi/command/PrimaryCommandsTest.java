package io.zonewright.frontend.scsi.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.api.zone.ZoneModel;
import io.zonewright.frontend.scsi.command.Initiator.Sent;
import java.util.List;
import org.junit.jupiter.api.Test;

class PrimaryCommandsTest {
    private static final String NOT_SUPPORTED = "02 70 00 05 00 00 00 00 0A 00 00 00 00 25 00 00 00 00 00";

    @Test
    void inquiryOfAnOrdinaryAndOfAHostManagedDisk() {
        Sent sent = Disk.ordinary().initiator.send("12 00 00 00 FF 00");
        assertEquals(96, sent.transferred());
        assertEquals(96, sent.wantedBytes());
        assertEquals("00 00 06 12 5B 00 00 02", sent.hex(0, 8));
        assertEquals(
                "5A 4F 4E 45 57 52 47 54 5A 6F 6E 65 77 72 69 67 68 74 20 20 20 20 20 20 31 20 20 20", sent.hex(8, 36));
        assertEquals("00 A0 04 60 04 C0 09 60 00 00", sent.hex(58, 68));
        Sent managed = Disk.hostManaged().initiator.send("12 00 00 00 05 00");
        assertEquals("14 00 06 12 5B", managed.hex());
        assertEquals(5, managed.wantedBytes());
    }

    @Test
    void inquiryNeedsNoUnitAndSaysSo() {
        Initiator initiator = Disk.ordinary().initiator;
        assertEquals("7F", initiator.send(7, "12 00 00 00 01 00", 100).hex());
        assertEquals(NOT_SUPPORTED, initiator.send(7, "00 00 00 00 00 00", 0).result());
        assertEquals(
                "70 00 05 00 00 00 00 0A 00 00 00 00 25 00 00 00 00 00",
                initiator.send(7, "03 00 00 00 FF 00", 255).hex());
    }

    @Test
    void vitalProductData() {
        Initiator ordinary = Disk.ordinary().initiator;
        Initiator managed = Disk.zoned(ZoneModel.HOST_MANAGED, 48, LogicalUnitOptions.DEFAULT).initiator;
        assertEquals(
                "00 00 00 09 00 80 83 86 87 88 B0 B1 B2",
                ordinary.send("12 01 00 00 FF 00").hex());
        assertEquals(
                "14 00 00 0A 00 80 83 86 87 88 B0 B1 B2 B6",
                managed.send("12 01 00 00 FF 00").hex());
        assertEquals("00 80 00 14", ordinary.send("12 01 80 00 FF 00").hex(0, 4));
        assertEquals(
                "00 86 00 3C 00 07 01 01", ordinary.send("12 01 86 00 FF 00").hex(0, 8));
        assertEquals(
                "00 B0 00 3C 01 FF 00 01 00 00 80 00 00 00 08 00 00 00 80 00 00 10 00 00 00 00 01 00 00 00 00 01"
                        + " 00 00 00 00 00 00 00 00 00 00 80 00",
                ordinary.send("12 01 B0 00 FF 00").hex(0, 44));
        assertEquals(
                "00 B1 00 3C 00 01 00 00 02", ordinary.send("12 01 B1 00 FF 00").hex(0, 9));
        assertEquals(
                "00 B2 00 04 00 E4 02 00", ordinary.send("12 01 B2 00 FF 00").hex());
        assertEquals(
                "14 B2 00 04 00 00 00 00", managed.send("12 01 B2 00 FF 00").hex());
        assertEquals(
                "14 B6 00 3C 01 00 00 00 FF FF FF FF FF FF FF FF 00 00 00 02 00 00 00 08 00 00 00 00 00 00 00 40",
                managed.send("12 01 B6 00 FF 00").hex(0, 32));
        assertEquals("02 70 00 05 00 00 00 00 0A 00 00 00 00 24 00 00 C0 00 02", ordinary.ask("12 01 B6 00 FF 00"));
        assertEquals("02 70 00 05 00 00 00 00 0A 00 00 00 00 24 00 00 C0 00 02", ordinary.ask("12 00 80 00 FF 00"));
    }

    /** One policy for all mode pages: shared. Two ports, each with its relative identifier and its name. */
    @Test
    void modePagePolicyAndScsiPorts() {
        Disk disk = Disk.ordinary();
        assertEquals(
                "00 87 00 04 3F FF 00 00",
                disk.initiator.send("12 01 87 00 FF 00").hex());
        ScsiTarget second = new ScsiTarget(TargetPort.sas(0x3000_0000_0000_0001L));
        second.attach(3, disk.unit);
        int first = disk.target.port().relativeId();
        int other = second.port().relativeId();
        String one = String.format("00 00 %02X %02X 00 00 00 00 00 00 00 2C 53 98 00 28", first >>> 8, first & 0xFF);
        String two = String.format("00 00 %02X %02X 00 00 00 00 00 00 00 1C 63 98 00 18", other >>> 8, other & 0xFF);
        Initiator.Sent ports = disk.initiator.send("12 01 88 02 00 00");
        assertEquals("00 88 00 60 " + one, ports.hex(0, 20));
        assertEquals(two, ports.hex(4 + 12 + 44, 4 + 12 + 44 + 16));
        // MULTIP: more than one.
        assertEquals("10", disk.initiator.send("12 00 00 00 60 00").hex(6, 7));
        second.detach(3);
        assertEquals("00", disk.initiator.send("12 00 00 00 60 00").hex(6, 7));
        assertEquals("00 88 00 38", disk.initiator.send("12 01 88 02 00 00").hex(0, 4));
    }

    @Test
    void aHostAwareDiskIsADirectAccessOneThatSaysSo() {
        Initiator aware = Disk.zoned(ZoneModel.HOST_AWARE, 64, LogicalUnitOptions.DEFAULT).initiator;
        assertEquals(
                "00 B1 00 3C 00 01 00 00 12", aware.send("12 01 B1 00 FF 00").hex(0, 9));
        assertEquals("00 B6 00 3C 00", aware.send("12 01 B6 00 FF 00").hex(0, 5));
    }

    @Test
    void identificationNamesUnitPortAndDevice() {
        Sent sent = Disk.ordinary().initiator.send("12 01 83 00 FF 00");
        assertEquals("00 83", sent.hex(0, 2));
        // NAA, locally assigned.
        assertEquals("01 03 00 08 3", sent.hex(4, 9).substring(0, 13));
        // Vendor and serial number.
        assertEquals("02 01 00 1C 5A 4F 4E 45 57 52 47 54", sent.hex(16, 28));
        // iSCSI, binary, port, relative identifier.
        assertEquals("51 94 00 04 00 00", sent.hex(48, 54));
        assertEquals("53 98 00 28 69 71 6E", sent.hex(56, 63));
        assertEquals("53 A8 00 1C 69 71 6E", sent.hex(100, 107));
        assertEquals(132, sent.transferred());
    }

    @Test
    void reservedBitsAndNacaAreRefusedWithTheirPlace() {
        Initiator initiator = Disk.ordinary().initiator;
        assertEquals("02 70 00 05 00 00 00 00 0A 00 00 00 00 24 00 00 CA 00 05", initiator.ask("00 00 00 00 00 04"));
        assertEquals("02 70 00 05 00 00 00 00 0A 00 00 00 00 24 00 00 CC 00 02", initiator.ask("00 00 10 00 00 00"));
        assertEquals(
                "02 70 00 05 00 00 00 00 0A 00 00 00 00 20 00 00 00 00 00",
                initiator.ask("C1 00 00 00 00 00 00 00 00 00"));
        assertEquals(
                "02 70 00 05 00 00 00 00 0A 00 00 00 00 24 00 00 CC 00 01",
                initiator.ask("9E 1F 00 00 00 00 00 00 00 00 00 00 00 00 00 00"));
        // RDPROTECT, without protection information.
        assertEquals(
                "02 70 00 05 00 00 00 00 0A 00 00 00 00 24 00 00 CD 00 01",
                initiator.ask("28 20 00 00 00 00 00 00 01 00"));
    }

    @Test
    void unitAttentionsAreToldOnceAndInOrder() {
        Disk disk = Disk.ordinary();
        Initiator second = new Initiator(disk.target, 2);
        assertEquals("7F 00".substring(3), second.send("12 00 00 00 01 00").hex());
        assertEquals(Sense.POWER_ON, second.sense("00 00 00 00 00 00"));
        assertEquals("00", second.ask("00 00 00 00 00 00"));
        disk.unit.raise(Sense.MODE_PARAMETERS_CHANGED, null);
        disk.unit.raise(Sense.CAPACITY_DATA_HAS_CHANGED, null);
        disk.unit.raise(Sense.CAPACITY_DATA_HAS_CHANGED, null);
        assertEquals(Sense.CAPACITY_DATA_HAS_CHANGED, second.sense("28 00 00 00 00 00 00 00 01 00"));
        assertEquals(
                "70 00 06 00 00 00 00 0A 00 00 00 00 2A 01",
                second.send("03 00 00 00 0E 00").hex());
        assertEquals("72 00 00 00 00 00 00 00", second.send("03 01 00 00 FF 00").hex());
    }

    @Test
    void reportLunsByEverySelection() {
        Disk disk = Disk.ordinary();
        disk.target.attach(300, disk.unit);
        assertEquals(List.of("added 300"), disk.initiator.heard);
        String all = "00 00 00 10 00 00 00 00 00 00 00 00 00 00 00 00 41 2C 00 00 00 00 00 00";
        assertEquals(
                all, disk.initiator.send("A0 00 00 00 00 00 00 00 01 00 00 00").hex());
        assertEquals(
                all, disk.initiator.send("A0 00 02 00 00 00 00 00 01 00 00 00").hex());
        assertEquals(
                all, disk.initiator.send("A0 00 11 00 00 00 00 00 01 00 00 00").hex());
        assertEquals(
                "00 00 00 00 00 00 00 00",
                disk.initiator.send("A0 00 01 00 00 00 00 00 01 00 00 00").hex());
        assertEquals(
                "02 70 00 05 00 00 00 00 0A 00 00 00 00 24 00 00 C0 00 02",
                disk.initiator.ask("A0 00 03 00 00 00 00 00 01 00 00 00"));
        // It told what had changed.
        assertEquals("00", disk.initiator.ask("00 00 00 00 00 00"));
        disk.target.detach(300);
        assertEquals(Sense.REPORTED_LUNS_DATA_HAS_CHANGED, disk.initiator.sense("00 00 00 00 00 00"));
        assertEquals(
                NOT_SUPPORTED, disk.initiator.send(300, "00 00 00 00 00 00", 0).result());
    }

    @Test
    void supportedOperationCodes() {
        Disk disk = Disk.hostManaged();
        Initiator initiator = disk.initiator;
        // One command, with timeouts: the usage data of REPORT ZONES.
        assertEquals(
                "00 83 00 10 95 00 FF FF FF FF FF FF FF FF FF FF FF FF BF 00 00 0A 00 00 00 00 00 00 00 00 00 00",
                initiator.send("A3 0C 82 95 00 00 00 00 01 00 00 00").hex());
        assertEquals(
                "00 03 00 06 00 00 00 00 00 00",
                initiator.send("A3 0C 01 00 00 00 00 00 01 00 00 00").hex());
        // UNMAP is not offered here.
        assertEquals(
                "00 01 00 00",
                initiator.send("A3 0C 01 42 00 00 00 00 01 00 00 00").hex());
        // Opcodes with service actions are not to be asked for without, nor the other way round.
        assertEquals(Sense.INVALID_FIELD_IN_CDB, initiator.sense("A3 0C 01 95 00 00 00 00 01 00 00 00"));
        assertEquals(Sense.INVALID_FIELD_IN_CDB, initiator.sense("A3 0C 02 28 00 00 00 00 01 00 00 00"));
        assertEquals(
                "00 03 00 0A",
                initiator.send("A3 0C 03 28 00 00 00 00 00 04 00 00").hex());
        Sent all = initiator.send("A3 0C 00 00 00 00 00 00 FF FF 00 00");
        assertEquals(disk.unit.table().offered().size() * 8L + 4, all.transferred());
        assertEquals("00 00 00 00 00 00 00 06 03 00 00 00 00 00 00 06", all.hex(4, 20));
        assertTrue(all.hex().contains("94 00 00 04 00 01 00 10 95 00 00 00 00 01 00 10"), all.hex());
    }

    @Test
    void supportedTaskManagementFunctions() {
        Initiator initiator = Disk.ordinary().initiator;
        assertEquals(
                "DC 07 00 00",
                initiator.send("A3 0D 00 00 00 00 00 00 00 10 00 00").hex());
        assertEquals(
                "DC 07 00 0C 00 00 00 00 00 00 00 00 00 00 00 00",
                initiator.send("A3 0D 80 00 00 00 00 00 00 10 00 00").hex());
        assertEquals(Sense.INVALID_FIELD_IN_CDB, initiator.sense("A3 0D 00 00 00 00 00 00 00 03 00 00"));
    }

    @Test
    void moreIsAskedForThanOfferedOrThereIs() {
        Initiator initiator = Disk.ordinary().initiator;
        Sent sent = initiator.send(0, "12 00 00 00 FF 00", 10);
        assertEquals("00 00 06 12 5B 00 00 02 5A 4F", sent.hex());
        assertEquals(96, sent.wantedBytes());
    }
}
