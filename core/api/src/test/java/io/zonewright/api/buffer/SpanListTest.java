package io.zonewright.api.buffer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

class SpanListTest {
    private final MemorySegment first = MemorySegment.ofArray(new byte[] {1, 2, 3, 4, 5, 6, 7, 8});
    private final MemorySegment second = MemorySegment.ofArray(new byte[] {11, 12, 13, 14});
    private final SpanList list = new SpanList();

    @Test
    void neighboursInOneSegmentBecomeOneSpanAndEmptyOnesNone() {
        list.add(first, 0, 2);
        list.add(first, 2, 3);
        list.add(first, 5, 0);
        assertEquals(1, list.count());
        assertEquals(5, list.length(0));
        list.add(first, 6, 1);
        list.add(second, 0, 4);
        assertEquals(3, list.count());
        assertEquals(10, list.bytes());
    }

    @Test
    void theRoomOfAnUnusuallyLongListIsNotKept() {
        for (int i = 0; i < 512; i++) {
            list.add(first, 0, 1);
        }
        list.clear();
        assertEquals(512, list.room(), "1 MiB in pages is usual");
        for (int i = 0; i < 513; i++) {
            list.add(first, 0, 1);
        }
        assertEquals(1024, list.room());
        list.clear();
        assertEquals(8, list.room());
        list.add(second, 0, 4);
        assertEquals(1, list.count());
        assertEquals(4, list.bytes());
    }

    @Test
    void aSpanMustLieInItsSegment() {
        assertThrows(IndexOutOfBoundsException.class, () -> list.add(first, 5, 4));
        assertThrows(IndexOutOfBoundsException.class, () -> list.add(first, -1, 1));
        assertEquals(0, list.bytes());
    }

    @Test
    void copiesCrossSpans() {
        list.add(first, 6, 2);
        list.add(second, 1, 3);
        byte[] out = new byte[6];
        list.copyTo(1, MemorySegment.ofArray(out), 2, 4);
        assertArrayEquals(new byte[] {0, 0, 8, 12, 13, 14}, out);
        list.copyFrom(MemorySegment.ofArray(new byte[] {9, 21, 22}), 1, 1, 2);
        assertArrayEquals(new byte[] {1, 2, 3, 4, 5, 6, 7, 21}, first.toArray(ValueLayout.JAVA_BYTE));
        assertArrayEquals(new byte[] {11, 22, 13, 14}, second.toArray(ValueLayout.JAVA_BYTE));
        assertThrows(IndexOutOfBoundsException.class, () -> list.copyTo(2, MemorySegment.ofArray(new byte[8]), 0, 4));
    }

    @Test
    void fillTouchesItsRangeOnly() {
        list.add(first, 6, 2);
        list.add(second, 0, 4);
        list.fill(1, 3, (byte) 0);
        assertArrayEquals(new byte[] {1, 2, 3, 4, 5, 6, 7, 0}, first.toArray(ValueLayout.JAVA_BYTE));
        assertArrayEquals(new byte[] {0, 0, 13, 14}, second.toArray(ValueLayout.JAVA_BYTE));
    }

    @Test
    void aSliceNamesTheSameMemory() {
        list.add(first, 4, 4);
        list.add(second, 0, 4);
        SpanList part = new SpanList();
        part.addSlice(list, 3, 3);
        assertEquals(2, part.count());
        assertEquals(7, part.offset(0));
        assertEquals(1, part.length(0));
        assertEquals(0, part.offset(1));
        assertEquals(2, part.length(1));
        assertThrows(IndexOutOfBoundsException.class, () -> part.addSlice(list, 3, 6));
        part.addSlice(list, 8, 0);
        assertEquals(3, part.bytes());
    }

    @Test
    void clearForgetsEverythingAndTheListGrows() {
        for (int i = 0; i < 100; i++) {
            list.add(second, 0, 1);
            list.add(first, 0, 1);
        }
        assertEquals(200, list.count());
        list.clear();
        assertEquals(0, list.count());
        assertEquals(0, list.bytes());
        assertThrows(IndexOutOfBoundsException.class, () -> list.segment(0));
    }

    @Test
    void zeroesAreAddedAndTheEndCutOff() {
        SpanList list = new SpanList();
        byte[] bytes = {1, 2, 3, 4};
        list.add(MemorySegment.ofArray(bytes), 0, 4);
        list.addZeroes((64 << 10) + 3);
        assertEquals(4 + (64 << 10) + 3, list.bytes());
        assertEquals(3, list.count());
        byte[] all = new byte[(int) list.bytes()];
        list.copyTo(0, MemorySegment.ofArray(all), 0, all.length);
        byte[] expected = new byte[all.length];
        System.arraycopy(bytes, 0, expected, 0, 4);
        assertArrayEquals(expected, all);
        list.truncate(5);
        assertEquals(2, list.count());
        assertEquals(5, list.bytes());
        list.truncate(4);
        assertEquals(1, list.count());
        list.truncate(3);
        assertEquals(3, list.length(0));
        assertThrows(IndexOutOfBoundsException.class, () -> list.truncate(4));
        assertThrows(
                IllegalArgumentException.class,
                () -> {
                    list.truncate(0);
                    list.addZeroes(1);
                    list.fill(0, 1, (byte) 9);
                },
                "zeroes are read-only");
    }
}
