package io.zonewright.frontend.scsi.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
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
    void transportIdsAsInitiatorsSendThem() {
        InitiatorPort named = InitiatorPort.iscsi("iqn.2026-11.io.zonewright:a", 0x0080_0012_34ABL);
        byte[] bytes = named.transportId();
        assertEquals(bytes.length, InitiatorPort.transportIdLength(bytes, 0, bytes.length));
        assertEquals(-1, InitiatorPort.transportIdLength(bytes, 0, bytes.length - 1));
        assertEquals(named, InitiatorPort.ofTransportId(bytes, 0, bytes.length));
        // Digits of the ISID in the other case are the same port.
        String capital = new String(bytes, StandardCharsets.US_ASCII).replace("34ab", "34AB");
        assertEquals(named, InitiatorPort.ofTransportId(capital.getBytes(StandardCharsets.US_ASCII), 0, bytes.length));
        String noIsid = new String(bytes, StandardCharsets.US_ASCII).replace(",i,0x", ",t,0x");
        assertNull(InitiatorPort.ofTransportId(noIsid.getBytes(StandardCharsets.US_ASCII), 0, bytes.length));
        byte[] sas = InitiatorPort.sas(0x3000_0000_0000_0002L).transportId();
        assertEquals(InitiatorPort.sas(0x3000_0000_0000_0002L), InitiatorPort.ofTransportId(sas, 0, sas.length));
        sas[20] = 1;
        assertNull(InitiatorPort.ofTransportId(sas, 0, sas.length));
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
