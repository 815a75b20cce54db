package io.zonewright.runtime.memory;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** Some regions in ascending order of guest address, none overlapping. Immutable. */
final class RegionPage {
    /** A region's number in a snapshot: that of its page, and in so many bits its own in the page. */
    static final int SHIFT = 7;

    static final int MOST = 1 << SHIFT;
    static final int MASK = MOST - 1;

    private final GuestRegion[] regions;
    /** Of each region, what a look-up needs, side by side. */
    private final long[] starts;

    private final long[] sizes;
    private final MemorySegment[] segments;

    /** @param regions at least one unless the page is about to be dropped; the page's own from now on */
    RegionPage(GuestRegion... regions) {
        this.regions = regions;
        int count = regions.length;
        starts = new long[count];
        sizes = new long[count];
        segments = new MemorySegment[count];
        for (int i = 0; i < count; i++) {
            starts[i] = regions[i].guestAddress();
            sizes[i] = regions[i].size();
            segments[i] = regions[i].memory();
        }
    }

    int count() {
        return regions.length;
    }

    GuestRegion region(int index) {
        return regions[index];
    }

    long start(int index) {
        return starts[index];
    }

    long size(int index) {
        return sizes[index];
    }

    /** First address behind a region. */
    long end(int index) {
        return starts[index] + sizes[index];
    }

    MemorySegment segment(int index) {
        return segments[index];
    }

    /** Whether there is such a region, and it holds the address. */
    boolean holds(int index, long address) {
        if (index >= starts.length) {
            return false;
        }
        long offset = address - starts[index];
        return offset >= 0 && offset < sizes[index];
    }

    /** The last region that begins below an address; -1 if there is none. */
    int indexBefore(long address) {
        int low = 0;
        int high = starts.length - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            if (starts[middle] < address) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return high;
    }

    /** With a region more, put before the one that is at {@code index} now: one page, or two halves of a full one. */
    RegionPage[] with(int index, GuestRegion added) {
        int count = regions.length;
        GuestRegion[] all = Arrays.copyOf(regions, count + 1);
        System.arraycopy(regions, index, all, index + 1, count - index);
        all[index] = added;
        if (all.length <= MOST) {
            return new RegionPage[] {new RegionPage(all)};
        }
        // Guests map addresses in ascending or descending order: what was filled from one end stays nearly full.
        int cut = index == count ? count : index == 0 ? 1 : all.length / 2;
        return new RegionPage[] {
            new RegionPage(Arrays.copyOfRange(all, 0, cut)), new RegionPage(Arrays.copyOfRange(all, cut, all.length))
        };
    }

    RegionPage without(int index) {
        GuestRegion[] rest = Arrays.copyOf(regions, regions.length - 1);
        System.arraycopy(regions, index + 1, rest, index, rest.length - index);
        return new RegionPage(rest);
    }

    /** Without the regions between two addresses, {@code last} inclusive, none of which may lie there in part. */
    RegionPage without(long first, long last) {
        GuestRegion[] rest = new GuestRegion[regions.length];
        int left = 0;
        for (int i = 0; i < regions.length; i++) {
            if (starts[i] > last || end(i) <= first) {
                rest[left++] = regions[i];
            } else if (starts[i] < first || end(i) - 1 > last) {
                throw new IllegalArgumentException("a part of " + regions[i] + " would go");
            }
        }
        return new RegionPage(Arrays.copyOf(rest, left));
    }
}
