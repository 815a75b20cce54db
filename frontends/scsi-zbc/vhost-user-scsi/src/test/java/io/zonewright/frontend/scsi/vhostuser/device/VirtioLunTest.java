package io.zonewright.frontend.scsi.vhostuser.device;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** The field lun (virtio 1.3, section 5.6.6.1). */
class VirtioLunTest {
    @Test
    void targetZeroHasTheLevelBehindIt() {
        assertEquals(0x4005_0000_0000_0000L, VirtioLun.decode(0x0100_4005_0000_0000L));
        assertEquals(0x0005_0000_0000_0000L, VirtioLun.decode(0x0100_0005_0000_0000L));
        assertEquals(0x7FFF_0000_0000_0000L, VirtioLun.decode(0x0100_7FFF_0000_0000L));
        assertEquals(0xC101_0000_0000_0000L, VirtioLun.decode(0x0100_C101_0000_0000L));
    }

    @Test
    void reportLunsIsAWellKnownUnit() {
        assertEquals(0xC101_0000_0000_0000L, VirtioLun.decode(0xC101_0000_0000_0000L));
    }

    @Test
    void nobodyElseIsThere() {
        for (long field : new long[] {
            0,
            -1,
            0x0101_4000_0000_0000L,
            0x01FF_4000_0000_0000L,
            0x0200_4000_0000_0000L,
            0x0000_4000_0000_0000L,
            0x0100_4000_0001_0000L,
            0x0100_4000_0000_0001L,
            0xC101_0000_0000_0001L,
            0xC102_0000_0000_0000L
        }) {
            assertEquals(VirtioLun.NOBODY, VirtioLun.decode(field), Long.toHexString(field));
        }
    }

    @Test
    void eventsNameUnitsInFlatAddressing() {
        assertEquals(0x0100_4000_0000_0000L, VirtioLun.encode(0));
        assertEquals(0x0100_7FFF_0000_0000L, VirtioLun.encode(16383));
    }
}
