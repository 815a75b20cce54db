package io.zonewright.engine;

import io.zonewright.api.zone.ZoneCondition;
import io.zonewright.api.zone.ZoneDescriptor;
import io.zonewright.api.zone.ZoneGeometry;
import io.zonewright.api.zone.ZoneType;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * All zones of one device in primitive arrays: {@value #BYTES_PER_ZONE} bytes each (a word and the reserved write
 * pointer), four more on a medium that places each zone's capacity freely; {@link OpenResources} adds eight where the
 * number of open zones is limited. Positions are logical blocks from the zone's start.
 *
 * <p>The word is locked by a bit of its own, for a handful of loads and stores; readers do not lock. The reserved
 * pointer belongs to whoever holds the lock and means something only while the zone is not idle; of an idle zone the
 * committed pointer is the reserved one.
 */
final class ZoneTable {
    /** Bytes per zone of a device of uniform capacity. */
    static final int BYTES_PER_ZONE = Long.BYTES + Integer.BYTES;

    private static final VarHandle WORD = MethodHandles.arrayElementVarHandle(long[].class);

    private final ZoneGeometry geometry;
    private final int blockShift;
    /** log2 of the zone size, or -1 if it is not a power of two. */
    private final int zoneShift;

    private final int zoneBlocks;
    private final int lastZone;
    private final int lastZoneBlocks;
    private final long[] words;
    private final int[] reserved;
    private int uniformCapacity;
    private volatile int @Nullable [] capacities;

    ZoneTable(ZoneGeometry geometry) {
        this.geometry = geometry;
        blockShift = Integer.numberOfTrailingZeros(geometry.blockSize());
        long size = geometry.zoneSize();
        zoneShift = Long.bitCount(size) == 1 ? Long.numberOfTrailingZeros(size) : -1;
        zoneBlocks = (int) (size >> blockShift);
        lastZone = geometry.zoneCount() - 1;
        lastZoneBlocks = lastZone < 0 ? 0 : (int) (geometry.zoneLength(lastZone) >> blockShift);
        words = new long[geometry.zoneCount()];
        reserved = new int[geometry.zoneCount()];
        uniformCapacity = -1;
    }

    int zones() {
        return words.length;
    }

    int blockShift() {
        return blockShift;
    }

    /** The zone that holds byte {@code offset} of the device. */
    int zoneOf(long offset) {
        return zoneShift >= 0 ? (int) (offset >>> zoneShift) : (int) (offset / geometry.zoneSize());
    }

    /** Bytes from the device's start. */
    long start(int zone) {
        return zone * geometry.zoneSize();
    }

    int lengthBlocks(int zone) {
        return zone == lastZone ? lastZoneBlocks : zoneBlocks;
    }

    int capacityBlocks(int zone) {
        int[] each = capacities;
        if (each != null) {
            return each[zone];
        }
        int length = lengthBlocks(zone);
        return type(zone).sequential() && uniformCapacity >= 0 ? Math.min(uniformCapacity, length) : length;
    }

    ZoneType type(int zone) {
        return ZoneWord.type(words[zone]);
    }

    /** The word as it is now, with everything that was written before it was unlocked. */
    long peek(int zone) {
        return (long) WORD.getAcquire(words, zone);
    }

    /** Waits for the lock, held for a few instructions at most by others, and gives the word. */
    long lock(int zone) {
        int round = 0;
        while (true) {
            long word = tryLock(zone);
            if (word >= 0) {
                return word;
            }
            Backoff.pause(round++);
        }
    }

    /** The word without its lock bit, or -1 if somebody else holds the lock. */
    long tryLock(int zone) {
        long word = (long) WORD.getOpaque(words, zone);
        if ((word & ZoneWord.LOCK) == 0 && WORD.compareAndSet(words, zone, word, word | ZoneWord.LOCK)) {
            return word;
        }
        return -1;
    }

    /** Stores the word and gives the lock back. */
    void unlock(int zone, long word) {
        WORD.setRelease(words, zone, word);
    }

    /** The reserved write pointer of a zone whose lock the caller holds. */
    int reserved(int zone, long word) {
        return ZoneWord.idle(word) ? ZoneWord.writePointer(word) : reserved[zone];
    }

    void setReserved(int zone, int blocks) {
        reserved[zone] = blocks;
    }

    /** First filling, before anybody else sees the table. */
    void load(int zone, ZoneType type, ZoneCondition condition, int capacity, int writePointer) {
        words[zone] = ZoneWord.of(type, condition, writePointer) | ZoneWord.REPLAY;
        if (type.sequential() && uniformCapacity < 0 && zone != lastZone) {
            uniformCapacity = capacity;
        }
        setCapacity(zone, capacity);
    }

    /** For a medium that reports another capacity than the table has; a rare event. */
    synchronized void setCapacity(int zone, int capacity) {
        if (capacityBlocks(zone) == capacity) {
            return;
        }
        int[] each = capacities;
        if (each == null) {
            each = new int[words.length];
            for (int i = 0; i < each.length; i++) {
                each[i] = capacityBlocks(i);
            }
        }
        each[zone] = capacity;
        capacities = each;
    }

    /** Fills {@code into} from one load of the zone's word. */
    void describe(int zone, ZoneDescriptor into) {
        long word = peek(zone);
        ZoneCondition condition = ZoneWord.condition(word);
        long start = start(zone);
        long length = (long) lengthBlocks(zone) << blockShift;
        long capacity = (long) capacityBlocks(zone) << blockShift;
        long written = condition.writable() ? (long) ZoneWord.writePointer(word) << blockShift : length;
        into.set(
                zone,
                ZoneWord.type(word),
                condition,
                start,
                length,
                capacity,
                start + written,
                (word & ZoneWord.EXTENSION) != 0,
                ZoneWord.hasArea(word));
    }
}
