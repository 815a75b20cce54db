package io.zonewright.frontend.nvme.vfiouser.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.zonewright.api.buffer.SpanList;
import io.zonewright.frontend.nvme.vfiouser.Guest;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Literal descriptors and the spans or codes that they give: 0 good, 04h Data Transfer Error, 0Dh Invalid SGL Segment
 * Descriptor, 0Eh Invalid Number of SGL Descriptors, 0Fh Data SGL Length Invalid, 11h SGL Descriptor Type Invalid.
 */
class SglWalkerTest {
    private static final int BLOCK = 0x00;
    private static final int BUCKET = 0x10;
    private static final int SEGMENT = 0x20;
    private static final int LAST = 0x30;

    private final Guest guest = new Guest();
    private final MemorySegment bucket = MemorySegment.ofArray(new byte[0x400]);
    private final SglWalker walker = new SglWalker(bucket);
    private final SpanList spans = new SpanList();

    private int map(long address, int length, int id, int bytes, boolean toHost) {
        spans.clear();
        long second = Integer.toUnsignedLong(length) | (long) id << 56;
        return walker.map(guest.all(), address, second, bytes, toHost, spans);
    }

    private int map(long address, int length, int id, int bytes) {
        return map(address, length, id, bytes, false);
    }

    private List<String> places() {
        List<String> places = new ArrayList<>();
        for (int i = 0; i < spans.count(); i++) {
            if (spans.segment(i).equals(bucket)) {
                places.add("bucket+" + Long.toHexString(spans.length(i)));
                continue;
            }
            long base = spans.segment(i).address() == guest.at(Guest.START, 1).address() ? Guest.START : Guest.SEAM;
            places.add(Long.toHexString(base + spans.offset(i)) + "+" + Long.toHexString(spans.length(i)));
        }
        return places;
    }

    @Test
    void oneDataBlockAtAnyAddress() {
        assertEquals(0, map(0x10003, 0x200, BLOCK, 0x200));
        assertEquals(List.of("10003+200"), places());
    }

    @Test
    void aBlockAcrossTheSeamOfTwoRegions() {
        assertEquals(0, map(0x7FF00, 0x200, BLOCK, 0x200));
        assertEquals(List.of("7ff00+100", "80000+100"), places());
    }

    @Test
    void aLastSegment() {
        guest.descriptor(0x30000, 0x10000, 0x100, BLOCK);
        guest.descriptor(0x30010, 0, 0, BLOCK);
        guest.descriptor(0x30020, 0x20000, 0x300, BLOCK);
        assertEquals(0, map(0x30000, 0x30, LAST, 0x400));
        assertEquals(List.of("10000+100", "20000+300"), places());
    }

    @Test
    void segmentsInAChain() {
        guest.descriptor(0x30000, 0x10000, 0x100, BLOCK);
        guest.descriptor(0x30010, 0x31000, 0x20, SEGMENT);
        guest.descriptor(0x31000, 0x20000, 0x100, BLOCK);
        guest.descriptor(0x31010, 0x32000, 0x10, LAST);
        guest.descriptor(0x32000, 0x22000, 0x200, BLOCK);
        assertEquals(0, map(0x30000, 0x20, SEGMENT, 0x400));
        assertEquals(List.of("10000+100", "20000+100", "22000+200"), places());
    }

    @Test
    void aSegmentLongerThanAPieceThatIsCopied() {
        for (int i = 0; i < 300; i++) {
            guest.descriptor(0x30000 + i * 16L, 0x50000 + i * 64L, 32, BLOCK);
        }
        assertEquals(0, map(0x30000, 300 * 16, LAST, 300 * 32));
        assertEquals(300, spans.count());
        assertEquals(0x50000 + 299 * 64 - Guest.START, spans.offset(299));
    }

    @Test
    void bitBucketsTakeWhatTheHostDoesNotWant() {
        guest.descriptor(0x30000, 0x10000, 0x100, BLOCK);
        guest.descriptor(0x30010, 0, 0x500, BUCKET);
        guest.descriptor(0x30020, 0x20000, 0x100, BLOCK);
        assertEquals(0, map(0x30000, 0x30, LAST, 0x700, true));
        assertEquals(List.of("10000+100", "bucket+400", "bucket+100", "20000+100"), places());
        assertSame(bucket, spans.segment(1));
    }

    @Test
    void bitBucketsAreNothingInDataFromTheHost() {
        guest.descriptor(0x30000, 0x10000, 0x100, BLOCK);
        guest.descriptor(0x30010, 0, 0x500, BUCKET);
        guest.descriptor(0x30020, 0x20000, 0x100, BLOCK);
        assertEquals(0, map(0x30000, 0x30, LAST, 0x200, false));
        assertEquals(List.of("10000+100", "20000+100"), places());
    }

