package io.zonewright.testkit.blk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Literal bytes of requests, reports and cuts. */
class BlkFormatsTest {
    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    @Test
    void headerIsTypeReservedSector() {
        BlkRequest request = BlkRequest.append(0x1234_5678_9AL, new byte[] {1, 2});
        assertEquals("0f000000" + "00000000" + "9a78563412000000" + "0102", hex(request.readable()));
        assertEquals(9, request.writableBytes());
        assertEquals(16, BlkRequest.linuxAppend(0, new byte[0]).writableBytes());
    }

    @Test
    void discardCarriesOneRange() {
        assertEquals(
                "0b000000" + "00000000" + "0000000000000000" + "0001000000000000" + "08000000" + "01000000",
                hex(BlkRequest.discard(256, 8, 1).readable()));
    }

    @Test
    void reportIsReadFieldByField() {
        byte[] bytes = HexFormat.of()
                .parseHex("0100000000000000" + "00".repeat(56) //
                        + "8000000000000000" + "0001000000000000" + "1001000000000000" + "02" + "0e" + "00".repeat(38)
                        + "ff".repeat(64));
        assertEquals(
                new ZoneReport(List.of(new ZoneReport.Zone(128, 256, 272, VirtioBlk.ZT_SWR, VirtioBlk.ZS_FULL))),
                ZoneReport.parse(bytes));
        bytes[64 + 26] = 1;
        assertEquals(
                "reserved byte 90 of the report is 1",
                assertThrows(IllegalStateException.class, () -> ZoneReport.parse(bytes))
                        .getMessage());
    }

    @Test
    void cutsAddUpAndHaveNoEmptyPieces() {
        assertEquals(List.of(16, 512), BlkLayout.PLAIN.readable().pieces(16, 512));
        assertEquals(List.of(1), BlkLayout.PLAIN.writable().pieces(0, 1));
        assertEquals(List.of(528), BlkLayout.TWO.readable().pieces(16, 512));
        assertEquals(List.of(7, 7, 3), BlkLayout.every(7).readable().pieces(16, 1));
        for (int seed = 0; seed < 200; seed++) {
            List<Integer> pieces = BlkLayout.random(seed).readable().pieces(16, 8192);
            assertEquals(8208, pieces.stream().mapToInt(Integer::intValue).sum(), "seed " + seed);
            assertEquals(0, pieces.stream().filter(piece -> piece <= 0).count(), "seed " + seed);
        }
    }
}
