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
class SplitRingTest {
    private final GuestMemory memory = new GuestMemory(Posix.system(), 1 << 16, 1 << 16);

    @AfterEach
    void close() {
        memory.close();
    }

    private SplitRing ring(int start, boolean eventIndex) {
        return new SplitRing(memory, 0, 4, start, eventIndex);
    }

    private String hex(long address, int bytes) {
        return HexFormat.of().formatHex(memory.get(address, bytes));
    }

    @Test
    void chainIsLinkedByNextAndTheLastHasNone() {
        SplitRing ring = ring(0, false);
        int head = ring.add(List.of(new Piece(0x1000, 16, false), new Piece(0x1_0000_2000L, 513, true)));
        assertEquals(0, head);
        assertEquals("0010000000000000" + "10000000" + "0100" + "0100", hex(ring.descriptors(), 16));
        assertEquals("0020000001000000" + "01020000" + "0200" + "0000", hex(ring.descriptors() + 16, 16));
        assertEquals("0000" + "0000" + "0000", hex(ring.driverArea(), 6), "not yet published");
        ring.publish();
        assertEquals("0000" + "0100" + "0000", hex(ring.driverArea(), 6));
    }

    @Test
    void indirectTableIsOneDescriptorThatPointsToOthers() {
        SplitRing ring = ring(0, false);
        ring.addIndirect(
                List.of(new Piece(0xA0, 1, false), new Piece(0xB0, 2, false), new Piece(0xC0, 3, true)), 0x800);
        assertEquals("0008000000000000" + "30000000" + "0400" + "0000", hex(ring.descriptors(), 16));
        assertEquals("a000000000000000" + "01000000" + "0100" + "0200", hex(0x800, 16), "entry 0 leads to entry 2");
        assertEquals("c000000000000000" + "03000000" + "0200" + "0000", hex(0x810, 16), "entry 1 is the last");
        assertEquals("b000000000000000" + "02000000" + "0100" + "0100", hex(0x820, 16), "entry 2 leads to entry 1");
    }

    @Test
    void usedEntriesAreTakenInOrderAndFreeTheirDescriptors() {
        SplitRing ring = ring(0, false);
        int first = ring.add(List.of(new Piece(0x1000, 16, false), new Piece(0x2000, 1, true)));
        int second = ring.add(List.of(new Piece(0x3000, 16, false), new Piece(0x4000, 1, true)));
        ring.publish();
        assertEquals(0, ring.freeDescriptors());
        assertNull(ring.takeUsed());
        // {id 2, len 513}, {id 0, len 0xFFFFFFFF}, then idx = 2
        memory.put(ring.deviceArea() + 4, HexFormat.of().parseHex("02000000" + "01020000" + "00000000" + "ffffffff"));
        memory.putU16(ring.deviceArea() + 2, 2);
        assertEquals(new Ring.Used(second, 513), ring.takeUsed());
        assertEquals(1, ring.inFlight());
        assertEquals(new Ring.Used(first, 0xFFFF_FFFFL), ring.takeUsed());
        assertNull(ring.takeUsed());
        assertEquals(4, ring.freeDescriptors());
    }

    @Test
    void completionOfNothingIsAnError() {
        SplitRing ring = ring(0, false);
        ring.add(List.of(new Piece(0x1000, 16, false), new Piece(0x2000, 1, true)));
        ring.publish();
        memory.put(ring.deviceArea() + 4, HexFormat.of().parseHex("01000000" + "01000000"));
        memory.putU16(ring.deviceArea() + 2, 1);
        String message =
                assertThrows(IllegalStateException.class, ring::takeUsed).getMessage();
        assertEquals("the device completed descriptor 1, which heads no request in flight", message);
    }

    @Test
    void indicesWrapAt65536() {
        SplitRing ring = ring(0xFFFF, true);
        assertEquals("0000" + "ffff", hex(ring.driverArea(), 4));
        ring.add(List.of(new Piece(0x1000, 1, true)));
        ring.add(List.of(new Piece(0x1010, 1, true)));
        ring.publish();
        assertEquals(
                "0000" + "0100" + "0100" + "0000" + "0000" + "0000", hex(ring.driverArea(), 12), "entry 3 holds 0");
        memory.put(ring.deviceArea() + 4 + 3 * 8, HexFormat.of().parseHex("00000000" + "01000000"));
        memory.putU16(ring.deviceArea() + 2, 0);
        assertEquals(new Ring.Used(0, 1), ring.takeUsed());
        assertNull(ring.takeUsed());
    }

    @Test
    void withoutEventIndexTheFlagSaysWhetherToKick() {
        SplitRing ring = ring(0, false);
        ring.add(List.of(new Piece(0x1000, 1, true)));
        ring.publish();
        assertTrue(ring.kickNeeded());
        memory.putU16(ring.deviceArea(), 1);
        assertFalse(ring.kickNeeded());
        ring.interrupts(false);
        assertEquals("0100", hex(ring.driverArea(), 2));
    }

    @Test
    void withEventIndexTheDeviceSaysAtWhichEntryToKick() {
        SplitRing ring = ring(0, true);
        long availEvent = ring.deviceArea() + 4 + 8 * 4;
        memory.putU16(availEvent, 1);
        ring.add(List.of(new Piece(0x1000, 1, true)));
        ring.publish();
        assertFalse(ring.kickNeeded(), "entry 0 is not the one it waits for");
        ring.add(List.of(new Piece(0x1000, 1, true)));
        ring.publish();
        assertTrue(ring.kickNeeded(), "entry 1 is");
        ring.add(List.of(new Piece(0x1000, 1, true)));
        ring.publish();
        assertFalse(ring.kickNeeded(), "entry 2 comes after it");
        long usedEvent = ring.driverArea() + 4 + 2 * 4;
        ring.interrupts(true);
        assertEquals("0000", hex(usedEvent, 2));
        ring.interrupts(false);
        assertEquals("ffff", hex(usedEvent, 2));
    }
}
