package io.zonewright.testkit.blk;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.zonewright.posix.Posix;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** What scripts read and compare. */
class BlkShellTest {
    @Test
    void zonesAreInTheWordsOfBlkzone() {
        // As util-linux 2.41 prints a zone of a null_blk: closed after 8 sectors, and a conventional one.
        assertEquals(
                "  start: 0x000002000, len 0x002000, cap 0x001800, wptr 0x000008 reset:0 non-seq:0, zcond: 4(cl) [type: 2(SEQ_WRITE_REQUIRED)]",
                ZoneText.line(
                        new ZoneReport.Zone(0x1800, 0x2000, 0x2008, VirtioBlk.ZT_SWR, VirtioBlk.ZS_CLOSED), 0x2000));
        assertEquals(
                "  start: 0x000000000, len 0x002000, cap 0x002000, wptr 0x000000 reset:0 non-seq:0, zcond: 0(nw) [type: 1(CONVENTIONAL)]",
                ZoneText.line(new ZoneReport.Zone(0x2000, 0, 0, VirtioBlk.ZT_CONV, VirtioBlk.ZS_NOT_WP), 0x2000));
        assertEquals(
                "  start: 0x000004000, len 0x002000, cap 0x002000, wptr 0x000000 reset:0 non-seq:0, zcond:15(of) [type: 2(SEQ_WRITE_REQUIRED)]",
                ZoneText.line(
                        new ZoneReport.Zone(0x2000, 0x4000, 0x4000, VirtioBlk.ZT_SWR, VirtioBlk.ZS_OFFLINE), 0x2000));
    }

    @Test
    void dataDependOnPlaceAndSeedAlone() {
        byte[] three = SectorPattern.of(7, 100, 3);

        assertArrayEquals(Arrays.copyOfRange(three, 512, 1024), SectorPattern.of(7, 101, 1));
        assertFalse(Arrays.equals(three, SectorPattern.of(8, 100, 3)));
        assertFalse(Arrays.equals(SectorPattern.of(7, 100, 1), SectorPattern.of(7, 101, 1)));
    }

    @Test
    void everyCommandIsAnswered() {
        ByteArrayOutputStream answers = new ByteArrayOutputStream();
        try (BlkShell shell = new BlkShell(Posix.system(), new PrintStream(answers, false, StandardCharsets.UTF_8))) {
            shell.execute("detach nobody");
            shell.execute("report nobody");
            shell.execute("report");
        }

        assertEquals("""
                = OK
                = FAILED java.lang.IllegalArgumentException: no driver is called nobody
                = FAILED java.lang.IllegalArgumentException: a command and a name are wanted
                """, answers.toString(StandardCharsets.UTF_8));
    }
}
