package io.zonewright.backend.nullzoned;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.util.BitSet;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PieceMapTest {
    private static final long PIECE = 4096;

    private static PieceMap map(long deviceBytes, long limit) {
        return new PieceMap(Arena.ofAuto().allocate(PieceMap.mapBytes(deviceBytes, PIECE), 8), PIECE, limit);
    }

    @Test
    void aMapHasABitAPieceInWholeWords() {
        assertEquals(8, PieceMap.mapBytes(1, 4096));
        assertEquals(8, PieceMap.mapBytes(64 * 4096, 4096));
        assertEquals(16, PieceMap.mapBytes(64 * 4096 + 1, 4096));
        assertEquals(1 << 20, PieceMap.mapBytes(16L << 40, 2 << 20));
    }

    @Test
    void aPieceIsMarkedByAnyByteAndForgottenAsAWhole() {
        PieceMap map = map(1 << 20, Long.MAX_VALUE);

        assertEquals(2, map.claim(2 * PIECE - 1, 2));
        assertEquals(2, map.marked());
        assertFalse(map.holds(PIECE - 1));
        assertTrue(map.holds(PIECE));
        assertTrue(map.holds(3 * PIECE - 1));
        assertFalse(map.holds(3 * PIECE));

        map.forget(PIECE + 1, 2 * PIECE - 1);
        assertTrue(map.holds(PIECE));
        assertFalse(map.holds(2 * PIECE));
        assertEquals(1, map.marked());
    }

    @Test
    void theLimitCutsAClaimAtAPiece() {
        PieceMap map = map(1 << 20, 3);

        assertEquals(3 * PIECE - 100, map.claim(100, 5 * PIECE));
        assertEquals(0, map.claim(10 * PIECE, 1));
        assertEquals(3 * PIECE, map.claim(0, 3 * PIECE), "what is marked needs no room");
        map.forget(0, PIECE);
        assertEquals(PIECE, map.claim(10 * PIECE, 2 * PIECE));
        assertEquals(3, map.marked());
    }

    @Test
    void agreesWithABitSet() {
        long seed = System.nanoTime();
        SplittableRandom random = new SplittableRandom(seed);
        int pieces = 300;
        PieceMap map = map(pieces * PIECE, Long.MAX_VALUE);
        BitSet model = new BitSet();
        for (int step = 0; step < 20_000; step++) {
            long from = random.nextLong(pieces * PIECE);
            long length = 1 + random.nextLong(Math.min(pieces * PIECE - from, 200 * PIECE));
            int first = (int) (from / PIECE);
            int end = (int) ((from + length - 1) / PIECE) + 1;
            switch (random.nextInt(3)) {
                case 0 -> {
                    map.confirm(from, Math.min(length, 4 * PIECE));
                    model.set(first, Math.min(end, (int) ((from + Math.min(length, 4 * PIECE) - 1) / PIECE) + 1));
                }
                case 1 -> {
                    map.forget(from, length);
                    int whole = (int) ((from + PIECE - 1) / PIECE);
                    model.clear(whole, Math.max(whole, (int) ((from + length) / PIECE)));
                }
                default ->
                    assertEquals(
                            model.get(first, end).cardinality(),
                            map.count(from, length, Long.MAX_VALUE - 1),
                            "seed " + seed + " step " + step);
            }
            assertEquals(model.cardinality(), map.marked(), "seed " + seed + " step " + step);
        }
        for (int piece = 0; piece < pieces; piece++) {
            assertEquals(model.get(piece), map.holds(piece * PIECE), "seed " + seed + " piece " + piece);
        }
    }
}
