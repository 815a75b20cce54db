package io.zonewright.engine;

import io.zonewright.api.request.DeviceRequest;
import io.zonewright.api.request.Operation;
import io.zonewright.api.result.Cause;
import io.zonewright.api.spi.Capabilities;
import io.zonewright.api.zone.ZoneCondition;
import io.zonewright.api.zone.ZoneFeatures;
import io.zonewright.api.zone.ZoneGeometry;
import io.zonewright.api.zone.ZoneRules;
import io.zonewright.api.zone.ZoneType;

/**
 * What is decided under a sequential zone's lock: who is admitted, where an append goes, what a completion commits.
 * Methods take the zone's word and give the new one back, which the caller stores when it unlocks; a refusal comes back
 * as the complement of the {@link io.zonewright.api.result.Causes}, which is negative. Nothing here touches data.
 */
final class ZoneLogic {
    private final ZoneTable table;
    private final OpenResources resources;
    private final ZoneRules rules;
    private final boolean ownRules;
    private final boolean nativeAppend;
    private final int granularity;
    private final int blockShift;
    private final ZoneExtensions extensions;

    /** Size and flush granularity of a random write area, in logical blocks; 0 where there are none. */
    private final int areaBlocks;

    private final int flushBlocks;

    ZoneLogic(
            ZoneTable table,
            OpenResources resources,
            ZoneRules rules,
            ZoneGeometry geometry,
            Capabilities capabilities,
            ZoneFeatures features,
            ZoneExtensions extensions) {
        this.table = table;
        this.resources = resources;
        this.rules = rules;
        ownRules = capabilities.ownZoneRules();
        nativeAppend = capabilities.nativeAppend();
        granularity = geometry.writeGranularity();
        blockShift = table.blockShift();
        this.extensions = extensions;
        areaBlocks = (int) (features.areaBytes() >> blockShift);
        flushBlocks = (int) (features.areaFlushBytes() >> blockShift);
    }

    /** The kind of run, one of {@link ZoneWord}'s RUN_ values, that {@code operation} is in a zone with this word. */
    int runOf(Operation operation, long word) {
        if (operation.zoneAction()) {
            return ZoneWord.RUN_BARRIER;
        }
        boolean unordered = ZoneWord.type(word) == ZoneType.SEQUENTIAL_WRITE_PREFERRED
                || ZoneWord.hasArea(word)
                || (operation == Operation.APPEND && nativeAppend);
        return unordered ? ZoneWord.RUN_UNORDERED : ZoneWord.RUN_ORDERED;
    }

    /** Lets a request begin whose turn it is. With {@link ZoneWord#INSTANT} in the answer, that was all of it. */
    long admit(DeviceRequest request, int zone, long word) {
        Operation operation = request.operation();
        if (operation.zoneAction()) {
            return admitAction(request, zone, word);
        }
        if (ZoneWord.hasArea(word)) {
            return admitToArea(request, zone, word);
        }
        return operation == Operation.APPEND ? admitAppend(request, zone, word) : admitWrite(request, zone, word);
    }

    private long admitWrite(DeviceRequest request, int zone, long word) {
        int from = (int) ((request.offset() - table.start(zone)) >> blockShift);
        int blocks = (int) (request.length() >> blockShift);
        int reserved = table.reserved(zone, word);
        if (ownRules) {
            if (from != reserved) {
                // It will fail, or tell that the mirror is old; appends go where they went.
                return word;
            }
            table.setReserved(zone, from + blocks);
            return word & ~ZoneWord.REPLAY;
        }
        ZoneCondition condition = ZoneWord.condition(word);
        boolean required = ZoneWord.type(word) == ZoneType.SEQUENTIAL_WRITE_REQUIRED;
        if (required
                ? !condition.writable() || from != reserved
                : !condition.writable() && condition != ZoneCondition.FULL) {
            return ~(writeCauses(zone, word, reserved, request.offset(), request.length(), Operation.WRITE)
                    | limitCauses(zone, word, reserved));
        }
        long opened = open(zone, word, condition);
        if (opened >= 0 && required) {
            table.setReserved(zone, reserved + blocks);
        }
        return opened;
    }

