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
 * requests stay in one region. Behind the hint stands a binary search, so that a table of hundreds of regions costs a
 * hostile driver's own queue no more than a few comparisons.
 */
public final class GuestMemory {
    /** No memory at all. */
    public static final GuestMemory EMPTY = new GuestMemory(List.of());

    private final GuestRegion[] regions;
    private final long[] starts;
    private final long[] sizes;
    private final MemorySegment[] segments;

    /**
     * @param regions in any order
     * @throws IllegalArgumentException if two regions overlap in guest or in user addresses
     */
    public GuestMemory(List<GuestRegion> regions) {
        refuseOverlap("user", sorted(regions, Comparator.comparingLong(GuestRegion::userAddress)), true);
        List<GuestRegion> byGuest = sorted(regions, Comparator.comparingLong(GuestRegion::guestAddress));
        refuseOverlap("guest", byGuest, false);
        int count = byGuest.size();
        this.regions = byGuest.toArray(GuestRegion[]::new);
        starts = new long[count];
        sizes = new long[count];
        segments = new MemorySegment[count];
        for (int i = 0; i < count; i++) {
            starts[i] = this.regions[i].guestAddress();
            sizes[i] = this.regions[i].size();
            segments[i] = this.regions[i].memory();
        }
    }

    /** The regions in ascending order of guest address. */
    public List<GuestRegion> regions() {
        return List.of(regions);
    }

    /**
     * The region that holds guest address {@code address}.
     *
     * @param hint any number; the region of the last hit makes this cheap
     * @return its position in {@link #regions}, or -1
     */
    public int find(long address, int hint) {
        if (hint >= 0 && hint < starts.length && holds(hint, address)) {
            return hint;
        }
        int low = 0;
        int high = starts.length - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            if (holds(middle, address)) {
                return middle;
            }
            // Regions end below 2^62, so a signed comparison is right for each address that one of them holds.
            if (starts[middle] < address) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return -1;
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
            long offset = at - starts[region];
            long step = Math.min(left, sizes[region] - offset);
            into.add(segments[region], offset, step);
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
            long offset = address + done - starts[region];
            long step = Math.min(length - done, sizes[region] - offset);
            MemorySegment.copy(segments[region], offset, target, done, step);
            done += step;
        } while (done < length);
        return region;
    }

    /** The memory at user address {@code address}, which must lie inside one region; null if it does not. */
    public @Nullable MemorySegment atUserAddress(long address, long length) {
        for (GuestRegion region : regions) {
            long offset = address - region.userAddress();
            if (offset >= 0 && length >= 0 && length <= region.size() && offset <= region.size() - length) {
                return region.memory().asSlice(offset, length);
            }
        }
        return null;
    }

    private boolean holds(int region, long address) {
        long offset = address - starts[region];
        return offset >= 0 && offset < sizes[region];
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
