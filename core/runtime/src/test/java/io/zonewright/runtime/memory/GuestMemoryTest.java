package io.zonewright.runtime.memory;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.zonewright.api.buffer.SpanList;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class GuestMemoryTest {
    private static GuestRegion region(long guest, long user, int size) {
        byte[] bytes = new byte[size];
        for (int i = 0; i < size; i++) {
            bytes[i] = (byte) (guest + i);
        }
        return new GuestRegion(guest, user, MemorySegment.ofArray(bytes));
    }

    @Test
    void findsTheRegionOfEachAddressWithAnyHint() {
        List<GuestRegion> regions = new ArrayList<>();
        for (int i = 0; i < 509; i++) {
            regions.add(region(0x1000L * i, 0x1000L * i, 16));
        }
        GuestMemory memory = new GuestMemory(regions.reversed());
        for (int hint : new int[] {-1, 0, 254, 508, 600}) {
            assertEquals(0, memory.find(0, hint));
            assertEquals(300, memory.find(300 * 0x1000L + 15, hint));
            assertEquals(-1, memory.find(300 * 0x1000L + 16, hint));
            assertEquals(508, memory.find(508 * 0x1000L, hint));
            assertEquals(-1, memory.find(509 * 0x1000L, hint));
            assertEquals(-1, memory.find(-1, hint));
            assertEquals(-1, memory.find(Long.MIN_VALUE, hint));
        }
    }

    /** Against a sorted map, at random, with regions of 1 to 15 bytes in places of 16. */
    @Test
    void regionsComeAndGo() {
        Random random = new Random(20261122);
        TreeMap<Long, GuestRegion> model = new TreeMap<>();
        GuestMemory memory = GuestMemory.EMPTY;
        for (int i = 0; i < 20_000; i++) {
            long at = 16L * random.nextInt(2_000);
            if (model.remove(at) != null) {
                memory = memory.without(at);
            } else {
                GuestRegion added = region(at, at, 1 + random.nextInt(15));
                model.put(at, added);
                memory = memory.with(added);
            }
            long address = random.nextInt(32_100);
            Map.Entry<Long, GuestRegion> below = model.floorEntry(address);
            boolean mapped =
                    below != null && address < below.getKey() + below.getValue().size();
            int found = memory.find(address, random.nextInt(3_000) - 1);
            assertEquals(mapped, found >= 0);
            if (mapped) {
                assertEquals(below.getValue(), memory.region(found));
            }
        }
        assertEquals(List.copyOf(model.values()), memory.regions());
        assertEquals(model.size(), memory.count());
        for (long at : List.copyOf(model.keySet())) {
            memory = memory.without(at);
        }
        assertEquals(0, memory.count());
        assertEquals(-1, memory.find(0, 0));
    }

    @Test
    void manyRegionsGoAtOnce() {
        List<GuestRegion> regions = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            regions.add(region(0x20L * i, 0x20L * i, 16));
        }
        GuestMemory memory = new GuestMemory(regions);
        for (int[] cut : new int[][] {{0, 999}, {0, 0}, {999, 999}, {100, 130}, {127, 128}, {128, 255}, {5, 994}}) {
            GuestMemory rest = memory.without(0x20L * cut[0] - 16, 0x20L * cut[1] + 15);
            List<GuestRegion> expected = new ArrayList<>(regions);
            expected.subList(cut[0], cut[1] + 1).clear();
            assertEquals(expected, rest.regions());
            assertEquals(expected.size(), rest.count());
            for (int i = 0; i < 1000; i++) {
                boolean gone = i >= cut[0] && i <= cut[1];
                assertEquals(gone, rest.find(0x20L * i + 15, i) < 0);
            }
        }
        assertSame(memory, memory.without(0x10, 0x1F), "between two regions");
        assertSame(memory, memory.without(0x20L * 1000, Long.MAX_VALUE));
        assertSame(GuestMemory.EMPTY, GuestMemory.EMPTY.without(0, Long.MAX_VALUE));
        assertThrows(IllegalArgumentException.class, () -> memory.without(0, 0x2E));
        assertThrows(IllegalArgumentException.class, () -> memory.without(0x2F, 0x100));
    }

    @Test
    void whatDoesNotFitIsRefused() {
        GuestMemory memory = GuestMemory.EMPTY.with(region(0x20, 0x20, 16)).with(region(0x40, 0x40, 16));
        for (long at : new long[] {0x11, 0x20, 0x2F, 0x31, 0x4F}) {
            assertThrows(IllegalArgumentException.class, () -> memory.with(region(at, at, 16)));
        }
        assertThrows(IllegalArgumentException.class, () -> memory.with(region(0, 0, 0x100)));
        assertThrows(IllegalArgumentException.class, () -> memory.with(region(0x60, 0x70, 16)));
        assertThrows(IllegalArgumentException.class, () -> memory.without(0x21));
        assertThrows(IllegalArgumentException.class, () -> memory.without(0x30));
        assertEquals(
                4,
                memory.with(region(0x30, 0x30, 16)).with(region(0x10, 0x10, 16)).count());
    }

    @Test
    void spansCrossRegionsThatTouchAndStopAtGaps() {
        GuestMemory memory =
                new GuestMemory(List.of(region(0x20, 0x1000, 16), region(0x10, 0x2000, 16), region(0x40, 0x3000, 16)));
        SpanList spans = new SpanList();
        assertEquals(1, memory.addSpans(0x18, 20, 0, spans));
        assertEquals(2, spans.count());
        assertEquals(8, spans.offset(0));
        assertEquals(8, spans.length(0));
        assertEquals(0, spans.offset(1));
        assertEquals(12, spans.length(1));
        assertEquals(-1, memory.addSpans(0x28, 9, 1, new SpanList()));
        assertEquals(1, memory.addSpans(0x28, 8, 1, new SpanList()));

        byte[] copy = new byte[4];
        assertEquals(1, memory.copyOut(0x1E, 4, -1, MemorySegment.ofArray(copy)));
        assertArrayEquals(new byte[] {0x1E, 0x1F, 0x20, 0x21}, copy);
        assertEquals(-1, memory.copyOut(0x4E, 4, -1, MemorySegment.ofArray(copy)));
    }

    @Test
    void userAddressesMustLieInsideOneRegion() {
        GuestMemory memory = new GuestMemory(List.of(region(0x10, 0x1000, 16), region(0x20, 0x1010, 16)));
        MemorySegment part = memory.atUserAddress(0x1004, 12);
        assertNotNull(part);
        assertEquals(0x14, part.get(ValueLayout.JAVA_BYTE, 0));
        assertNull(memory.atUserAddress(0x1004, 13), "the two regions need not touch in our own memory");
        assertNull(memory.atUserAddress(0x0FFF, 1));
        assertNull(memory.atUserAddress(0x1020, 1));
        assertNull(memory.atUserAddress(-8, 16));
    }

    @Test
    void overlapsAreRefused() {
        assertEquals(
                "memory regions overlap in guest addresses: guest 0x10 user 0x1000 size 0x10 and guest 0x1f user 0x2000"
                        + " size 0x10",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> new GuestMemory(List.of(region(0x1F, 0x2000, 16), region(0x10, 0x1000, 16))))
                        .getMessage());
        assertEquals(
                "memory regions overlap in user addresses: guest 0x10 user 0x1000 size 0x10 and guest 0x40 user 0x1000"
                        + " size 0x10",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> new GuestMemory(List.of(region(0x10, 0x1000, 16), region(0x40, 0x1000, 16))))
                        .getMessage());
    }

    @Test
    void regionsEndBelowTheLimit() {
        assertThrows(IllegalArgumentException.class, () -> region((1L << 62) - 15, 0, 16));
        assertThrows(IllegalArgumentException.class, () -> region(-16, 0, 16));
        assertThrows(IllegalArgumentException.class, () -> region(0, (1L << 62) - 15, 16));
        assertEquals((1L << 62) - 16, region((1L << 62) - 16, 0, 16).guestAddress());
    }
}
