package io.zonewright.vhostuser.memory;

import io.zonewright.posix.Fd;
import io.zonewright.posix.Posix;
import io.zonewright.runtime.memory.GuestMemory;
import io.zonewright.vhostuser.message.MessageException;
import io.zonewright.vhostuser.message.RegionDescription;
import java.util.ArrayList;
import java.util.List;

/**
 * Owns what a driver has shared with us. Each change is prepared first, as a whole new map that shares unchanged
 * regions with the old one; the caller brings all queues to rest, moves them to the new {@link #memory}, and only then
 * lets go of what is gone ({@link #releaseExcept}). So a refused change changes nothing, and nothing is unmapped under
 * a request.
 *
 * <p>For the control thread.
 */
public final class MemoryMap {
    /**
     * Most regions. What libvhost-user answers to GET_MAX_MEM_SLOTS on x86-64, thus a number that hypervisors were
     * tested with; it must never shrink between connections.
     */
    public static final int MAX_SLOTS = 509;

    /**
     * Most bytes in all regions together: larger than any guest, and an eighth of the process's 47-bit address space,
     * so that sparse files cannot use it up.
     */
    public static final long MAX_BYTES = 1L << 44;

    /** Nothing mapped. */
    public static final MemoryMap EMPTY = new MemoryMap(List.of(), GuestMemory.EMPTY);

    private final List<MappedRegion> regions;
    private final GuestMemory memory;

    private MemoryMap(List<MappedRegion> regions, GuestMemory memory) {
        this.regions = List.copyOf(regions);
        this.memory = memory;
    }

    /** What queues look addresses up in. */
    public GuestMemory memory() {
        return memory;
    }

    /** How many regions there are. */
    public int size() {
        return regions.size();
    }

    /** Bytes in all regions. */
    public long bytes() {
        return regions.stream().mapToLong(region -> region.description().size()).sum();
    }

    /**
     * Whether all files are still as long as when they were mapped. A driver that cuts one short makes us fault, so
     * this is asked with each message; sealed files need no look.
     */
    public boolean isBacked() {
        for (MappedRegion region : regions) {
            if (!region.mapping().isBacked()) {
                return false;
            }
        }
        return true;
    }

    /**
     * A map of these regions alone (SET_MEM_TABLE).
     *
     * @param fds one for each, taken over, on failure too
     */
    public static MemoryMap of(Posix posix, List<RegionDescription> descriptions, List<Fd> fds)
            throws MessageException {
        List<MappedRegion> mapped = new ArrayList<>();
        try {
            requireBytes(descriptions);
            for (int i = 0; i < descriptions.size(); i++) {
                mapped.add(MappedRegion.map(posix, descriptions.get(i), fds.get(i)));
            }
            return new MemoryMap(mapped, snapshot(mapped));
        } catch (MessageException | RuntimeException e) {
            mapped.forEach(MappedRegion::close);
            fds.forEach(Fd::close);
            throw e;
        }
    }

    /** This map and one region more (ADD_MEM_REG); the descriptor is taken over, on failure too. */
    public MemoryMap with(Posix posix, RegionDescription description, Fd fd) throws MessageException {
        if (regions.size() == MAX_SLOTS) {
            fd.close();
            throw new MessageException("there are " + MAX_SLOTS + " memory regions already");
        }
        List<RegionDescription> all = new ArrayList<>();
        regions.forEach(region -> all.add(region.description()));
        all.add(description);
        try {
            requireBytes(all);
        } catch (MessageException e) {
            fd.close();
            throw e;
        }
        MappedRegion added = MappedRegion.map(posix, description, fd);
        List<MappedRegion> mapped = new ArrayList<>(regions);
        mapped.add(added);
        try {
            return new MemoryMap(mapped, snapshot(mapped));
        } catch (MessageException e) {
            added.close();
            throw e;
        }
    }

    /** This map without one region (REM_MEM_REG), named by its addresses and size. */
    public MemoryMap without(RegionDescription description) throws MessageException {
        List<MappedRegion> rest = new ArrayList<>(regions);
        if (!rest.removeIf(region -> region.description().sameAs(description))) {
            throw new MessageException("no such memory region: guest address 0x"
                    + Long.toHexString(description.guestAddress()) + ", user address 0x"
                    + Long.toHexString(description.userAddress()) + ", size 0x"
                    + Long.toHexString(description.size()));
        }
        return new MemoryMap(rest, snapshot(rest));
    }

    /** Unmaps all regions that {@code next} does not have. Nothing may use them any more. */
    public void releaseExcept(MemoryMap next) {
        for (MappedRegion region : regions) {
            if (!next.regions.contains(region)) {
                region.close();
            }
        }
    }

    private static GuestMemory snapshot(List<MappedRegion> mapped) throws MessageException {
        try {
            return new GuestMemory(mapped.stream().map(MappedRegion::region).toList());
        } catch (IllegalArgumentException e) {
            throw new MessageException(String.valueOf(e.getMessage()));
        }
    }

    private static void requireBytes(List<RegionDescription> descriptions) throws MessageException {
        long left = MAX_BYTES;
        for (RegionDescription description : descriptions) {
            left -= description.size();
            if (left < 0) {
                throw new MessageException("memory regions of more than " + MAX_BYTES + " bytes together");
            }
        }
    }
}
