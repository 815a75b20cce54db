package io.zonewright.testkit.kernel;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.zonewright.posix.Errno;
import io.zonewright.posix.Syscalls;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * One block device: what null_blk does with memory_backed=1 (Linux, drivers/block/null_blk/zoned.c), with the write
 * plug of the block layer before it. Data lies in a file of the real kernel's, so that calls with bare addresses need
 * nobody to read them here.
 */
public final class FakeDisk {
    private static final int EIO = 5;
    private static final long FILLED_BYTES = 16 << 20;

    // linux/blkzoned.h, as literals: the code under test has its own.
    static final long BLKROGET = 0x125EL;
    static final long BLKSSZGET = 0x1268L;
    static final long BLKGETSIZE64 = 0x80081272L;
    static final long BLKDISCARD = 0x1277L;
    static final long BLKZEROOUT = 0x127FL;
    static final long BLKREPORTZONE = 0xC0101282L;
    static final long BLKRESETZONE = 0x40101283L;
    static final long BLKGETZONESZ = 0x80041284L;
    static final long BLKGETNRZONES = 0x80041285L;
    static final long BLKOPENZONE = 0x40101286L;
    static final long BLKCLOSEZONE = 0x40101287L;
    static final long BLKFINISHZONE = 0x40101288L;
    static final long BLKREPORTZONEV2 = 0xC010128EL;

    public static final int EMPTY = 1;
    public static final int IMPLICIT_OPEN = 2;
    public static final int EXPLICIT_OPEN = 3;
    public static final int CLOSED = 4;
    public static final int READ_ONLY = 0xD;
    public static final int FULL = 0xE;
    public static final int OFFLINE = 0xF;

    private static final Map<Long, String> NAMES = Map.ofEntries(
            Map.entry(BLKROGET, "BLKROGET"),
            Map.entry(BLKSSZGET, "BLKSSZGET"),
            Map.entry(BLKGETSIZE64, "BLKGETSIZE64"),
            Map.entry(BLKDISCARD, "BLKDISCARD"),
            Map.entry(BLKZEROOUT, "BLKZEROOUT"),
            Map.entry(BLKREPORTZONE, "BLKREPORTZONE"),
            Map.entry(BLKRESETZONE, "BLKRESETZONE"),
            Map.entry(BLKGETZONESZ, "BLKGETZONESZ"),
            Map.entry(BLKGETNRZONES, "BLKGETNRZONES"),
            Map.entry(BLKOPENZONE, "BLKOPENZONE"),
            Map.entry(BLKCLOSEZONE, "BLKCLOSEZONE"),
            Map.entry(BLKFINISHZONE, "BLKFINISHZONE"),
            Map.entry(BLKREPORTZONEV2, "BLKREPORTZONEV2"));

    /** What happens to one call instead of what it asks for. */
    private record Fault(int errno, long shorten) {}

    private final Syscalls real;
    private final int backing;
    private final long bytes;
    private final int block;
    private final long zoneBytes;
    private final long capacity;
    private final int conventional;
    private final int[] conditions;
    private final long[] pointers;
    private final boolean[] plugLost;
    private final Map<String, Deque<Fault>> faults = new HashMap<>();
    private final List<String> log = new ArrayList<>();
    private final Map<String, Semaphore> gates = new HashMap<>();
    private boolean gone;
    private boolean cachedReports = true;
    private int mostZonesPerReport = Integer.MAX_VALUE;
    /** null_blk's limits; 0 for none. */
    private int maxOpen;

    private int maxActive;

    /**
     * @param backing a file of the real kernel as long as the disk
     * @param zoneBytes 0 for a disk without zones
     */
    FakeDisk(Syscalls real, int backing, long bytes, int block, long zoneBytes, long capacity, int conventional) {
        this.real = real;
        this.backing = backing;
        this.bytes = bytes;
        this.block = block;
        this.zoneBytes = zoneBytes;
        this.capacity = capacity;
        this.conventional = conventional;
        int zones = zoneBytes == 0 ? 0 : (int) ((bytes + zoneBytes - 1) / zoneBytes);
        conditions = new int[zones];
        pointers = new long[zones];
        plugLost = new boolean[zones];
        for (int zone = 0; zone < zones; zone++) {
            conditions[zone] = zone < conventional ? 0 : EMPTY;
            pointers[zone] = zone * zoneBytes;
            if (zone >= conventional && bytes <= FILLED_BYTES) {
                erase(zone);
            }
        }
    }

