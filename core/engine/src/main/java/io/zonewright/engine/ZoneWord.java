package io.zonewright.engine;

import io.zonewright.api.zone.ZoneCondition;
import io.zonewright.api.zone.ZoneType;

/**
 * Layout of the 64 bits that are all of a zone that others may see at any time, so that one load gives a consistent
 * picture.
 *
 * <pre>
 *  bits  0-30  committed write pointer, logical blocks from the zone's start; also the end of the readable data of a
 *              sequential-write-required zone, and therefore left where it was when a zone is finished
 *  bit     31  lock
 *  bits 32-34  condition
 *  bits 35-36  type, never changes
 *  bits 37-38  what runs alone, without a lane: one of the RUN_ values
 *  bit     39  the zone has a lane
 *  bit     40  written again since it was opened or last passed over by an eviction (second chance)
 *  bit     41  the medium may hold data above the write pointer that was never acknowledged
 *  bits 42-58  number of the lane
 *  bit     59  the zone is in the replay window: nothing new was written since the start, or since a client was lost
 *  bit     60  the zone has a descriptor extension, see {@link ZoneExtensions}
 *  bit     61  the zone has a random write area
 *  bit     62  never stored: see {@link #INSTANT}
 *  bit     63  0, so that a negative number can say "no word"
 * </pre>
 */
final class ZoneWord {
    static final long WRITE_POINTER = 0x7fff_ffffL;
    static final long LOCK = 1L << 31;
    static final long LANE = 1L << 39;
    static final long REFERENCED = 1L << 40;
    static final long DIRTY = 1L << 41;
    static final long REPLAY = 1L << 59;
    static final long EXTENSION = 1L << 60;
    static final long AREA = 1L << 61;

    /** Mark on a word that admission hands back: the request is done, nothing goes to the medium. */
    static final long INSTANT = 1L << 62;

    /** Nothing runs outside a lane. */
    static final int RUN_NONE = 0;
    /** A write whose commit and acknowledgement keep the order of admission. */
    static final int RUN_ORDERED = 1;
    /** A write of which others do not depend: a native append, or any write to a sequential-write-preferred zone. */
    static final int RUN_UNORDERED = 2;
    /** A zone action: alone in its zone. */
    static final int RUN_BARRIER = 3;

    static final int MAX_LANES = 1 << 17;

    private static final int CONDITION_SHIFT = 32;
    private static final long CONDITION = 7L << CONDITION_SHIFT;
    private static final int TYPE_SHIFT = 35;
    private static final int RUN_SHIFT = 37;
    private static final long RUN = 3L << RUN_SHIFT;
    private static final int LANE_SHIFT = 42;
    private static final long LANE_NUMBER = (MAX_LANES - 1L) << LANE_SHIFT;

    private static final ZoneCondition[] CONDITIONS = ZoneCondition.values();
    private static final ZoneType[] TYPES = ZoneType.values();

    private ZoneWord() {}

    static long of(ZoneType type, ZoneCondition condition, int writePointer) {
        return ((long) type.ordinal() << TYPE_SHIFT) | ((long) condition.ordinal() << CONDITION_SHIFT) | writePointer;
    }

    static int writePointer(long word) {
        return (int) (word & WRITE_POINTER);
    }

    static long withWritePointer(long word, int blocks) {
        return (word & ~WRITE_POINTER) | blocks;
    }

    /** Whether an open zone holds nothing at all, so that closing it may make it empty. */
    static boolean unwritten(long word) {
        return (word & (WRITE_POINTER | EXTENSION | AREA)) == 0;
    }

    static boolean hasArea(long word) {
        return (word & AREA) != 0;
    }

    static ZoneCondition condition(long word) {
        return CONDITIONS[(int) (word >>> CONDITION_SHIFT) & 7];
    }

    static long withCondition(long word, ZoneCondition condition) {
        return (word & ~CONDITION) | ((long) condition.ordinal() << CONDITION_SHIFT);
    }

    static ZoneType type(long word) {
        return TYPES[(int) (word >>> TYPE_SHIFT) & 3];
    }

    /** Nothing in flight and nothing waiting. */
    static boolean idle(long word) {
        return (word & (RUN | LANE)) == 0;
    }

    static int run(long word) {
        return (int) (word >>> RUN_SHIFT) & 3;
    }

    static long withRun(long word, int run) {
        return (word & ~RUN) | ((long) run << RUN_SHIFT);
    }

    static boolean hasLane(long word) {
        return (word & LANE) != 0;
    }

    static int lane(long word) {
        return (int) ((word & LANE_NUMBER) >>> LANE_SHIFT);
    }

    static long withLane(long word, int number) {
        return (word & ~(LANE_NUMBER | RUN)) | ((long) number << LANE_SHIFT) | LANE;
    }

    static long withoutLane(long word) {
        return word & ~(LANE_NUMBER | LANE);
    }

    static boolean dirty(long word) {
        return (word & DIRTY) != 0;
    }
}
