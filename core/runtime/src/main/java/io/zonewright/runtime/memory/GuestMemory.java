package io.zonewright.runtime.memory;

import io.zonewright.api.buffer.SpanList;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All of the driver's memory at one moment: an immutable snapshot that any thread may read. It owns nothing; whoever
 * unmaps a region first makes sure that no queue works on a snapshot with it.
 *
 * <p>Look-ups take a hint, the region that the caller hit last, kept by the caller since the snapshot is shared: most
 * requests stay in one region. Behind the hint stands a binary search, so that a table of thousands of regions costs a
 * hostile driver's own queue no more than a few comparisons.
 *
 * <p>Regions lie in pages of a few dozen, which snapshots share: one that differs by a region ({@link #with},
 * {@link #without}) copies one page and the list of pages, so that a guest with a virtual IOMMU may have tens of thousands
 * of regions and change them all the time.
 */
public final class GuestMemory {
    /** No memory at all. */
    public static final GuestMemory EMPTY = new GuestMemory(new RegionPage[0], 0);

    private final RegionPage[] pages;
    /** Where the first region of each page begins. */
    private final long[] starts;

    private final int count;

    /**
     * @param regions in any order
     * @throws IllegalArgumentException if two regions overlap in guest or in user addresses
     */
    public GuestMemory(List<GuestRegion> regions) {
        this(paged(regions), regions.size());
    }

    private GuestMemory(RegionPage[] pages, int count) {
        this.pages = pages;
        this.count = count;
        starts = new long[pages.length];
        for (int i = 0; i < pages.length; i++) {
            starts[i] = pages[i].start(0);
        }
    }

    private static RegionPage[] paged(List<GuestRegion> regions) {
        refuseOverlap("user", sorted(regions, Comparator.comparingLong(GuestRegion::userAddress)), true);
        List<GuestRegion> byGuest = sorted(regions, Comparator.comparingLong(GuestRegion::guestAddress));
        refuseOverlap("guest", byGuest, false);
        List<RegionPage> pages = new ArrayList<>();
        for (int i = 0; i < byGuest.size(); i += RegionPage.MOST) {
            pages.add(new RegionPage(byGuest.subList(i, Math.min(byGuest.size(), i + RegionPage.MOST))
                    .toArray(GuestRegion[]::new)));
        }
        return pages.toArray(new RegionPage[0]);
    }

    /** The regions in ascending order of guest address. */
    public List<GuestRegion> regions() {
        List<GuestRegion> all = new ArrayList<>(count);
        for (RegionPage page : pages) {
            for (int i = 0; i < page.count(); i++) {
                all.add(page.region(i));
            }
        }
        return List.copyOf(all);
    }

    /** How many regions there are. */
    public int count() {
        return count;
    }

    /** A region by what {@link #find} said. */
    public GuestRegion region(int found) {
        return pages[found >>> RegionPage.SHIFT].region(found & RegionPage.MASK);
    }

    /**
     * This memory and one region more. Only for regions whose user address is their guest address, all of them.
     *
     * @throws IllegalArgumentException if it overlaps another, or has two addresses
     */
    public GuestMemory with(GuestRegion added) {
        if (added.userAddress() != added.guestAddress()) {
            throw new IllegalArgumentException("a region with two addresses: " + added);
        }
        long end = added.guestAddress() + added.size();
        int last = Math.max(0, pageOf(end - 1));
        if (pages.length == 0) {
            return new GuestMemory(new RegionPage[] {new RegionPage(added)}, 1);
        }
        RegionPage page = pages[last];
        int before = page.indexBefore(end);
        if (before >= 0 && page.end(before) > added.guestAddress()) {
            throw new IllegalArgumentException(
                    "memory regions overlap in guest addresses: " + page.region(before) + " and " + added);
        }
        RegionPage[] halves = page.with(before + 1, added);
        RegionPage[] next = new RegionPage[pages.length + halves.length - 1];
        System.arraycopy(pages, 0, next, 0, last);
        System.arraycopy(halves, 0, next, last, halves.length);
        System.arraycopy(pages, last + 1, next, last + halves.length, pages.length - last - 1);
        return new GuestMemory(next, count + 1);
    }

    /**
     * This memory without the region that begins at a guest address.
     *
     * @throws IllegalArgumentException if none begins there
     */
    public GuestMemory without(long guestAddress) {
        int found = find(guestAddress, -1);
        if (found < 0 || region(found).guestAddress() != guestAddress) {
            throw new IllegalArgumentException("no region begins at guest address 0x" + Long.toHexString(guestAddress));
        }
        int at = found >>> RegionPage.SHIFT;
        RegionPage rest = pages[at].without(found & RegionPage.MASK);
        int left = rest.count() == 0 ? 0 : 1;
        RegionPage[] next = new RegionPage[pages.length - 1 + left];
        System.arraycopy(pages, 0, next, 0, at);
        if (left == 1) {
            next[at] = rest;
        }
        System.arraycopy(pages, at + 1, next, at + left, pages.length - at - 1);
        return new GuestMemory(next, count - 1);
    }

    /**
     * This memory without the regions that lie between two guest addresses.
     *
     * @param last inclusive
     * @return this, if there are none
     * @throws IllegalArgumentException if a region lies there in part
     */
    public GuestMemory without(long first, long last) {
        List<RegionPage> left = new ArrayList<>(pages.length);
        int remaining = 0;
        for (RegionPage page : pages) {
            boolean apart = page.start(0) > last || page.end(page.count() - 1) <= first;
            RegionPage rest = apart ? page : page.without(first, last);
            if (rest.count() > 0) {
                left.add(rest);
                remaining += rest.count();
            }
        }
        return remaining == count ? this : new GuestMemory(left.toArray(new RegionPage[0]), remaining);
    }

    /**
     * The region that holds guest address {@code address}.
     *
     * @param hint any number; the region of the last hit makes this cheap
     * @return its number in this snapshot, to be given to {@link #region}, or -1
     */
    public int find(long address, int hint) {
        int hinted = hint >>> RegionPage.SHIFT;
        if (hinted < pages.length && pages[hinted].holds(hint & RegionPage.MASK, address)) {
            return hint;
        }
        int at = pageOf(address);
        if (at < 0) {
            return -1;
        }
        RegionPage page = pages[at];
        int index = page.indexBefore(address + 1);
        return index >= 0 && page.holds(index, address) ? at << RegionPage.SHIFT | index : -1;
    }

    /** The last page whose first region begins at or below an address; -1 if there is none. */
    private int pageOf(long address) {
        int low = 0;
        int high = starts.length - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            // Regions end below 2^62, so a signed comparison is right for each address that one of them holds.
            if (starts[middle] <= address) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return high;
    }

    /**
     * Appends the memory at guest address {@code address} to {@code into}; it may span regions that touch.
     *
     * @param length bytes, 0 to 2^32
     * @param hint as for {@link #find}
     * @return the region where the range ends, the next hint; -1 if not all of it is mapped, {@code into} then holds a
     *     part
     */
    public int addSpans(long address, long length, int hint, SpanList into) {
        int region = hint;
        long at = address;
        long left = length;
        do {
            region = find(at, region);
            if (region < 0) {
                return -1;
            }
            RegionPage page = pages[region >>> RegionPage.SHIFT];
            int index = region & RegionPage.MASK;
            long offset = at - page.start(index);
            long step = Math.min(left, page.size(index) - offset);
            into.add(page.segment(index), offset, step);
            at += step;
            left -= step;
        } while (left > 0);
        return region;
    }

    /**
     * Copies guest memory into private memory; the range may span regions.
     *
     * @return the region where the range ends; -1 if not all of it is mapped, {@code target} then holds a part
     */
    public int copyOut(long address, int length, int hint, MemorySegment target) {
        int region = hint;
        long done = 0;
        do {
            region = find(address + done, region);
            if (region < 0) {
                return -1;
            }
            RegionPage page = pages[region >>> RegionPage.SHIFT];
            int index = region & RegionPage.MASK;
            long offset = address + done - page.start(index);
            long step = Math.min(length - done, page.size(index) - offset);
            MemorySegment.copy(page.segment(index), offset, target, done, step);
            done += step;
        } while (done < length);
        return region;
    }

    /** The memory at user address {@code address}, which must lie inside one region; null if it does not. */
    public @Nullable MemorySegment atUserAddress(long address, long length) {
        for (GuestRegion region : regions()) {
            long offset = address - region.userAddress();
            if (offset >= 0 && length >= 0 && length <= region.size() && offset <= region.size() - length) {
                return region.memory().asSlice(offset, length);
            }
        }
        return null;
    }

    private static List<GuestRegion> sorted(List<GuestRegion> regions, Comparator<GuestRegion> order) {
        List<GuestRegion> result = new ArrayList<>(regions);
        result.sort(order);
        return result;
    }

    private static void refuseOverlap(String what, List<GuestRegion> sorted, boolean user) {
        for (int i = 1; i < sorted.size(); i++) {
            GuestRegion before = sorted.get(i - 1);
            GuestRegion after = sorted.get(i);
            long end = (user ? before.userAddress() : before.guestAddress()) + before.size();
            if (end > (user ? after.userAddress() : after.guestAddress())) {
                throw new IllegalArgumentException(
                        "memory regions overlap in " + what + " addresses: " + before + " and " + after);
            }
        }
    }
}
