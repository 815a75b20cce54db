package io.zonewright.frontend.nvme.vfiouser.data;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.zonewright.api.buffer.SpanList;
import io.zonewright.frontend.nvme.vfiouser.Guest;
import io.zonewright.runtime.memory.GuestMemory;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Literal entries and the spans or codes that they give: 0 good, 04h Data Transfer Error, 13h PRP Offset Invalid. */
class PrpWalkerTest {
    private final Guest guest = new Guest();
    private final GuestMemory memory = guest.all();
    private final PrpWalker walker = new PrpWalker();
    private final SpanList spans = new SpanList();

    private int map(long prp1, long prp2, int bytes) {
        spans.clear();
        return walker.map(memory, prp1, prp2, bytes, spans);
    }

    /** Spans as guest addresses and lengths. */
    private List<String> places() {
        List<String> places = new ArrayList<>();
        for (int i = 0; i < spans.count(); i++) {
            long base = spans.segment(i).address() == guest.at(Guest.START, 1).address() ? Guest.START : Guest.SEAM;
            places.add(Long.toHexString(base + spans.offset(i)) + "+" + Long.toHexString(spans.length(i)));
        }
        return places;
    }

    @Test
    void onePage() {
        assertEquals(0, map(0x10000, 0xDEAD, 512));
        assertEquals(List.of("10000+200"), places());
    }

    @Test
    void anOffsetInTheFirstEntry() {
        assertEquals(0, map(0x10E04, 0, 0x1FC));
        assertEquals(List.of("10e04+1fc"), places());
    }

    @Test
    void theSecondEntryIsAPage() {
        assertEquals(0, map(0x10E00, 0x20000, 0x1200));
        assertEquals(List.of("10e00+200", "20000+1000"), places());
    }

    @Test
    void aListInTheMiddleOfAPage() {
        guest.putLong(0x30100, 0x20000);
        guest.putLong(0x30108, 0x22000);
        assertEquals(0, map(0x10000, 0x30100, 0x2800));
        assertEquals(List.of("10000+1000", "20000+1000", "22000+800"), places());
    }

    @Test
    void pagesThatTouchAreOneSpan() {
        guest.putLong(0x30000, 0x11000);
        guest.putLong(0x30008, 0x12000);
        assertEquals(0, map(0x10000, 0x30000, 0x3000));
        assertEquals(List.of("10000+3000"), places());
    }

    @Test
    void aListChainedToAnother() {
        // One entry of room in the first list: it is the pointer to the second.
        guest.putLong(0x30FF8, 0x31000);
        guest.putLong(0x31000, 0x20000);
        guest.putLong(0x31008, 0x22000);
        assertEquals(0, map(0x10000, 0x30FF8, 0x3000));
        assertEquals(List.of("10000+1000", "20000+1000", "22000+1000"), places());
    }

    @Test
    void theLastEntryOfAPageIsDataWhenNothingFollows() {
        guest.putLong(0x30FF0, 0x20000);
        guest.putLong(0x30FF8, 0x22000);
        assertEquals(0, map(0x10000, 0x30FF0, 0x3000));
        assertEquals(List.of("10000+1000", "20000+1000", "22000+1000"), places());
    }

    @Test
    void aListThatPointsToItselfIsAsLongAsTheTransfer() {
        for (int i = 0; i < 512; i++) {
            guest.putLong(0x30000 + i * 8L, 0x30000);
        }
        assertEquals(0, map(0x10000, 0x30000, 8 << 20));
        assertEquals(8 << 20, spans.bytes());
        assertEquals(2048, spans.count());
    }

    @Test
    void anEntryAcrossTheSeamOfTwoRegions() {
        assertEquals(0, map(0x7FE00, 0x80000, 0x400));
        assertEquals(List.of("7fe00+200", "80000+200"), places());
    }

    @Test
    void offsetsThatMustBeZero() {
        assertEquals(0x13, map(0x10002, 0, 512), "PRP1 not a dword");
        assertEquals(0x13, map(0x10000, 0x20004, 0x2000), "PRP2 as a page");
        assertEquals(0x13, map(0x10000, 0x30004, 0x3000), "PRP2 as a list");
        guest.putLong(0x30000, 0x20200);
        guest.putLong(0x30008, 0x22000);
        assertEquals(0x13, map(0x10000, 0x30000, 0x3000), "an entry of a list");
        guest.putLong(0x30FF8, 0x31008);
        assertEquals(0x13, map(0x10000, 0x30FF8, 0x3000), "a pointer to the next list");
    }

    @Test
    void addressesThatAreNotMapped() {
        assertEquals(0x04, map(0x180000, 0, 512), "PRP1");
        assertEquals(0x04, map(0xFFFF_FFFF_FFFF_F000L, 0, 512), "PRP1 at the end of the address space");
        assertEquals(0x04, map(0x17F000, 0x180000, 0x2000), "PRP2");
        assertEquals(0x04, map(0x10000, 0x180000, 0x3000), "a list");
        guest.putLong(0x30000, 0x20000);
        guest.putLong(0x30008, 0x1000);
        assertEquals(0x04, map(0x10000, 0x30000, 0x3000), "an entry of a list");
    }
}
