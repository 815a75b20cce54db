package io.zonewright.testkit.virtio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.posix.Posix;
import io.zonewright.testkit.guest.GuestMemory;
import io.zonewright.testkit.virtio.Ring.Piece;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Literal bytes of the ring, and of what a device would write into it. */
class PackedRingTest {
    private final GuestMemory memory = new GuestMemory(Posix.system(), 1 << 16, 1 << 16);

    @AfterEach
    void close() {
        memory.close();
    }

    private PackedRing ring(boolean eventIndex) {
        return new PackedRing(memory, 0, 3, 0, true, eventIndex);
    }

    private String hex(long address, int bytes) {
        return HexFormat.of().formatHex(memory.get(address, bytes));
    }

    private void put(long address, String hex) {
        memory.put(address, HexFormat.of().parseHex(hex));
    }

    @Test
    void aChainIsShownByItsFirstFlagsAndNamedByItsLastId() {
        PackedRing ring = ring(false);
        int id = ring.add(List.of(new Piece(0x1000, 16, false), new Piece(0x1_0000_2000L, 513, true)));
        assertEquals(0, id);
        assertEquals("0010000000000000" + "10000000" + "adde" + "0000", hex(ring.descriptors(), 16), "not yet");
        assertEquals("0020000001000000" + "01020000" + "0000" + "8200", hex(ring.descriptors() + 16, 16));
        ring.publish();
        assertEquals("8100", hex(ring.descriptors() + 14, 2));
        assertEquals(1, ring.freeDescriptors());
        assertEquals(0x8000_8000, ring.base());
    }

    @Test
    void answersCoverTheirChainAndWrapCountersFlip() {
        PackedRing ring = ring(false);
        ring.add(List.of(new Piece(0x1000, 16, false), new Piece(0x2000, 1, true)));
        ring.add(List.of(new Piece(0x3000, 1, true)));
        ring.publish();
        assertNull(ring.takeUsed());
        // The second first: len 1, id 1, WRITE; then the first, which nothing was written to.
        put(ring.descriptors() + 8, "01000000" + "0100" + "8280");
        assertEquals(new Ring.Used(1, 1), ring.takeUsed());
        assertNull(ring.takeUsed());
        put(ring.descriptors() + 16 + 8, "00000000" + "0000" + "8080");
        assertEquals(new Ring.Used(0, 0), ring.takeUsed());
        assertEquals(3, ring.freeDescriptors());

        ring.add(List.of(new Piece(0x4000, 1, true)));
        ring.publish();
        assertEquals("0040000000000000" + "01000000" + "0200" + "0280", hex(ring.descriptors(), 16), "second lap");
        put(ring.descriptors() + 8, "01000000" + "0200" + "0200");
        assertEquals(new Ring.Used(2, 1), ring.takeUsed());
    }

    @Test
    void anIndirectTableHasNoLinks() {
        PackedRing ring = ring(false);
        ring.addIndirect(List.of(new Piece(0xA0, 1, false), new Piece(0xC0, 3, true)), 0x800);
        ring.publish();
        assertEquals("0008000000000000" + "20000000" + "0000" + "8400", hex(ring.descriptors(), 16));
        assertEquals("a000000000000000" + "01000000" + "efbe" + "0000", hex(0x800, 16));
        assertEquals("c000000000000000" + "03000000" + "efbe" + "0200", hex(0x810, 16));
    }

    @Test
    void completionOfNothingIsAnError() {
        PackedRing ring = ring(false);
        ring.add(List.of(new Piece(0x1000, 16, true)));
        ring.publish();
        put(ring.descriptors() + 8, "01000000" + "0100" + "8280");
        assertEquals(
                "the device completed buffer 1, which is not in flight",
                assertThrows(IllegalStateException.class, ring::takeUsed).getMessage());
    }

    @Test
    void eventStructuresSayWhenToNotify() {
        PackedRing ring = ring(true);
        put(ring.deviceArea(), "0180" + "0200"); // DESC at 1, first lap
        ring.add(List.of(new Piece(0x1000, 1, true)));
        ring.publish();
        assertFalse(ring.kickNeeded(), "0 is not the one it waits for");
        ring.add(List.of(new Piece(0x1000, 1, true)));
        ring.publish();
        assertTrue(ring.kickNeeded(), "1 is");
        put(ring.deviceArea(), "0000" + "0100");
        assertFalse(ring.kickNeeded());
        put(ring.deviceArea(), "0000" + "0000");
        assertTrue(ring.kickNeeded());

        ring.interrupts(true);
        assertEquals("0080" + "0200", hex(ring.driverArea(), 4));
        ring.interrupts(false);
        assertEquals("0100", hex(ring.driverArea() + 2, 2));
    }

    @Test
    void aRingThatBeginsInTheMiddleOfALap() {
        PackedRing ring = new PackedRing(memory, 0, 3, 2, false, false);
        assertEquals(0x0002_0002, ring.base());
        ring.add(List.of(new Piece(0x1000, 1, false), new Piece(0x2000, 1, true)));
        ring.publish();
        assertEquals("0180", hex(ring.descriptors() + 2 * 16 + 14, 2), "AVAIL 0, USED 1, NEXT");
        assertEquals("8200", hex(ring.descriptors() + 14, 2), "in the next lap AVAIL 1, USED 0");
        assertNull(ring.takeUsed());
        put(ring.descriptors() + 2 * 16 + 8, "01000000" + "0000" + "0200");
        assertEquals(new Ring.Used(0, 1), ring.takeUsed());
    }
}
