package io.zonewright.frontend.scsi.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class NamesTest {
    private static String hex(InitiatorPort port) {
        return HexFormat.of().formatHex(port.transportId());
    }

    @Test
    void logicalUnitNumbers() {
        assertEquals(0, Lun.decode(0));
        assertEquals(255, Lun.decode(0x00FF_0000_0000_0000L));
        assertEquals(256, Lun.decode(0x4100_0000_0000_0000L));
        assertEquals(5, Lun.decode(0x4005_0000_0000_0000L));
        assertEquals(0x4100_0000_0000_0000L, Lun.encode(256));
        assertEquals(0x00FF_0000_0000_0000L, Lun.encode(255));
        // Another bus; REPORT LUNS' well-known unit; a second level.
        assertEquals(-1, Lun.decode(0x0101_0000_0000_0000L));
        assertEquals(-1, Lun.decode(0xC101_0000_0000_0000L));
        assertEquals(-1, Lun.decode(0x0001_0001_0000_0000L));
    }

    @Test
    void transportIds() {
        assertEquals(
                "45000014" + HexFormat.of().formatHex("i,i,0x000000000007".getBytes(StandardCharsets.US_ASCII))
                        + "0000",
                hex(InitiatorPort.iscsi("i", 7)));
        assertEquals(
                "06000000" + "3000000000000002" + "000000000000000000000000",
                hex(InitiatorPort.sas(0x3000_0000_0000_0002L)));
        assertEquals(InitiatorPort.iscsi("i", 7), InitiatorPort.iscsi("i", 7));
        assertNotEquals(InitiatorPort.iscsi("i", 7), InitiatorPort.iscsi("i", 8));
        assertThrows(IllegalArgumentException.class, () -> InitiatorPort.iscsi("", 0));
    }

    @Test
    void targetPorts() {
        TargetPort port = TargetPort.iscsi("iqn.2026-11.io.zonewright:t", 1);
        assertEquals("iqn.2026-11.io.zonewright:t,t,0x0001", port.portName());
        assertEquals(
                port.relativeId(),
                TargetPort.iscsi("iqn.2026-11.io.zonewright:t", 1).relativeId());
        assertNotEquals(
                port.relativeId(),
                TargetPort.iscsi("iqn.2026-11.io.zonewright:t", 2).relativeId());
        assertEquals(
                "naa.3000000000000001", TargetPort.sas(0x3000_0000_0000_0001L).portName());
    }

    @Test
    void oneUnitForAllCarriers() {
        Disk disk = Disk.ordinary();
        LogicalUnit one = LogicalUnit.shared(disk.device, LogicalUnitOptions.DEFAULT);
        LogicalUnit two = LogicalUnit.shared(disk.device, LogicalUnitOptions.DEFAULT);
        assertEquals(one, two);
        one.close();
        assertEquals(two, LogicalUnit.shared(disk.device, LogicalUnitOptions.DEFAULT));
        two.close();
        two.close();
        LogicalUnit later = LogicalUnit.shared(disk.device, LogicalUnitOptions.DEFAULT);
        assertNotEquals(one, later);
        later.close();
    }
}