    private long admitAppend(DeviceRequest request, int zone, long word) {
        int blocks = (int) (request.length() >> blockShift);
        int reserved = table.reserved(zone, word);
        if (!ownRules) {
            ZoneCondition condition = ZoneWord.condition(word);
            if (!condition.writable() || blocks > table.capacityBlocks(zone) - reserved) {
                return ~(writeCauses(zone, word, reserved, request.offset(), request.length(), Operation.APPEND)
                        | limitCauses(zone, word, reserved));
            }
            word = open(zone, word, condition);
            if (word < 0) {
                return word;
            }
        } else if (!nativeAppend && blocks > table.capacityBlocks(zone) - reserved) {
            // There is no place to name to the medium.
            return ~writeCauses(zone, word, reserved, request.offset(), request.length(), Operation.APPEND);
        }
        if (!nativeAppend) {
            request.retarget(Operation.WRITE, table.start(zone) + ((long) reserved << blockShift));
        }
        table.setReserved(zone, (int) Math.min(Integer.MAX_VALUE, (long) reserved + blocks));
        return word & ~ZoneWord.REPLAY;
    }

    /**
     * A write into a random write area does not depend on those before it. One that ends beyond the area flushes as
     * much of it as makes room, here and now: the flush is the zone's own doing and stays done if the write fails.
     */
    private long admitToArea(DeviceRequest request, int zone, long word) {
        ZoneCondition condition = ZoneWord.condition(word);
        int pointer = ZoneWord.writePointer(word);
        long causes = writeCauses(zone, word, pointer, request.offset(), request.length(), request.operation());
        if (causes != 0) {
            return ~(causes | limitCauses(condition));
        }
        long opened = open(zone, word, condition);
        if (opened < 0) {
            return opened;
        }
        long end = (request.offset() + request.length() - table.start(zone)) >> blockShift;
        long beyond = end - pointer - areaBlocks;
        if (beyond <= 0) {
            return opened;
        }
        long granules = (beyond + flushBlocks - 1) / flushBlocks;
        return ZoneWord.withWritePointer(opened, (int) (pointer + granules * flushBlocks));
    }

    private long admitAction(DeviceRequest request, int zone, long word) {
        Operation operation = request.operation();
        ZoneCondition from = ZoneWord.condition(word);
        if (operation == Operation.ZONE_SET_OFFLINE
                && request.onlyIfReadOnly()
                && from != ZoneCondition.READ_ONLY
                && from != ZoneCondition.OFFLINE) {
            return ~Cause.NOT_APPLICABLE.bit();
        }
        if (ownRules) {
            return word;
        }
        boolean oneOfAll = request instanceof AllZonesAction;
        if (request instanceof AllZonesAction all && !all.applies(word)) {
            return ~Cause.NOT_APPLICABLE.bit();
        }
        Transition transition = ZoneTransitions.next(from, eventOf(operation), ZoneWord.unwritten(word), rules);
        if (wantsArea(request) && from != ZoneCondition.EMPTY && conditionCauses(from) == 0) {
            long verdict = transition.cause().success() ? 0 : transition.cause().bit();
            return ~(verdict | Cause.AREA_NOT_APPLICABLE.bit());
        }
        if (operation == Operation.ZONE_RESET && transition.cause() == Cause.ALREADY_SO && ZoneWord.dirty(word)) {
            return word;
        }
        if (transition.cause() != Cause.DONE) {
            return ~transition.cause().bit();
        }
        if (operation == Operation.ZONE_RESET) {
            return word;
        }
        if (operation == Operation.ZONE_FINISH) {
            long refused = ZoneTransitions.finishNeedsResources(from, rules) ? pass(from) : 0;
            return refused == 0 ? word : ~refused;
        }
        if (operation == Operation.ZONE_FLUSH_AREA) {
            return flushArea(request.length(), zone, word);
        }
        boolean area = wantsArea(request);
        boolean kept = oneOfAll && operation == Operation.ZONE_OPEN;
        long refused = take(zone, from, transition.to(), area, kept);
        if (refused != 0) {
            return ~refused;
        }
        long taken = become(zone, word, transition.to()) | (area ? ZoneWord.AREA : 0);
        return clearsFirst(request, taken) || operation == Operation.ZONE_SET_EXTENSION
                ? taken
                : taken | ZoneWord.INSTANT;
    }

