package io.zonewright.daemon.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class ZonePictureTest {
    private static ZonePicture oneOfEach(boolean coloured, boolean unicode) {
        ZonePicture picture = new ZonePicture(0, 80, coloured, unicode);
        picture.add(ZoneSign.CONVENTIONAL, 0, 8);
        picture.add(ZoneSign.EMPTY, 0, 8);
        picture.add(ZoneSign.IMPLICIT_OPEN, 1, 8);
        picture.add(ZoneSign.EXPLICIT_OPEN, 7, 8);
        picture.add(ZoneSign.CLOSED, 4, 8);
        picture.add(ZoneSign.FULL, 8, 8);
        picture.add(ZoneSign.READ_ONLY, 0, 8);
        picture.add(ZoneSign.OFFLINE, 0, 8);
        return picture;
    }

    @Test
    void plain() {
        assertEquals(
                List.of(
                        "0 c.oOx#r!",
                        "c conventional 1   . empty 1   # full 1   x closed 1   o implicitly open 1",
                        "O explicitly open 1   r read-only 1   ! offline 1"),
                oneOfEach(false, true).lines());
    }

    @Test
    void colouredShowsHowFarZonesAreWritten() {
        assertEquals(
                "0 \u001b[34mc\u001b[90m.\u001b[32m▂\u001b[92m█\u001b[33m▅\u001b[36m#\u001b[35mr\u001b[31m!\u001b[0m",
                oneOfEach(true, true).lines().getFirst());
        assertEquals(
                "0 \u001b[34mc\u001b[90m.\u001b[32mo\u001b[92mO\u001b[33mx\u001b[36m#\u001b[35mr\u001b[31m!\u001b[0m",
                oneOfEach(true, false).lines().getFirst());
    }

    @Test
    void countsWhatHoldsResources() {
        assertEquals(2, oneOfEach(false, false).open());
        assertEquals(3, oneOfEach(false, false).active());
    }

    @Test
    void rowsAreAPowerOfTwoWideAndNumbered() {
        ZonePicture picture = new ZonePicture(100, 40, false, false);
        for (int i = 0; i < 70; i++) {
            picture.add(ZoneSign.EMPTY, 0, 1);
        }
        assertEquals(
                List.of("100 " + ".".repeat(32), "132 " + ".".repeat(32), "164 ......", ". empty 70"), picture.lines());
    }

    @Test
    void manyZonesAreGroupedAndTheNotableOneShows() {
        ZonePicture picture = new ZonePicture(0, 80, false, false);
        for (int i = 0; i < 65_536; i++) {
            picture.add(i == 40_000 ? ZoneSign.OFFLINE : i % 2 == 0 ? ZoneSign.FULL : ZoneSign.EMPTY, 0, 1);
        }
        List<String> lines = picture.lines();
        assertEquals(32 + 2, lines.size());
        assertEquals("    0 " + "#".repeat(64), lines.getFirst());
        assertEquals("38912 " + "#".repeat(34) + "!" + "#".repeat(29), lines.get(19));
        assertEquals("each sign stands for 32 zones and shows the most notable of them", lines.get(32));
        assertEquals(". empty 32768   # full 32767   ! offline 1", lines.get(33));
        assertTrue(lines.stream().allMatch(line -> line.length() <= 80));
    }
}