    /** Above a write pointer null_blk gives FFh. Disks too large for that in a test give zeroes, as others do. */
    private int erase(int zone) {
        long start = zone * zoneBytes;
        long length = Math.min(zoneBytes, bytes - start);
        if (bytes > FILLED_BYTES) {
            return real.fallocate(backing, 3, start, length);
        }
        MemorySegment ones = Arena.ofAuto().allocate(length).fill((byte) 0xFF);
        return real.pwrite(backing, ones, 0, length, start) == length ? 0 : -EIO;
    }

    // --- what a test does to it ------------------------------------------------------------------------------------

    public synchronized FakeDisk limits(int open, int active) {
        maxOpen = open;
        maxActive = active;
        return this;
    }

    /** The next call of this name fails. */
    public synchronized FakeDisk fail(String call, Errno errno) {
        faults.computeIfAbsent(call, name -> new ArrayDeque<>()).add(new Fault(errno.number(), -1));
        return this;
    }

    /** The next call of this name that moves data stops after so many bytes. */
    public synchronized FakeDisk shorten(String call, long after) {
        faults.computeIfAbsent(call, name -> new ArrayDeque<>()).add(new Fault(0, after));
        return this;
    }

    /** Calls of this name wait until {@link Semaphore#release}. */
    public synchronized Semaphore hold(String call) {
        return gates.computeIfAbsent(call, name -> new Semaphore(0));
    }

    /** As by null_blk's configfs: the zone is read-only or offline from now on. */
    public synchronized void breakZone(int zone, int condition) {
        conditions[zone] = condition;
        pointers[zone] = -512;
    }

    /** As another program would write: behind the back of everybody. */
    public synchronized void movePointer(int zone, long by) {
        pointers[zone] += by;
        conditions[zone] = pointers[zone] == end(zone) ? FULL : IMPLICIT_OPEN;
    }

    /** Pulls the plug. */
    public synchronized void remove() {
        gone = true;
    }

    /** An older kernel. */
    public synchronized FakeDisk withoutCachedReports() {
        cachedReports = false;
        return this;
    }

    /** A driver that gives few zones at a time. */
    public synchronized FakeDisk reportsAtMost(int zones) {
        mostZonesPerReport = zones;
        return this;
    }

    public synchronized int condition(int zone) {
        return conditions[zone];
    }

    /** From the zone's start, bytes. */
    public synchronized long written(int zone) {
        return pointers[zone] - zone * zoneBytes;
    }

    /** The calls so far: {@code pwritev2 8192+4096}, {@code BLKRESETZONE 65536+65536}. */
    public synchronized List<String> log() {
        return List.copyOf(log);
    }

    public synchronized void clearLog() {
        log.clear();
    }

    /** Faults that were not met. */
    public synchronized int unmet() {
        return faults.values().stream().mapToInt(Deque::size).sum();
    }

    // --- system calls ----------------------------------------------------------------------------------------------

    private int arrive(String call, String what) {
        Semaphore gate;
        synchronized (this) {
            log.add(call + what);
            gate = gates.get(call);
        }
        if (gate != null) {
            gate.acquireUninterruptibly();
        }
        synchronized (this) {
            return gone ? Errno.ENXIO.number() : 0;
        }
    }

    private synchronized @Nullable Fault fault(String call) {
        Deque<Fault> queue = faults.get(call);
        return queue == null ? null : queue.poll();
    }

    long move(String call, MemorySegment iovecs, int count, long offset, int flags, boolean write) {
        long length = 0;
        for (int i = 0; i < count; i++) {
            length += iovecs.get(JAVA_LONG, 16L * i + 8);
        }
        int refused = arrive(call, " " + offset + "+" + length + (flags == 0 ? "" : " flags " + flags));
        if (refused != 0) {
            return -refused;
        }
        Fault fault = fault(call);
        if (fault != null && fault.errno != 0) {
            if (write && zoneBytes != 0 && sequential(zoneOf(offset))) {
                lose(zoneOf(offset));
            }
            return -fault.errno;
        }
        if (offset % block != 0 || length % block != 0) {
            return -Errno.EINVAL.number();
        }
        if (offset >= bytes) {
            return write ? -Errno.ENOSPC.number() : 0;
        }
        long most = fault == null ? Long.MAX_VALUE : fault.shorten;
        boolean shortened = most < length;
        long moved = shortened ? most : Math.min(length, bytes - offset);
        synchronized (this) {
            int refusal = write ? admit(offset, moved) : readable(offset);
            if (refusal != 0) {
                return -refusal;
            }
            MemorySegment cut = shortened ? cut(iovecs, count, moved) : iovecs;
            int parts = shortened ? (int) (cut.byteSize() / 16) : count;
            long result = write
                    ? real.pwritev2(backing, cut, parts, offset, 0)
                    : real.preadv2(backing, cut, parts, offset, 0);
            return result;
        }
    }

