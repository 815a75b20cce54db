package io.zonewright.backend.linuxzbd.kernel;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.zonewright.posix.Errno;
import io.zonewright.posix.Fd;
import io.zonewright.posix.Linux;
import io.zonewright.posix.Posix;
import io.zonewright.posix.PosixException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * What an open block device can be asked for beyond reading and writing. Positions and lengths are bytes. All methods
 * may block, be called by any thread, and throw {@link PosixException} with the kernel's error.
 */
public final class BlockCalls {
    private final Posix posix;
    private final Fd fd;

    /** Whether the kernel gives cached reports; found out by the first question. */
    private volatile boolean cachedReports = true;

    /** Over a descriptor that stays its owner's. */
    public BlockCalls(Posix posix, Fd fd) {
        this.posix = posix;
        this.fd = fd;
    }

    /** The device's size. */
    public long deviceBytes() {
        return number("BLKGETSIZE64", BlockIoctl.BLKGETSIZE64, Long.BYTES);
    }

    /** The logical block. */
    public int logicalBlock() {
        return (int) number("BLKSSZGET", BlockIoctl.BLKSSZGET, Integer.BYTES);
    }

    /** Whether the device takes no writes. */
    public boolean readOnly() {
        return number("BLKROGET", BlockIoctl.BLKROGET, Integer.BYTES) != 0;
    }

    /** Distance between the starts of two zones; 0 if there are none. */
    public long zoneBytes() {
        return Sectors.toBytes(number("BLKGETZONESZ", BlockIoctl.BLKGETZONESZ, Integer.BYTES));
    }

    /** How many zones there are. */
    public int zoneCount() {
        return (int) number("BLKGETNRZONES", BlockIoctl.BLKGETNRZONES, Integer.BYTES);
    }

    private long number(String name, long request, int bytes) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(Long.BYTES, Long.BYTES);
            posix.ioctl(fd, name, request, value);
            return bytes == Long.BYTES ? value.get(JAVA_LONG, 0) : Integer.toUnsignedLong(value.get(JAVA_INT, 0));
        }
    }

    /** Asks the device itself for at most {@code zones} zones from the one on that holds byte {@code start}. */
    public void report(ZoneReport into, long start, int zones) {
        posix.ioctl(fd, "BLKREPORTZONE", BlockIoctl.BLKREPORTZONE, into.ask(start, zones, false));
    }

    /**
     * As {@link #report}, from what the kernel remembers: quick, but implicitly open, explicitly open and closed are
     * one condition.
     *
     * @return false if this kernel has no such report; nothing was asked then
     */
    public boolean reportCached(ZoneReport into, long start, int zones) {
        if (!cachedReports) {
            return false;
        }
        try {
            posix.ioctl(fd, "BLKREPORTZONEV2", BlockIoctl.BLKREPORTZONEV2, into.ask(start, zones, true));
            return true;
        } catch (PosixException e) {
            if (!e.is(Errno.ENOTTY) && !e.is(Errno.EINVAL)) {
                throw e;
            }
            cachedReports = false;
            return false;
        }
    }

    /** Opens the zones in a range explicitly. */
    public void open(long start, long length) {
        onSectors("BLKOPENZONE", BlockIoctl.BLKOPENZONE, start, length);
    }

    /** Closes the zones in a range. */
    public void close(long start, long length) {
        onSectors("BLKCLOSEZONE", BlockIoctl.BLKCLOSEZONE, start, length);
    }

    /** Makes the zones in a range full. */
    public void finish(long start, long length) {
        onSectors("BLKFINISHZONE", BlockIoctl.BLKFINISHZONE, start, length);
    }

    /** Makes the zones in a range empty; for a range that is the whole device, the kernel asks the disk once. */
    public void reset(long start, long length) {
        onSectors("BLKRESETZONE", BlockIoctl.BLKRESETZONE, start, length);
    }

    /** Gives a range back to the device; what it reads as afterwards is the device's business. */
    public void discard(long start, long length) {
        onRange("BLKDISCARD", BlockIoctl.BLKDISCARD, start, length);
    }

    /** Fills a range with zeroes; the kernel writes them itself where the device has no command for it. */
    public void zeroOut(long start, long length) {
        onRange("BLKZEROOUT", BlockIoctl.BLKZEROOUT, start, length);
    }

    /** Makes a range read as zeroes and gives its space back, or fails with EOPNOTSUPP where the device cannot do both. */
    public void punchHole(long start, long length) {
        posix.fallocate(fd, Linux.FALLOC_FL_PUNCH_HOLE | Linux.FALLOC_FL_KEEP_SIZE, start, length);
    }

    /** Empties the device's volatile cache. */
    public void flush() {
        posix.fdatasync(fd);
    }

    private void onSectors(String name, long request, long start, long length) {
        onRange(name, request, start / Sectors.BYTES, length / Sectors.BYTES);
    }

    /** Both {@code struct blk_zone_range} and the ranges of BLKDISCARD and BLKZEROOUT are two times {@code __u64}. */
    private void onRange(String name, long request, long first, long second) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment range = arena.allocate(2 * Long.BYTES, Long.BYTES);
            range.set(JAVA_LONG, 0, first);
            range.set(JAVA_LONG, Long.BYTES, second);
            posix.ioctl(fd, name, request, range);
        }
    }
}