    /**
     * Whether an empty zone that this action gives a random write area has to be cleared on the medium first: what a
     * failed write may have left above the pointer must not be read in the area, nor below a pointer that passed it.
     */
    static boolean clearsFirst(DeviceRequest action, long admitted) {
        return wantsArea(action) && ZoneWord.dirty(admitted);
    }

    /** Whether an action asks for a random write area; on others the flag means nothing. */
    static boolean wantsArea(DeviceRequest action) {
        return action.randomWriteArea()
                && (action.operation() == Operation.ZONE_OPEN || action.operation() == Operation.ZONE_SET_EXTENSION);
    }

    /** An explicit flush up to {@code bytes} from the zone's start. */
    private long flushArea(long bytes, int zone, long word) {
        int pointer = ZoneWord.writePointer(word);
        int capacity = table.capacityBlocks(zone);
        long target = bytes >> blockShift;
        boolean there = ZoneWord.hasArea(word)
                && (bytes & blockMask()) == 0
                && target > pointer
                && target <= Math.min((long) pointer + areaBlocks, capacity)
                && (target % flushBlocks == 0 || target == capacity);
        if (!there) {
            return ~Cause.AREA_NOT_APPLICABLE.bit();
        }
        ZoneCondition condition = ZoneWord.condition(word);
        long opened = open(zone, word, condition);
        if (opened < 0) {
            return opened;
        }
        long flushed = ZoneWord.withWritePointer(opened, (int) target);
        if (target == capacity) {
            flushed = follow(zone, flushed, ZoneWord.condition(flushed), ZoneEvent.FILL);
        }
        return flushed | ZoneWord.INSTANT;
    }

    /**
     * Takes back what admission gave to an action that needed the medium, or the payload, and did not get it: the zone,
     * in which nothing else could happen meanwhile, is empty again.
     */
    long undo(int zone, long word) {
        resources.move(zone, ZoneWord.condition(word), ZoneCondition.EMPTY);
        extensions.drop(zone);
        return become(zone, word, ZoneCondition.EMPTY);
    }

    /**
     * A write or append, of which the medium moved everything, counts from now on.
     *
     * @return the new word, or the complement of {@link Cause#INTERNAL_ERROR} if the medium placed an append where it
     *     cannot be
     */
    long commit(DeviceRequest request, int zone, long word) {
        long position = position(request) - table.start(zone);
        long end = position + request.length();
        if (position < 0 || end > (long) table.capacityBlocks(zone) << blockShift || (end & blockMask()) != 0) {
            return ~Cause.INTERNAL_ERROR.bit();
        }
        return commitTo(zone, word, (int) (end >> blockShift));
    }

    /**
     * A write or append failed or fell short: what counts is what the medium moved, in whole granules (whole blocks of
     * a sequential-write-preferred zone, where a client may go on anywhere). Corrects {@link DeviceRequest#transferred}
     * to that.
     */
    long commitPart(DeviceRequest request, int zone, long word) {
        boolean required = ZoneWord.type(word) == ZoneType.SEQUENTIAL_WRITE_REQUIRED;
        long unit = required ? granularityMask() : blockMask();
        long moved = Math.clamp(request.transferred(), 0, request.length()) & ~unit;
        request.setTransferred(moved);
        long dirty = word | ZoneWord.DIRTY;
        if (moved == 0 || (nativeAppend && request.operation() == Operation.APPEND)) {
            return dirty;
        }
        long end = position(request) + moved - table.start(zone);
        return commitTo(zone, dirty, (int) (end >> blockShift));
    }

    private long commitTo(int zone, long word, int end) {
        ZoneCondition condition = ZoneWord.condition(word);
        if (ownRules) {
            word = follow(zone, word, condition, ZoneEvent.WRITE);
            condition = ZoneWord.condition(word);
        }
        if (end > ZoneWord.writePointer(word) && !ZoneWord.hasArea(word)) {
            word = ZoneWord.withWritePointer(word, end);
            if (end == table.capacityBlocks(zone)) {
                word = follow(zone, word, condition, ZoneEvent.FILL);
            }
        }
        return word;
    }

