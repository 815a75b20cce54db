package io.zonewright.frontend.scsi.command;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class ModePagesTest {
    private static final String CACHING = "08 12 04 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00";
    private static final String CONTROL = "0A 0A 02 10 00 00 00 00 00 00 00 00";
    private static final String EXCEPTIONS = "1C 0A 00 00 00 00 00 00 00 00 00 00";
    private final Disk disk = Disk.ordinary();
    private final Initiator initiator = disk.initiator;

    @Test
    void everyPageWithHeaderAndDescriptor() {
        assertEquals(
                "37 00 10 08 00 00 10 00 00 00 02 00 " + CACHING + " " + CONTROL + " " + EXCEPTIONS,
                initiator.send("1A 00 3F 00 FF 00").hex());
        assertEquals(
                "00 32 00 10 00 00 00 00 " + CACHING + " " + CONTROL + " " + EXCEPTIONS,
                initiator.send("5A 08 3F FF 00 00 00 00 FF 00").hex());
        assertEquals(
                "00 22 00 10 01 00 00 10 00 00 00 00 00 00 10 00 00 00 00 00 00 00 02 00 " + CONTROL,
                initiator.send("5A 10 0A 00 00 00 00 00 FF 00").hex());
    }

    @Test
    void changeableDefaultAndSavedValues() {
        assertEquals(
                "17 00 10 00 08 12 04 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00",
                initiator.send("1A 08 48 00 FF 00").hex());
        assertEquals(
                "0F 00 10 00 0A 0A 04 00 08 40 00 00 00 00 00 00",
                initiator.send("1A 08 4A 00 FF 00").hex());
        assertEquals(
                "0F 00 10 00 " + CONTROL, initiator.send("1A 08 8A 00 FF 00").hex());
        assertEquals("02 70 00 05 00 00 00 00 0A 00 00 00 00 39 00 00 00 00 00", initiator.ask("1A 08 CA 00 FF 00"));
        assertEquals("02 70 00 05 00 00 00 00 0A 00 00 00 00 24 00 00 CD 00 02", initiator.ask("1A 08 01 00 FF 00"));
        assertEquals("02 70 00 05 00 00 00 00 0A 00 00 00 00 24 00 00 C0 00 03", initiator.ask("1A 08 0A 01 FF 00"));
    }

    @Test
    void descriptorSenseAfterDSense() {
        Initiator second = new Initiator(disk.target, 2).ready();
        assertEquals(
                "00",
                initiator.ask("15 10 00 00 10 00", Initiator.bytes("00 00 00 00 0A 0A 06 10 00 00 00 00 00 00 00 00")));
        // The other nexus hears of it, in the new format.
        assertEquals("02 72 06 2A 01 00 00 00 00", second.ask("00 00 00 00 00 00"));
        assertEquals("02 72 05 21 00 00 00 00 00", second.ask("28 00 00 00 10 00 00 00 01 00"));
        assertEquals("02 72 05 24 00 00 00 00 08 02 06 00 00 C0 00 02 00", second.ask("12 00 80 00 FF 00"));
        assertEquals(
                "02 72 0E 1D 00 00 00 00 0C 00 0A 80 00 00 00 00 00 00 00 00 10",
                second.ask("2F 02 00 00 00 10 00 00 01 00", Initiator.filled(512, 1)));
    }

    @Test
    void softwareWriteProtect() {
        byte[] list = Initiator.bytes("00 00 00 00 00 00 00 00 0A 0A 02 10 08 00 00 00 00 00 00 00");
        assertEquals("00", initiator.ask("55 10 00 00 00 00 00 00 14 00", list));
        assertEquals("0F 00 90 00", initiator.send("1A 08 0A 00 04 00").hex());
        String writeProtected = "02 70 00 07 00 00 00 00 0A 00 00 00 00 27 00 00 00 00 00";
        assertEquals(writeProtected, initiator.ask("2A 00 00 00 00 00 00 00 01 00", new byte[512]));
        assertEquals(writeProtected, initiator.ask("41 00 00 00 00 00 00 00 01 00", new byte[512]));
        assertEquals(writeProtected, initiator.ask("89 00 00 00 00 00 00 00 00 00 00 00 00 01 00 00", new byte[1024]));
        assertEquals(writeProtected, initiator.ask("42 00 00 00 00 00 00 00 00 00"));
        assertEquals("00", initiator.ask("28 00 00 00 00 00 00 00 01 00"));
    }

    @Test
    void refusedLists() {
        // Saving; a bit that cannot be changed; an unknown page; a page cut short; another block length.
        assertEquals(
                "02 70 00 05 00 00 00 00 0A 00 00 00 00 24 00 00 C8 00 01",
                initiator.ask("15 11 00 00 04 00", new byte[4]));
        assertEquals(
                "02 70 00 05 00 00 00 00 0A 00 00 00 00 26 00 00 80 00 07",
                initiator.ask("15 10 00 00 10 00", Initiator.bytes("00 00 00 00 0A 0A 02 00 00 00 00 00 00 00 00 00")));
        assertEquals(
                "02 70 00 05 00 00 00 00 0A 00 00 00 00 26 00 00 80 00 04",
                initiator.ask("15 10 00 00 10 00", Initiator.bytes("00 00 00 00 01 0A 02 00 00 00 00 00 00 00 00 00")));
        assertEquals(
                Sense.PARAMETER_LIST_LENGTH_ERROR,
                initiator.sense("15 10 00 00 08 00", Initiator.bytes("00 00 00 00 0A 0A 02 10")));
        assertEquals(
                "02 70 00 05 00 00 00 00 0A 00 00 00 00 26 00 00 80 00 04",
                initiator.ask("15 10 00 00 0C 00", Initiator.bytes("00 00 00 08 00 00 10 00 00 00 10 00")));
        assertEquals("00", initiator.ask("15 10 00 00 0C 00", Initiator.bytes("00 00 00 08 00 00 00 00 00 00 02 00")));
    }

    @Test
    void writesAreStableWithoutTheWriteCache() {
        byte[] list = Initiator.bytes("00 00 00 00 08 12 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00");
        assertEquals("00", initiator.ask("15 10 00 00 18 00", list));
        assertEquals("08 12 00", initiator.send("1A 08 08 00 FF 00").hex(4, 7));
        assertEquals("00", initiator.ask("2A 00 00 00 00 00 00 00 01 00", new byte[512]));
        disk.initiator.nexus.manage(TaskManagement.LOGICAL_UNIT_RESET, 0, 0, (result, information) -> {});
        assertEquals(Sense.BUS_DEVICE_RESET, initiator.sense("00 00 00 00 00 00"));
        assertEquals("08 12 04", initiator.send("1A 08 08 00 FF 00").hex(4, 7));
    }

    @Test
    void logPages() {
        assertEquals(
                "00 00 00 02 00 2F",
                initiator.send("4D 00 40 00 00 00 00 00 FF 00").hex());
        assertEquals(
                "40 FF 00 06 00 00 00 FF 2F 00",
                initiator.send("4D 00 40 FF 00 00 00 00 FF 00").hex());
        Initiator zoned = Disk.hostManaged().initiator;
        assertEquals(
                "00 00 00 03 00 14 2F",
                zoned.send("4D 00 40 00 00 00 00 00 FF 00").hex());
        assertEquals(
                "40 FF 00 08 00 00 00 FF 14 01 2F 00",
                zoned.send("4D 00 40 FF 00 00 00 00 FF 00").hex());
        assertEquals(
                "2F 00 00 08 00 00 03 04 00 00 FF 00",
                initiator.send("4D 00 6F 00 00 00 00 00 FF 00").hex());
        assertEquals(
                "02 70 00 05 00 00 00 00 0A 00 00 00 00 24 00 00 C0 00 03",
                initiator.ask("4D 00 6F 01 00 00 00 00 FF 00"));
        assertEquals(
                "02 70 00 05 00 00 00 00 0A 00 00 00 00 24 00 00 CD 00 02",
                initiator.ask("4D 00 54 01 00 00 00 00 FF 00"));
    }
}
