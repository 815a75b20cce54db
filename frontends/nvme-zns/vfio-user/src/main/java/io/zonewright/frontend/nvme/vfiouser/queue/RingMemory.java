package io.zonewright.frontend.nvme.vfiouser.queue;

import io.zonewright.runtime.memory.GuestMemory;
import io.zonewright.runtime.memory.GuestRegion;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Where the pages of a ring are mapped. A ring is contiguous in guest addresses and begins at a page boundary, but may
 * lie in several regions; an entry never straddles two pages. Immutable.
 */
final class RingMemory {
    static final int PAGE = 4096;
    /** So that the stores that publish an entry are single ones. */
    private static final int ALIGNMENT = 16;

    private final MemorySegment[] segments;
    private final long[] offsets;

    private RingMemory(MemorySegment[] segments, long[] offsets) {
        this.segments = segments;
        this.offsets = offsets;
    }

    /**
     * Finds a ring.
     *
     * @param address a multiple of 4096
     * @param bytes of the ring; memory beyond it is not needed
     * @return null if not all of it is mapped, in whole pages and, where {@code writable}, for writing
     */
    static @Nullable RingMemory bind(GuestMemory memory, long address, long bytes, boolean writable) {
        int pages = (int) ((bytes + PAGE - 1) / PAGE);
        MemorySegment[] segments = new MemorySegment[pages];
        long[] offsets = new long[pages];
        int region = 0;
        for (int i = 0; i < pages; i++) {
            long at = address + (long) i * PAGE;
            region = memory.find(at, region);
            if (region < 0) {
                return null;
            }
            GuestRegion found = memory.region(region);
            long offset = at - found.guestAddress();
            long needed = Math.min(PAGE, bytes - (long) i * PAGE);
            MemorySegment segment = found.memory();
            boolean aligned = (segment.address() + offset) % ALIGNMENT == 0;
            if (needed > found.size() - offset || !aligned || (writable && segment.isReadOnly())) {
                return null;
            }
            segments[i] = segment;
            offsets[i] = offset;
        }
        return new RingMemory(segments, offsets);
    }

    /** What holds a page; see {@link #offset}. */
    MemorySegment segment(int page) {
        return segments[page];
    }

    /** Where the page begins in {@link #segment}. */
    long offset(int page) {
        return offsets[page];
    }
}