    /** The medium carried out a zone action. Sets the request's result. */
    long commitAction(DeviceRequest request, int zone, long word) {
        Operation operation = request.operation();
        ZoneCondition from = ZoneWord.condition(word);
        if (ownRules) {
            if (request.cause() == Cause.ALREADY_SO) {
                return word;
            }
        } else if (from == ZoneCondition.EMPTY && operation == Operation.ZONE_RESET) {
            request.setCauses(Cause.ALREADY_SO.bit());
        } else if (operation == Operation.ZONE_OPEN || operation == Operation.ZONE_SET_EXTENSION) {
            long clean = clearsFirst(request, word) ? word & ~ZoneWord.DIRTY : word;
            return operation == Operation.ZONE_OPEN ? clean : clean | ZoneWord.EXTENSION;
        }
        return operation == Operation.ZONE_RESET ? reset(zone, word) : follow(zone, word, from, eventOf(operation));
    }

    /** The medium reset a zone, if it could. */
    long reset(int zone, long word) {
        long after = follow(zone, word, ZoneWord.condition(word), ZoneEvent.RESET);
        return ZoneWord.condition(after) == ZoneCondition.EMPTY ? clean(ZoneWord.withWritePointer(after, 0)) : after;
    }

    /** Without the marks of what was written before a reset. */
    static long clean(long word) {
        return word & ~(ZoneWord.DIRTY | ZoneWord.REPLAY);
    }

    /**
     * Whether a request may be a write that a client sends once more, since it does not know that it landed: the zone is
     * in the replay window and the write begins below what is written, or will be when all in flight is done. If it ends
     * above, its first part alone may have landed, and the rest is still to be written.
     */
    boolean mayBeReplay(DeviceRequest request, int zone, long word) {
        if ((word & ZoneWord.REPLAY) == 0) {
            return false;
        }
        Operation operation = request.operation();
        ZoneCondition condition = ZoneWord.condition(word);
        if ((operation != Operation.WRITE && operation != Operation.WRITE_ZEROES)
                || ZoneWord.type(word) != ZoneType.SEQUENTIAL_WRITE_REQUIRED
                || condition == ZoneCondition.OFFLINE) {
            return false;
        }
        return written(request, zone, word) > 0;
    }

    /** How many bytes of a write lie below what is written; with a random write area all of them or none. */
    long written(DeviceRequest request, int zone, long word) {
        long below = table.start(zone) + ((long) pointer(zone, word) << blockShift) - request.offset();
        return below < request.length() && ZoneWord.hasArea(word) ? 0 : Math.clamp(below, 0, request.length());
    }

    /**
     * Why a request failed of which a medium with rules of its own says no more than that, now that it has told how the
     * zone stands. What the medium says more exactly is left as it is.
     *
     * @param known blocks written as they were known before the medium was asked
     */
    void explain(DeviceRequest request, int zone, long word, int known) {
        if (request.cause() != Cause.MEDIUM_ERROR) {
            return;
        }
        ZoneCondition condition = ZoneWord.condition(word);
        long causes = conditionCauses(condition);
        Operation operation = request.operation();
        if (causes == 0 && !operation.zoneAction()) {
            boolean append = operation == Operation.APPEND;
            long place = append ? request.placement() : request.offset();
            long pointer = table.start(zone) + ((long) ZoneWord.writePointer(word) << blockShift);
            // A write that landed in part is the medium's failure, whatever it says of the part; so is one at the
            // pointer.
            boolean inPart = place == table.start(zone) + ((long) known << blockShift)
                    && pointer > place
                    && pointer < place + request.length();
            boolean there = inPart || pointer == place || pointer == place + request.transferred();
            if (condition == ZoneCondition.FULL && !there) {
                causes = Cause.ZONE_FULL.bit();
            } else if (append && !there) {
                causes = writeCauses(
                        zone, word, ZoneWord.writePointer(word), request.offset(), request.length(), operation);
            } else if (!there && ZoneWord.type(word) == ZoneType.SEQUENTIAL_WRITE_REQUIRED) {
                causes = Cause.NOT_AT_WRITE_POINTER.bit();
            }
        }
        if (causes != 0) {
            request.setCauses(causes);
            request.setTransferred(0);
        }
    }

    /** Whether a failed append, of which nothing landed, has room at a pointer that is not where it was placed. */
    boolean mayPlaceAgain(DeviceRequest request, int zone, long word) {
        Cause cause = request.cause();
        boolean displaced =
                cause == Cause.MEDIUM_ERROR || cause == Cause.NOT_AT_WRITE_POINTER || cause == Cause.PREDECESSOR_FAILED;
        if (nativeAppend || request.operation() != Operation.APPEND || !displaced || request.transferred() != 0) {
            return false;
        }
        int pointer = ZoneWord.writePointer(word);
        long blocks = request.length() >> blockShift;
        return ZoneWord.condition(word).writable()
                && blocks <= table.capacityBlocks(zone) - pointer
                && request.placement() != table.start(zone) + ((long) pointer << blockShift);
    }

