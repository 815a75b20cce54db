package io.zonewright.vfiouser.memory;

import io.zonewright.posix.Errno;
import io.zonewright.posix.Fd;
import io.zonewright.posix.Posix;
import io.zonewright.posix.PosixException;
import io.zonewright.runtime.memory.GuestMemory;
import io.zonewright.runtime.memory.GuestRegion;
import io.zonewright.vfiouser.message.DmaMapMessage;
import io.zonewright.vfiouser.message.RequestException;
import io.zonewright.vfiouser.message.VersionMessage;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a client has shared. A refused change changes nothing. Memory that is unmapped stays as it is until the caller has
 * moved the device to the new {@link #memory} and lets go of it by {@link #release}: nothing is unmapped under a request.
 *
 * <p>Ranges without a descriptor are remembered and can be unmapped, but the device cannot reach them; nor those that it
 * may not write, unless it says that it looks: see decision 0106. For the control thread.
 */
public final class DmaMap {
    /** Most bytes in all ranges together: larger than any guest, and an eighth of the process's 47-bit address space. */
    public static final long MAX_BYTES = 1L << 44;

    private final TreeMap<Long, DmaRange> ranges = new TreeMap<>();
    private final SharedFiles files;
    private final boolean readOnlyToo;
    private GuestMemory memory = GuestMemory.EMPTY;
    private long announced;

    /** @param readOnlyToo whether the device looks at what it must not write */
    public DmaMap(Posix posix, boolean readOnlyToo) {
        files = new SharedFiles(posix);
        this.readOnlyToo = readOnlyToo;
    }

    /** What the device looks addresses up in. */
    public GuestMemory memory() {
        return memory;
    }

    /** How many ranges there are. */
    public int size() {
        return ranges.size();
    }

    /** How many files they lie in. */
    public int files() {
        return files.count();
    }

    /** Bytes in all ranges. */
    public long bytes() {
        return announced;
    }

    /**
     * Whether all files are still as long as when they were mapped. A client that cuts one short makes us fault, so this
     * is asked with each message; sealed files, QEMU's by default, need no look.
     */
    public boolean isBacked() {
        return files.areBacked();
    }

    /**
     * One range more.
     *
     * @param fd what is behind it, taken over, on failure too; null: nothing that could be mapped
     */
    public void map(DmaMapMessage message, @Nullable Fd fd) throws RequestException {
        try (fd) {
            requireRoom(message);
            SharedFile file = fd == null ? null : reach(message, fd);
            ranges.put(message.address(), new DmaRange(message.address(), message.size(), file));
            announced += message.size();
        } catch (PosixException e) {
            throw new RequestException(e.errno(), String.valueOf(e.getMessage()));
        }
    }

    /** Brings a range before the device; null if it stays beyond its reach, since it is for reading only. */
    private @Nullable SharedFile reach(DmaMapMessage message, Fd fd) throws RequestException {
        boolean writable = message.writable();
        if (!writable && !readOnlyToo) {
            return null;
        }
        SharedFile file;
        try {
            file = files.of(fd, message.offset() + message.size(), writable);
        } catch (RequestException | PosixException e) {
            if (writable) {
                throw e;
            }
            // A ROM, in whatever it may lie: hypervisors take a refusal badly, and no device misses it.
            return null;
        }
        MemorySegment part = file.take(message.offset(), message.size(), writable);
        memory = memory.with(new GuestRegion(message.address(), message.address(), part));
        return file;
    }

    /**
     * Takes out all ranges that lie inside of some addresses; there may be none.
     *
     * @param first unsigned
     * @param last inclusive, unsigned, not below {@code first}
     * @throws RequestException ENOENT if one lies there in part
     */
    public List<DmaRange> unmap(long first, long last) throws RequestException {
        if (first < 0) {
            return List.of(); // no range reaches so far, see DmaMapMessage
        }
        long end = last < 0 ? Long.MAX_VALUE : last;
        requireWhole(ranges.lowerEntry(first), first);
        requireWhole(ranges.floorEntry(end), end + 1);
        Map<Long, DmaRange> inside = ranges.subMap(first, true, end, true);
        List<DmaRange> gone = List.copyOf(inside.values());
        inside.clear();
        announced -= bytes(gone);
        memory = memory.without(first, end);
        return gone;
    }

    /** Refuses to cut a range before {@code address}. */
    private static void requireWhole(Map.@Nullable Entry<Long, DmaRange> entry, long address) throws RequestException {
        if (entry != null
                && address > entry.getKey()
                && address < entry.getValue().end()) {
            throw new RequestException(
                    Errno.ENOENT,
                    "DMA_UNMAP would cut the range of 0x"
                            + Long.toHexString(entry.getValue().size()) + " bytes at 0x"
                            + Long.toHexString(entry.getKey()) + " at 0x" + Long.toHexString(address));
        }
    }

    /** Bytes in some ranges. */
    public static long bytes(List<DmaRange> ranges) {
        long sum = 0;
        for (DmaRange range : ranges) {
            sum += range.size();
        }
        return sum;
    }

    /** Takes all ranges out. */
    public List<DmaRange> unmapAll() {
        List<DmaRange> all = List.copyOf(ranges.values());
        ranges.clear();
        announced = 0;
        memory = GuestMemory.EMPTY;
        return all;
    }

    /** Lets go of ranges that were taken out. Nothing may use them any more. */
    public void release(List<DmaRange> gone) {
        for (DmaRange range : gone) {
            SharedFile file = range.file();
            if (file != null) {
                files.release(file);
            }
        }
    }

    private void requireRoom(DmaMapMessage message) throws RequestException {
        Map.Entry<Long, DmaRange> below = ranges.lowerEntry(message.address() + message.size());
        if (below != null && below.getValue().end() > message.address()) {
            throw new RequestException(
                    Errno.EEXIST,
                    "a DMA range of 0x" + Long.toHexString(message.size()) + " bytes at 0x"
                            + Long.toHexString(message.address()) + " overlaps another");
        }
        long bytes = announced + message.size();
        if (ranges.size() == VersionMessage.MAX_DMA_MAPS || bytes < 0 || bytes > MAX_BYTES) {
            throw new RequestException(
                    Errno.ENOSPC, ranges.size() + " DMA ranges and one more would have " + bytes + " bytes");
        }
    }
}
