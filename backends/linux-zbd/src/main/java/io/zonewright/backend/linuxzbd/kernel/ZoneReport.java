package io.zonewright.backend.linuxzbd.kernel;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * {@code struct blk_zone_report} with the zones behind it (linux/blkzoned.h), in native byte order.
 *
 * <pre>
 *  0  __u64 sector    where to begin       16 + 64 i:  0  __u64 start      sectors
 *  8  __u32 nr_zones  room, then count                 8  __u64 len        sectors
 * 12  __u32 flags                                     16  __u64 wp         sectors
 * 16  struct blk_zone zones[]                         24  __u8  type, cond, non_seq, reset, resv[4]
 *                                                     32  __u64 capacity   sectors; only with REP_CAPACITY
 *                                                     40  __u8  reserved[24]
 * </pre>
 *
 * <p>Reusable, for one thread at a time.
 */
public final class ZoneReport {
    static final int HEADER_BYTES = 16;
    static final int ZONE_BYTES = 64;
    static final int SECTOR_AT = 0;
    static final int COUNT_AT = 8;
    static final int FLAGS_AT = 12;
    static final int START_AT = 0;
    static final int LENGTH_AT = 8;
    static final int POINTER_AT = 16;
    static final int TYPE_AT = 24;
    static final int CONDITION_AT = 25;
    static final int CAPACITY_AT = 32;

    /** In the answer's flags: the zones' capacity is filled in (BLK_ZONE_REP_CAPACITY, since Linux 5.9). */
    static final int REP_CAPACITY = 1;

    /** In the flags asked with: what the kernel remembers will do (BLK_ZONE_REP_CACHED). */
    static final int REP_CACHED = 1 << 31;

    // enum blk_zone_type
    static final int TYPE_CONVENTIONAL = 1;
    static final int TYPE_SEQWRITE_REQ = 2;
    static final int TYPE_SEQWRITE_PREF = 3;

    // enum blk_zone_cond
    static final int COND_NOT_WP = 0x0;
    static final int COND_EMPTY = 0x1;
    static final int COND_IMP_OPEN = 0x2;
    static final int COND_EXP_OPEN = 0x3;
    static final int COND_CLOSED = 0x4;
    static final int COND_READONLY = 0xD;
    static final int COND_FULL = 0xE;
    static final int COND_OFFLINE = 0xF;
    /** One of implicitly open, explicitly open and closed; in cached reports only. */
    static final int COND_ACTIVE = 0xFF;

    private final int room;
    private final MemorySegment memory;

    /** Room for so many zones. */
    public ZoneReport(int room) {
        if (room < 1) {
            throw new IllegalArgumentException("no room for zones: " + room);
        }
        this.room = room;
        memory = Arena.ofAuto().allocate(HEADER_BYTES + (long) room * ZONE_BYTES, Long.BYTES);
    }

    /** Most zones of one call. */
    public int room() {
        return room;
    }

    /** Makes it a question for at most {@code zones} zones from byte {@code start} on. */
    MemorySegment ask(long start, int zones, boolean cached) {
        memory.set(JAVA_LONG, SECTOR_AT, start / Sectors.BYTES);
        memory.set(JAVA_INT, COUNT_AT, Math.min(zones, room));
        memory.set(JAVA_INT, FLAGS_AT, cached ? REP_CACHED : 0);
        return memory;
    }

    /** How many zones the kernel gave; what it says is not trusted beyond the room there is. */
    public int count() {
        return (int) Math.min(room, Integer.toUnsignedLong(memory.get(JAVA_INT, COUNT_AT)));
    }

    /** First byte of the zone. */
    public long start(int i) {
        return Sectors.toBytes(memory.get(JAVA_LONG, at(i) + START_AT));
    }

    /** Bytes of the zone. */
    public long length(int i) {
        return Sectors.toBytes(memory.get(JAVA_LONG, at(i) + LENGTH_AT));
    }

    /** Writable bytes of the zone. */
    public long capacity(int i) {
        boolean told = (memory.get(JAVA_INT, FLAGS_AT) & REP_CAPACITY) != 0;
        return told ? Sectors.toBytes(memory.get(JAVA_LONG, at(i) + CAPACITY_AT)) : length(i);
    }

    /** Position of the next write on the device, bytes; anything where the zone has none. */
    public long writePointer(int i) {
        return Sectors.toBytes(memory.get(JAVA_LONG, at(i) + POINTER_AT));
    }

    /** {@code enum blk_zone_type}. */
    public int type(int i) {
        return Byte.toUnsignedInt(memory.get(JAVA_BYTE, at(i) + TYPE_AT));
    }

    /** {@code enum blk_zone_cond}. */
    public int condition(int i) {
        return Byte.toUnsignedInt(memory.get(JAVA_BYTE, at(i) + CONDITION_AT));
    }

    private long at(int i) {
        return HEADER_BYTES + (long) Objects.checkIndex(i, room) * ZONE_BYTES;
    }
}