    /** Everything that stands against a write as its zone is now, limits included. */
    long refusal(DeviceRequest request, int zone, long word) {
        int pointer = pointer(zone, word);
        return writeCauses(zone, word, pointer, request.offset(), request.length(), request.operation())
                | limitCauses(zone, word, pointer);
    }

    private int pointer(int zone, long word) {
        return ZoneWord.hasArea(word) ? ZoneWord.writePointer(word) : table.reserved(zone, word);
    }

    /** Makes the zone what a medium with rules of its own says it is. */
    long mirror(int zone, long word, ZoneCondition condition, long capacity, long writePointer) {
        long length = (long) table.lengthBlocks(zone) << blockShift;
        long usable = Math.clamp(capacity, 0, length);
        table.setCapacity(zone, (int) (usable >> blockShift));
        ZoneCondition from = ZoneWord.condition(word);
        resources.move(zone, from, condition);
        long told = Math.clamp(writePointer - table.start(zone), 0, usable);
        long written = condition == ZoneCondition.EMPTY ? 0 : condition.active() ? told : usable;
        return ZoneWord.withWritePointer(ZoneWord.withCondition(word, condition), (int) (written >> blockShift));
    }

    /**
     * Everything that stands against a write or append as the zone is now, limits aside.
     *
     * @param reserved the zone's reserved write pointer
     * @param offset as in the request: of an append, the zone's start
     */
    long writeCauses(int zone, long word, int reserved, long offset, long length, Operation operation) {
        boolean append = operation == Operation.APPEND;
        ZoneCondition condition = ZoneWord.condition(word);
        long causes = conditionCauses(condition);
        boolean required = ZoneWord.type(word) == ZoneType.SEQUENTIAL_WRITE_REQUIRED;
        long start = table.start(zone);
        long size = (long) table.lengthBlocks(zone) << blockShift;
        long capacity = (long) table.capacityBlocks(zone) << blockShift;
        boolean area = ZoneWord.hasArea(word);
        long place = (long) (area ? ZoneWord.writePointer(word) : reserved) << blockShift;
        long from = append ? place : offset - start;
        boolean full = full(zone, word, reserved);
        if (required && full) {
            causes |= Cause.ZONE_FULL.bit();
        }
        // Written so that nothing overflows, whatever the length.
        if (length > size - from && (required || append)) {
            causes |= Cause.CROSSES_ZONE_BOUNDARY.bit();
        }
        if (length > capacity - from && (append || capacity < size)) {
            causes |= Cause.BEYOND_ZONE_CAPACITY.bit();
        }
        if (required && ((append ? length : offset | length) & granularityMask()) != 0) {
            causes |= Cause.UNALIGNED_WRITE.bit();
        }
        if (area) {
            long reach = place + 2L * ((long) areaBlocks << blockShift);
            if (append) {
                causes |= Cause.AREA_NOT_APPLICABLE.bit();
            } else if (from < place || length > reach - from) {
                causes |= Cause.NOT_AT_WRITE_POINTER.bit();
            }
        } else if (!append && required && (full || condition.writable()) && from != (full ? size : place)) {
            causes |= Cause.NOT_AT_WRITE_POINTER.bit();
        }
        return causes;
    }

    /** Whether the zone is full, or will be when the writes in flight are done. */
    private boolean full(int zone, long word, int reserved) {
        ZoneCondition condition = ZoneWord.condition(word);
        return condition == ZoneCondition.FULL
                || (condition.writable()
                        && ZoneWord.type(word) == ZoneType.SEQUENTIAL_WRITE_REQUIRED
                        && !ZoneWord.hasArea(word)
                        && reserved == table.capacityBlocks(zone));
    }

    /** Limits that a write to a zone with this word would hit now. */
    long limitCauses(int zone, long word, int reserved) {
        return full(zone, word, reserved) ? 0 : limitCauses(ZoneWord.condition(word));
    }