    @Test
    void listsShorterThanTheTransfer() {
        assertEquals(0x0F, map(0x10000, 0x1FF, BLOCK, 0x200), "a block");
        assertEquals(0x0F, map(0x10000, 0x200, BUCKET, 0x200), "a bucket that takes nothing");
        guest.descriptor(0x30000, 0x10000, 0x100, BLOCK);
        assertEquals(0x0F, map(0x30000, 0x10, LAST, 0x200), "a list");
    }

    @Test
    void aBlockLongerThanTheTransferIsUsedInPart() {
        assertEquals(0, map(0x10000, 65, BLOCK, 64));
        assertEquals(List.of("10000+40"), places());
        assertEquals(0, map(0x10000, -1, BLOCK, 0x200), "4 GiB - 1");
        assertEquals(List.of("10000+200"), places());
        assertEquals(0, map(0x17FE00, 0x1000, BLOCK, 0x200), "only the part that is not used is not mapped");
        assertEquals(List.of("17fe00+200"), places());
        assertEquals(0, map(0, 0x7FFF_FFFF, BUCKET, 0x200, true));
        assertEquals(List.of("bucket+200"), places());
    }

    @Test
    void whatFollowsTheDataIsNotLookedAt() {
        guest.descriptor(0x30000, 0x10000, 0x100, BLOCK);
        guest.descriptor(0x30010, 0x20000, 0x200, BLOCK);
        guest.descriptor(0x30020, 0, 0x200, 0xF0);
        assertEquals(0, map(0x30000, 0x30, LAST, 0x200));
        assertEquals(List.of("10000+100", "20000+100"), places());
        assertEquals(0, map(0x30000, 0x30, SEGMENT, 0x200), "the segment after a full transfer");
        assertEquals(List.of("10000+100", "20000+100"), places());
        guest.descriptor(0x30000, 0, 0, 0xF0);
        assertEquals(0x11, map(0x30000, 0x30, LAST, 0x200), "but what comes before it is");
    }

    @Test
    void typesThatPcieDoesNotKnow() {
        assertEquals(0x11, map(0x10000, 0x200, 0x40, 0x200), "keyed data block");
        assertEquals(0x11, map(0x10000, 0x200, 0x5A, 0x200), "transport data block");
        assertEquals(0x11, map(0x10000, 0x200, 0xF0, 0x200), "vendor specific");
        assertEquals(0x11, map(0x0, 0x200, 0x01, 0x200), "an offset");
        guest.descriptor(0x30000, 0x10000, 0x200, 0x40);
        assertEquals(0x11, map(0x30000, 0x10, LAST, 0x200), "in a segment");
        assertEquals(0x11, map(0x30000, 0x10, SEGMENT, 0x200), "at the end of a segment");
    }

    @Test
    void segmentsOfImpossibleShape() {
        assertEquals(0x0D, map(0x30000, 0, LAST, 0x200), "empty");
        assertEquals(0x0D, map(0x30000, 0x18, LAST, 0x200), "not whole descriptors");
        guest.descriptor(0x30000, 0x31000, 0x10, SEGMENT);
        assertEquals(0x0D, map(0x30000, 0x10, LAST, 0x200), "a segment in the last one");
        guest.descriptor(0x30000, 0x31000, 0x10, LAST);
        assertEquals(0x0D, map(0x30000, 0x10, LAST, 0x200), "a last segment in the last one");
        guest.descriptor(0x30000, 0x10000, 0x200, BLOCK);
        assertEquals(0x0D, map(0x30000, 0x10, SEGMENT, 0x200), "a segment that leads nowhere");
    }

    @Test
    void aSegmentDescriptorBeforeTheEnd() {
        guest.descriptor(0x30000, 0x31000, 0x10, LAST);
        guest.descriptor(0x30010, 0x31000, 0x10, LAST);
        assertEquals(0x0E, map(0x30000, 0x20, SEGMENT, 0x200));
    }

    @Test
    void aSegmentThatPointsToItself() {
        guest.descriptor(0x30000, 0x30000, 0x10, SEGMENT);
        assertEquals(0x0E, map(0x30000, 0x10, SEGMENT, 0x200));
    }

    @Test
    void moreDescriptorsThanAnyTransferNeeds() {
        assertEquals(0x0E, map(0x30000, 0xFFFFFFF0, LAST, 0x200));
    }

    @Test
    void addressesThatAreNotMapped() {
        assertEquals(0x04, map(0x180000, 0x200, BLOCK, 0x200), "a block");
        assertEquals(0x04, map(0x17FF00, 0x200, BLOCK, 0x200), "half a block");
        assertEquals(0x04, map(0x180000, 0x20, LAST, 0x200), "a segment");
        assertEquals(0x04, map(0xFFFF_FFFF_FFFF_FFF0L, 0x20, SEGMENT, 0x200), "at the end of the address space");
    }
}