    private static MemorySegment cut(MemorySegment iovecs, int count, long bytes) {
        long left = bytes;
        int parts = 0;
        MemorySegment copy = Arena.ofAuto().allocate(16L * count, 8);
        while (left > 0) {
            long length = Math.min(left, iovecs.get(JAVA_LONG, 16L * parts + 8));
            copy.set(JAVA_LONG, 16L * parts, iovecs.get(JAVA_LONG, 16L * parts));
            copy.set(JAVA_LONG, 16L * parts + 8, length);
            left -= length;
            parts++;
        }
        return copy.asSlice(0, 16L * parts);
    }

    private synchronized void lose(int zone) {
        plugLost[zone] = true;
    }

    private int readable(long offset) {
        return zoneBytes != 0 && conditions[zoneOf(offset)] == OFFLINE ? EIO : 0;
    }

    /** What null_blk says to a write, and what it does to the zone. */
    private int admit(long offset, long length) {
        if (zoneBytes == 0 || !sequential(zoneOf(offset))) {
            return 0;
        }
        int zone = zoneOf(offset);
        boolean refused = plugLost[zone]
                || conditions[zone] == FULL
                || conditions[zone] == READ_ONLY
                || conditions[zone] == OFFLINE
                || offset != pointers[zone]
                || offset + length > end(zone);
        if (refused) {
            plugLost[zone] = true;
            return EIO;
        }
        int limit = conditions[zone] == EMPTY || conditions[zone] == CLOSED ? resources(conditions[zone]) : 0;
        if (limit != 0) {
            return limit;
        }
        if (conditions[zone] != EXPLICIT_OPEN) {
            conditions[zone] = IMPLICIT_OPEN;
        }
        pointers[zone] += length;
        if (pointers[zone] == end(zone)) {
            conditions[zone] = FULL;
        }
        return 0;
    }

    private int resources(int from) {
        long open = Arrays.stream(conditions)
                .filter(c -> c == IMPLICIT_OPEN || c == EXPLICIT_OPEN)
                .count();
        long active = open + Arrays.stream(conditions).filter(c -> c == CLOSED).count();
        if (from == EMPTY && maxActive != 0 && active >= maxActive) {
            return Errno.EOVERFLOW.number();
        }
        if (maxOpen == 0 || open < maxOpen) {
            return 0;
        }
        for (int zone = 0; zone < conditions.length; zone++) {
            if (conditions[zone] == IMPLICIT_OPEN) {
                conditions[zone] = CLOSED;
                return 0;
            }
        }
        return Errno.ETOOMANYREFS.number();
    }

    int flush() {
        int refused = arrive("fdatasync", "");
        Fault fault = fault("fdatasync");
        return refused != 0 ? -refused : fault == null ? 0 : -fault.errno;
    }

    int allocate(int mode, long offset, long length) {
        int refused = arrive("fallocate", " mode " + mode + " " + offset + "+" + length);
        Fault fault = fault("fallocate");
        if (refused != 0 || fault != null) {
            return fault == null ? -refused : -fault.errno;
        }
        return real.fallocate(backing, 3, offset, length);
    }

    int control(long request, MemorySegment argument) {
        String name = NAMES.getOrDefault(request, "ioctl " + Long.toHexString(request));
        boolean ranged = name.equals("BLKDISCARD") || name.equals("BLKZEROOUT");
        boolean action = name.endsWith("ZONE") && !name.startsWith("BLKREPORT");
        String what = "";
        if (ranged || action) {
            long unit = ranged ? 1 : 512;
            what = " " + argument.get(JAVA_LONG, 0) * unit + "+" + argument.get(JAVA_LONG, 8) * unit;
        } else if (name.startsWith("BLKREPORT")) {
            what = " " + argument.get(JAVA_LONG, 0) * 512 + " zones " + argument.get(JAVA_INT, 8);
        }
        int refused = arrive(name, what);
        Fault fault = fault(name);
        if (refused != 0 || fault != null) {
            return fault == null ? -refused : -fault.errno;
        }
        synchronized (this) {
            return carryOut(request, argument);
        }
    }