    /** Limits that a write to a zone in this condition would hit now. */
    private long limitCauses(ZoneCondition condition) {
        return condition.writable() ? resources.refusal(condition, ZoneCondition.IMPLICIT_OPEN) : 0;
    }

    /** {@link Cause#ZONE_OFFLINE} or {@link Cause#ZONE_READ_ONLY} if it is so. */
    static long conditionCauses(ZoneCondition condition) {
        return switch (condition) {
            case OFFLINE -> Cause.ZONE_OFFLINE.bit();
            case READ_ONLY -> Cause.ZONE_READ_ONLY.bit();
            case NOT_WRITE_POINTER, EMPTY, IMPLICIT_OPEN, EXPLICIT_OPEN, CLOSED, FULL -> 0;
        };
    }

    static ZoneEvent eventOf(Operation action) {
        return switch (action) {
            case ZONE_OPEN -> ZoneEvent.OPEN;
            case ZONE_CLOSE -> ZoneEvent.CLOSE;
            case ZONE_FINISH -> ZoneEvent.FINISH;
            case ZONE_RESET -> ZoneEvent.RESET;
            case ZONE_SET_EXTENSION -> ZoneEvent.SET_EXTENSION;
            case ZONE_FLUSH_AREA -> ZoneEvent.FLUSH_AREA;
            case ZONE_SET_READ_ONLY -> ZoneEvent.SET_READ_ONLY;
            case ZONE_SET_OFFLINE -> ZoneEvent.SET_OFFLINE;
            case READ, WRITE, APPEND, FLUSH, WRITE_ZEROES, DISCARD, ZONE_REPORT ->
                throw new IllegalArgumentException("not a zone action: " + action);
        };
    }

    private long open(int zone, long word, ZoneCondition condition) {
        if (condition.open()) {
            return (word | ZoneWord.REFERENCED) & ~ZoneWord.REPLAY;
        }
        if (condition == ZoneCondition.FULL) {
            return word;
        }
        long refused = take(zone, condition, ZoneCondition.IMPLICIT_OPEN, false, false);
        return refused == 0
                ? ZoneWord.withCondition(word & ~(ZoneWord.REFERENCED | ZoneWord.REPLAY), ZoneCondition.IMPLICIT_OPEN)
                : ~refused;
    }

    private long follow(int zone, long word, ZoneCondition from, ZoneEvent event) {
        Transition transition = ZoneTransitions.next(from, event, ZoneWord.unwritten(word), rules);
        if (transition.to() == from) {
            return word;
        }
        resources.move(zone, from, transition.to());
        return become(zone, word, transition.to());
    }

    /**
     * The word in another condition, with what goes along with it: a random write area belongs to an active zone, and
     * what was written into it can be read afterwards; an extension goes with the data.
     */
    private long become(int zone, long word, ZoneCondition to) {
        long changed = ZoneWord.withCondition(word, to);
        if ((changed & (ZoneWord.AREA | ZoneWord.EXTENSION)) == 0) {
            return changed;
        }
        if (ZoneWord.hasArea(changed) && !to.active()) {
            resources.areaFree();
            changed = ZoneWord.withWritePointer(changed & ~ZoneWord.AREA, table.capacityBlocks(zone));
        }
        if (to == ZoneCondition.EMPTY || to == ZoneCondition.OFFLINE) {
            extensions.drop(zone);
            changed &= ~ZoneWord.EXTENSION;
        }
        return to == ZoneCondition.EMPTY ? ZoneWord.withWritePointer(changed, 0) : changed;
    }

    private long take(int zone, ZoneCondition from, ZoneCondition to, boolean area, boolean kept) {
        long answer = resources.tryMove(zone, from, to, area, kept);
        for (int round = 0; answer == OpenResources.RETRY; round++) {
            Backoff.pause(round);
            answer = resources.tryMove(zone, from, to, area, kept);
        }
        return answer;
    }

    private long pass(ZoneCondition from) {
        long answer = resources.tryPass(from);
        for (int round = 0; answer == OpenResources.RETRY; round++) {
            Backoff.pause(round);
            answer = resources.tryPass(from);
        }
        return answer;
    }

    private static long position(DeviceRequest request) {
        return request.operation() == Operation.APPEND ? request.placement() : request.offset();
    }

    private long blockMask() {
        return (1L << blockShift) - 1;
    }

    private long granularityMask() {
        return granularity - 1L;
    }
}
