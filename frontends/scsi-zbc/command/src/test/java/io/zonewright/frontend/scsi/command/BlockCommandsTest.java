package io.zonewright.frontend.scsi.command;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.zonewright.api.request.Operation;
import io.zonewright.api.result.Cause;
import io.zonewright.frontend.scsi.command.Initiator.Sent;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class BlockCommandsTest {
    private static final String OUT_OF_RANGE = "02 70 00 05 00 00 00 00 0A 00 00 00 00 21 00 00 00 00 00";
    private final Disk disk = Disk.ordinary();
    private final Initiator initiator = disk.initiator;

    private void write(int lba, int count, int value) {
        assertEquals(
                "00",
                initiator.ask(
                        String.format("2A 00 00 00 %02X %02X 00 00 %02X 00", lba >> 8, lba & 0xFF, count),
                        Initiator.filled(count * 512, value)));
    }

    private byte[] read(int lba, int count) {
        Sent sent = initiator.send(String.format("28 00 00 00 %02X %02X 00 00 %02X 00", lba >> 8, lba & 0xFF, count));
        assertEquals("00", sent.result());
        return sent.received();
    }

    @Test
    void readsAndWritesOfEveryLength() {
        assertEquals("00", initiator.ask("0A 00 01 00 01 00", Initiator.filled(512, 6)));
        assertEquals("00", initiator.ask("2A 08 00 00 01 01 00 00 01 00", Initiator.filled(512, 10)));
        assertEquals("00", initiator.ask("AA 10 00 00 01 02 00 00 00 01 00 00", Initiator.filled(512, 12)));
        assertEquals("00", initiator.ask("8A 18 00 00 00 00 00 00 01 03 00 00 00 01 00 00", Initiator.filled(512, 16)));
        assertEquals(
                "00",
                initiator.ask(
                        "7F 00 00 00 00 00 00 18 00 0B 00 00 00 00 00 00 00 00 01 04 00 00 00 00 00 00 00 00 00 00 00 01",
                        Initiator.filled(512, 32)));
        Sent six = initiator.send("08 00 01 00 05 00");
        assertEquals(2560, six.transferred());
        for (int i = 0; i < 5; i++) {
            assertEquals(new int[] {6, 10, 12, 16, 32}[i], six.received()[i * 512 + 511]);
        }
        assertArrayEquals(
                six.received(), initiator.send("28 1A 00 00 01 00 00 00 05 00").received());
        assertArrayEquals(
                six.received(),
                initiator.send("A8 00 00 00 01 00 00 00 00 05 00 00").received());
        assertArrayEquals(
                six.received(),
                initiator
                        .send("88 08 00 00 00 00 00 00 01 00 00 00 00 05 00 00")
                        .received());
        assertArrayEquals(
                six.received(),
                initiator
                        .send("7F 00 00 00 00 00 00 18 00 09 00 00 00 00 00 00 00 00 01 00 00 00 00 00 00 00 00 00 00"
                                + " 00 00 05")
                        .received());
        // READ(6) with 0 means 256.
        assertEquals(256 * 512, initiator.send("08 00 00 00 00 00").transferred());
    }

    @Test
    void rangesAndLimits() {
        assertEquals("00", initiator.ask("28 00 00 00 10 00 00 00 00 00"));
        assertEquals(OUT_OF_RANGE, initiator.ask("28 00 00 00 10 00 00 00 01 00"));
        assertEquals(OUT_OF_RANGE, initiator.ask("28 00 00 00 10 01 00 00 00 00"));
        assertEquals(OUT_OF_RANGE, initiator.ask("88 00 FF FF FF FF FF FF FF FF 00 00 00 01 00 00"));
        assertEquals(OUT_OF_RANGE, initiator.ask("2A 00 00 00 0F FF 00 00 02 00", new byte[1024]));
        assertEquals(
                "02 70 00 05 00 00 00 00 0A 00 00 00 00 24 00 00 C0 00 07",
                initiator.ask("7F 00 00 00 00 00 00 10 00 09 00 00 00 00 00 00 00 00 01 00 00 00 00 00 00 00 00 00 00"
                        + " 00 00 05"));
    }

    @Test
    void dataThatIsOfferedShortIsAResidual() {
        write(0, 2, 'a');
        Sent none = initiator.send("2A 00 00 00 00 00 00 00 01 00");
        assertEquals("00", none.result());
        assertEquals(512, none.wantedBytes());
        assertEquals(0, none.transferBytes());
        // A part of a block would be lost in silence: 5h/0Eh/03h, and nothing is written.
        Sent part = initiator.send("2A 00 00 00 00 00 00 00 02 00", Initiator.filled(712, 'b'));
        assertEquals("02 70 00 05 00 00 00 00 0A 00 00 00 00 0E 03 00 00 00 00", part.result());
        assertEquals(1024, part.wantedBytes());
        assertEquals('a', read(0, 2)[0]);
        Sent one = initiator.send("2A 00 00 00 00 00 00 00 02 00", Initiator.filled(512, 'b'));
        assertEquals("00", one.result());
        assertEquals(1024, one.wantedBytes());
        assertEquals(512, one.transferBytes());
        assertEquals('b', read(0, 2)[511]);
        assertEquals('a', read(0, 2)[512]);
        Sent cut = initiator.send(0, "28 00 00 00 00 00 00 00 02 00", 600);
        assertEquals(600, cut.transferred());
        assertEquals(1024, cut.wantedBytes());
        assertEquals('b', cut.received()[511]);
        assertEquals('a', cut.received()[599]);
    }

    @Test
    void verifyComparesByBytchk() {
        write(0x20, 4, 'x');
        assertEquals("00", initiator.ask("2F 00 00 00 00 20 00 00 04 00"));
        assertEquals("00", initiator.ask("2F 02 00 00 00 20 00 00 04 00", Initiator.filled(2048, 'x')));
        byte[] other = Initiator.filled(2048, 'x');
        other[1030] = 'y';
        assertEquals(
                "02 F0 00 0E 00 00 00 22 0A 00 00 00 00 1D 00 00 00 00 00",
                initiator.ask("2F 02 00 00 00 20 00 00 04 00", other));
        assertEquals("00", initiator.ask("AF 06 00 00 00 20 00 00 00 04 00 00", Initiator.filled(512, 'x')));
        assertEquals(
                "02 F0 00 0E 00 00 00 24 0A 00 00 00 00 1D 00 00 00 00 00",
                initiator.ask("8F 06 00 00 00 00 00 00 00 20 00 00 00 05 00 00", Initiator.filled(512, 'x')));
        assertEquals(
                "02 70 00 05 00 00 00 00 0A 00 00 00 00 24 00 00 CA 00 01",
                initiator.ask("2F 04 00 00 00 20 00 00 04 00", Initiator.filled(2048, 'x')));
        assertEquals("00", initiator.ask("2E 02 00 00 00 30 00 00 02 00", Initiator.filled(1024, 'w')));
        assertEquals('w', read(0x31, 1)[0]);
    }

    @Test
    void compareAndWrite() {
        write(0x40, 2, 'a');
        byte[] both = Initiator.filled(2048, 'a');
        Arrays.fill(both, 1024, 2048, (byte) 'b');
        assertEquals("00", initiator.ask("89 00 00 00 00 00 00 00 00 40 00 00 00 02 00 00", both));
        assertEquals('b', read(0x40, 2)[1023]);
        // The offset of the first byte that differs.
        both[3] = 'b';
        both[0] = 'b';
        both[1] = 'b';
        both[2] = 'b';
        assertEquals(
                "02 F0 00 0E 00 00 00 04 0A 00 00 00 00 1D 00 00 00 00 00",
                initiator.ask("89 00 00 00 00 00 00 00 00 40 00 00 00 02 00 00", both));
        // Data-out of another length than twice the blocks.
        assertEquals(
                "02 70 00 05 00 00 00 00 0A 00 00 00 00 24 00 00 C0 00 0D",
                initiator.ask("89 00 00 00 00 00 00 00 00 40 00 00 00 01 00 00", both));
    }

    @Test
    void orWrite() {
        write(0x48, 1, 0x0F);
        assertEquals(
                "00", initiator.ask("8B 00 00 00 00 00 00 00 00 48 00 00 00 01 00 00", Initiator.filled(512, 0x30)));
        assertArrayEquals(Initiator.filled(512, 0x3F), read(0x48, 1));
    }

    @Test
    void writeSameAndUnmap() {
        assertEquals("00", initiator.ask("41 00 00 00 00 50 00 01 04 00", Initiator.filled(512, 's')));
        assertEquals('s', read(0x153, 1)[511]);
        assertEquals(0, read(0x154, 1)[0]);
        assertEquals("00", initiator.ask("93 01 00 00 00 00 00 00 00 50 00 00 00 02 00 00"));
        assertEquals(0, read(0x51, 1)[0]);
        assertEquals('s', read(0x52, 1)[0]);
        assertEquals("00", initiator.ask("93 08 00 00 00 00 00 00 00 52 00 00 00 01 00 00", new byte[512]));
        assertEquals(
                "DISCARD 41984+512",
                disk.script.log().stream()
                        .filter(s -> s.startsWith("D"))
                        .findFirst()
                        .orElse(""));
        assertEquals(
                "02 70 00 05 00 00 00 00 0A 00 00 00 00 24 00 00 C0 00 07",
                initiator.ask("41 00 00 00 00 50 00 00 00 00", new byte[512]));
        byte[] list = Initiator.bytes("00 26 00 20 00 00 00 00 00 00 00 00 00 00 00 60 00 00 00 02 00 00 00 00"
                + " 00 00 00 00 00 00 01 50 00 00 00 01 00 00 00 00");
        assertEquals("00", initiator.ask("42 00 00 00 00 00 00 00 28 00", list));
        assertEquals('s', read(0x5F, 1)[0]);
        assertEquals(0, read(0x60, 2)[1023]);
        assertEquals(0, read(0x150, 1)[0]);
        list[15] = 0;
        list[14] = 0x10;
        assertEquals(OUT_OF_RANGE, initiator.ask("42 00 00 00 00 00 00 00 28 00", list));
        assertEquals("00", initiator.ask("42 00 00 00 00 00 00 00 00 00"));
        assertEquals(Sense.PARAMETER_LIST_LENGTH_ERROR, initiator.sense("42 00 00 00 00 00 00 00 07 00", new byte[7]));
    }

    @Test
    void capacityStatusAndCaches() {
        assertEquals(
                "00 00 0F FF 00 00 02 00",
                initiator.send("25 00 00 00 00 00 00 00 00 00").hex());
        assertEquals(
                "00 00 00 00 00 00 0F FF 00 00 02 00 00 00 C0 00",
                initiator
                        .send("9E 10 00 00 00 00 00 00 00 00 00 00 00 10 00 00")
                        .hex());
        assertEquals(
                "00 00 00 14 00 00 00 00 00 00 00 00 00 00 0F 00 00 00 01 00 00 00 00 00",
                initiator
                        .send("9E 12 00 00 00 00 00 00 0F 00 00 00 00 FF 00 00")
                        .hex());
        assertEquals(OUT_OF_RANGE, initiator.ask("9E 12 00 00 00 00 00 00 10 00 00 00 00 FF 00 00"));
        assertEquals("00", initiator.ask("35 00 00 00 00 00 00 00 00 00"));
        assertEquals("00", initiator.ask("91 02 00 00 00 00 00 00 0F FF 00 00 00 01 00 00"));
        assertEquals(OUT_OF_RANGE, initiator.ask("35 00 00 00 10 00 00 00 01 00"));
        assertEquals("00", initiator.ask("34 00 00 00 00 00 00 00 01 00"));
        assertEquals("00", initiator.ask("1B 00 00 00 00 00"));
        assertEquals("00", initiator.ask("1E 00 00 00 01 00"));
        assertEquals(
                3, disk.script.log().stream().filter(s -> s.startsWith("FLUSH")).count());
    }

    @Test
    void mediumErrorsTellTheBlock() {
        disk.script.holding(operation -> operation == Operation.READ);
        Sent sent = initiator.send("28 00 00 00 00 10 00 00 08 00");
        disk.script.fail(0, Cause.MEDIUM_ERROR, 1024);
        assertEquals("02 F0 00 03 00 00 00 12 0A 00 00 00 00 11 00 00 00 00 00", sent.result());
        assertEquals(0, sent.transferred());
        disk.script.holding(operation -> operation == Operation.WRITE);
        Sent written = initiator.send("2A 00 00 00 00 10 00 00 01 00", new byte[512]);
        disk.script.fail(0, Cause.NO_SPACE, 0);
        assertEquals("02 70 00 07 00 00 00 00 0A 00 00 00 00 27 07 00 00 00 00", written.result());
    }
}