    private int carryOut(long request, MemorySegment argument) {
        if (request == BLKGETSIZE64) {
            argument.set(JAVA_LONG, 0, bytes);
        } else if (request == BLKSSZGET) {
            argument.set(JAVA_INT, 0, block);
        } else if (request == BLKROGET) {
            argument.set(JAVA_INT, 0, 0);
        } else if (request == BLKGETZONESZ) {
            argument.set(JAVA_INT, 0, (int) (zoneBytes / 512));
        } else if (request == BLKGETNRZONES) {
            argument.set(JAVA_INT, 0, conditions.length);
        } else if (request == BLKREPORTZONE || (request == BLKREPORTZONEV2 && cachedReports)) {
            report(argument, request == BLKREPORTZONEV2 && argument.get(JAVA_INT, 12) == 1 << 31);
        } else if (request == BLKDISCARD) {
            return real.fallocate(backing, 3, argument.get(JAVA_LONG, 0), argument.get(JAVA_LONG, 8));
        } else if (request == BLKZEROOUT) {
            long start = argument.get(JAVA_LONG, 0);
            long length = argument.get(JAVA_LONG, 8);
            int refusal = admit(start, length);
            return refusal != 0 ? -refusal : real.fallocate(backing, 3, start, length);
        } else if (request == BLKOPENZONE
                || request == BLKCLOSEZONE
                || request == BLKFINISHZONE
                || request == BLKRESETZONE) {
            return -actions(request, argument.get(JAVA_LONG, 0) * 512, argument.get(JAVA_LONG, 8) * 512);
        } else {
            return -Errno.ENOTTY.number();
        }
        return 0;
    }

    private void report(MemorySegment argument, boolean cached) {
        int zone = zoneOf(argument.get(JAVA_LONG, 0) * 512);
        int room = Math.min(argument.get(JAVA_INT, 8), mostZonesPerReport);
        int count = 0;
        for (; count < room && zone < conditions.length; count++, zone++) {
            MemorySegment entry = argument.asSlice(16 + 64L * count, 64);
            entry.fill((byte) 0);
            long start = zone * zoneBytes;
            long length = Math.min(zoneBytes, bytes - start);
            plugLost[zone] = false;
            int condition = conditions[zone];
            boolean active = condition >= IMPLICIT_OPEN && condition <= CLOSED;
            entry.set(JAVA_LONG, 0, start / 512);
            entry.set(JAVA_LONG, 8, length / 512);
            entry.set(JAVA_LONG, 16, condition == FULL ? (start + length) / 512 : pointers[zone] >> 9);
            entry.set(JAVA_BYTE, 24, (byte) (zone < conventional ? 1 : 2));
            entry.set(JAVA_BYTE, 25, (byte) (cached && active ? 0xFF : condition));
            entry.set(JAVA_LONG, 32, zone < conventional ? length / 512 : Math.min(capacity, length) / 512);
        }
        argument.set(JAVA_INT, 8, count);
        argument.set(JAVA_INT, 12, 1);
    }

    private int actions(long request, long start, long length) {
        boolean all = start == 0 && length == bytes && request == BLKRESETZONE;
        if (length <= 0
                || start % zoneBytes != 0
                || start + length > bytes
                || (length % zoneBytes != 0 && start + length != bytes)) {
            return Errno.EINVAL.number();
        }
        for (int zone = zoneOf(start); zone < zoneOf(start + length - 1) + 1; zone++) {
            boolean skipped =
                    all && (zone < conventional || conditions[zone] == READ_ONLY || conditions[zone] == OFFLINE);
            int error = skipped ? 0 : action(request, zone);
            if (error != 0) {
                return error;
            }
        }
        return 0;
    }

    private int action(long request, int zone) {
        int condition = conditions[zone];
        if (zone < conventional || condition == READ_ONLY || condition == OFFLINE) {
            return EIO;
        }
        long start = zone * zoneBytes;
        if (request == BLKRESETZONE) {
            conditions[zone] = EMPTY;
            pointers[zone] = start;
            plugLost[zone] = false;
            return -erase(zone);
        }
        if (request == BLKFINISHZONE) {
            long written = condition == FULL ? end(zone) : pointers[zone];
            conditions[zone] = FULL;
            pointers[zone] = end(zone);
            // null_blk has nothing there, and gives zeroes below a write pointer.
            return written == end(zone) ? 0 : -real.fallocate(backing, 3, written, end(zone) - written);
        }
        if (request == BLKOPENZONE) {
            if (condition == FULL) {
                return EIO;
            }
            int limit = condition == EMPTY || condition == CLOSED ? resources(condition) : 0;
            conditions[zone] = limit == 0 ? EXPLICIT_OPEN : condition;
            return limit;
        }
        if (condition == EMPTY || condition == FULL) {
            return EIO;
        }
        conditions[zone] = pointers[zone] == start ? EMPTY : CLOSED;
        return 0;
    }

    private boolean sequential(int zone) {
        return zone >= conventional;
    }

    private int zoneOf(long offset) {
        return (int) (offset / zoneBytes);
    }

    private long end(int zone) {
        return zone * zoneBytes + Math.min(capacity, bytes - zone * zoneBytes);
    }
}
