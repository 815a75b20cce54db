package io.zonewright.vfiouser.memory;

import io.zonewright.posix.Errno;
import io.zonewright.posix.Fd;
import io.zonewright.posix.Mapping;
import io.zonewright.posix.Posix;
import io.zonewright.posix.PosixException;
import io.zonewright.runtime.memory.GuestMemory;
import io.zonewright.runtime.memory.GuestRegion;
import io.zonewright.runtime.peer.PeerDescriptors;
import io.zonewright.runtime.peer.PeerException;
import io.zonewright.vfiouser.message.DmaMapMessage;
import io.zonewright.vfiouser.message.RequestException;
import io.zonewright.vfiouser.message.VersionMessage;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Owns what a client has shared. Each change is prepared first, as a whole new map that shares unchanged ranges with the
 * old one; the caller moves the device to the new {@link #memory}, and only then lets go of what is gone
 * ({@link #releaseExcept}). So a refused change changes nothing, and nothing is unmapped under a request.
 *
 * <p>Ranges without a descriptor, and ranges that the device may not write, are remembered and can be unmapped, but the
 * device cannot reach them: see decision 0106. For the control thread.
 */
public final class DmaMap {
    /** Most bytes in all ranges together: larger than any guest, and an eighth of the process's 47-bit address space. */
    public static final long MAX_BYTES = 1L << 44;

    /** Nothing mapped. */
    public static final DmaMap EMPTY = new DmaMap(List.of());

    private final List<DmaRange> ranges;
    private final GuestMemory memory;

    private DmaMap(List<DmaRange> ranges) {
        this.ranges = List.copyOf(ranges);
        List<GuestRegion> regions = new ArrayList<>();
        for (DmaRange range : ranges) {
            GuestRegion region = range.region();
            if (region != null) {
                regions.add(region);
            }
        }
        memory = regions.isEmpty() ? GuestMemory.EMPTY : new GuestMemory(regions);
    }

    /** What the device looks addresses up in. */
    public GuestMemory memory() {
        return memory;
    }

    /** How many ranges there are. */
    public int size() {
        return ranges.size();
    }

    /** Bytes in all ranges that the device can reach. */
    public long bytes() {
        long sum = 0;
        for (GuestRegion region : memory.regions()) {
            sum += region.size();
        }
        return sum;
    }

    /**
     * Whether all files are still as long as when they were mapped. A client that cuts one short makes us fault, so this
     * is asked with each message; sealed files, QEMU's by default, need no look.
     */
    public boolean isBacked() {
        for (int i = 0; i < ranges.size(); i++) {
            Mapping mapping = ranges.get(i).mapping();
            if (mapping != null && !mapping.isBacked()) {
                return false;
            }
        }
        return true;
    }

    /**
     * This map and one range more.
     *
     * @param fd what is behind it, taken over, on failure too; null: nothing that could be mapped
     */
    public DmaMap with(Posix posix, DmaMapMessage message, @Nullable Fd fd) throws RequestException {
        Mapping mapping = null;
        try {
            requireRoom(message);
            if (fd != null && message.writable()) {
                mapping = PeerDescriptors.memory(posix, fd, message.offset(), message.size());
            }
            List<DmaRange> next = new ArrayList<>(ranges);
            next.add(new DmaRange(message.address(), message.size(), mapping));
            return new DmaMap(next);
        } catch (PeerException e) {
            throw RequestException.invalid(String.valueOf(e.getMessage()));
        } catch (PosixException e) {
            throw new RequestException(e.errno(), String.valueOf(e.getMessage()));
        } finally {
            if (mapping == null && fd != null) {
                fd.close();
            }
        }
    }

    /** This map without one range, named exactly as it was mapped. */
    public DmaMap without(long address, long size) throws RequestException {
        List<DmaRange> rest = new ArrayList<>(ranges);
        if (!rest.removeIf(range -> range.is(address, size))) {
            throw new RequestException(
                    Errno.ENOENT,
                    "no DMA range of 0x" + Long.toHexString(size) + " bytes at 0x" + Long.toHexString(address));
        }
        return new DmaMap(rest);
    }

    /** Unmaps all ranges that {@code next} does not have. Nothing may use them any more. */
    public void releaseExcept(DmaMap next) {
        for (DmaRange range : ranges) {
            if (!next.ranges.contains(range)) {
                range.close();
            }
        }
    }

    private void requireRoom(DmaMapMessage message) throws RequestException {
        long bytes = message.size();
        for (DmaRange range : ranges) {
            bytes += range.size();
            if (range.overlaps(message.address(), message.size())) {
                throw new RequestException(
                        Errno.EEXIST,
                        "a DMA range of 0x" + Long.toHexString(message.size()) + " bytes at 0x"
                                + Long.toHexString(message.address()) + " overlaps another");
            }
        }
        if (ranges.size() == VersionMessage.MAX_DMA_MAPS || bytes < 0 || bytes > MAX_BYTES) {
            throw new RequestException(
                    Errno.ENOSPC, ranges.size() + " DMA ranges and one more would have " + bytes + " bytes");
        }
    }
}
