package io.zonewright.engine;

import io.zonewright.api.request.DeviceRequest;
import io.zonewright.api.request.Operation;
import io.zonewright.api.result.Cause;
import io.zonewright.api.spi.Capabilities;
import io.zonewright.api.zone.ZoneCondition;
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

    ZoneLogic(
            ZoneTable table,
            OpenResources resources,
            ZoneRules rules,
            ZoneGeometry geometry,
            Capabilities capabilities) {
        this.table = table;
        this.resources = resources;
        this.rules = rules;
        ownRules = capabilities.ownZoneRules();
        nativeAppend = capabilities.nativeAppend();
        granularity = geometry.writeGranularity();
        blockShift = table.blockShift();
    }

    /** The kind of run, one of {@link ZoneWord}'s RUN_ values, that {@code operation} is in a zone of this type. */
    int runOf(Operation operation, ZoneType type) {
        if (operation.zoneAction()) {
            return ZoneWord.RUN_BARRIER;
        }
        boolean unordered =
                type == ZoneType.SEQUENTIAL_WRITE_PREFERRED || (operation == Operation.APPEND && nativeAppend);
        return unordered ? ZoneWord.RUN_UNORDERED : ZoneWord.RUN_ORDERED;
    }

    /** Lets a request begin whose turn it is. With {@link ZoneWord#INSTANT} in the answer, that was all of it. */
    long admit(DeviceRequest request, int zone, long word) {
        Operation operation = request.operation();
        if (operation.zoneAction()) {
            return admitAction(operation, zone, word);
        }
        return operation == Operation.APPEND ? admitAppend(request, zone, word) : admitWrite(request, zone, word);
    }

    private long admitWrite(DeviceRequest request, int zone, long word) {
        int from = (int) ((request.offset() - table.start(zone)) >> blockShift);
        int blocks = (int) (request.length() >> blockShift);
        int reserved = table.reserved(zone, word);
        if (ownRules) {
            table.setReserved(zone, Math.max(reserved, from + blocks));
            return word;
        }
        ZoneCondition condition = ZoneWord.condition(word);
        boolean required = ZoneWord.type(word) == ZoneType.SEQUENTIAL_WRITE_REQUIRED;
        if (required
                ? !condition.writable() || from != reserved
                : !condition.writable() && condition != ZoneCondition.FULL) {
            return ~(writeCauses(zone, word, reserved, request.offset(), request.length(), Operation.WRITE)
                    | limitCauses(condition));
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
                        | limitCauses(condition));
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
        return word;
    }

    private long admitAction(Operation operation, int zone, long word) {
        if (ownRules) {
            return word;
        }
        ZoneCondition from = ZoneWord.condition(word);
        Transition transition = ZoneTransitions.next(from, eventOf(operation), ZoneWord.writePointer(word) == 0, rules);
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
        long refused = take(zone, from, transition.to());
        return refused == 0 ? ZoneWord.withCondition(word, transition.to()) | ZoneWord.INSTANT : ~refused;
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
        if (end > ZoneWord.writePointer(word)) {
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
        }
        word = follow(zone, word, from, eventOf(operation));
        if (operation == Operation.ZONE_RESET && ZoneWord.condition(word) == ZoneCondition.EMPTY) {
            word = ZoneWord.withWritePointer(word, 0) & ~ZoneWord.DIRTY;
        }
        return word;
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
        long from = append ? (long) reserved << blockShift : offset - start;
        if (required && condition == ZoneCondition.FULL) {
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
        boolean fullOrWritable = condition == ZoneCondition.FULL || condition.writable();
        long pointer = condition == ZoneCondition.FULL ? size : (long) reserved << blockShift;
        if (!append && required && fullOrWritable && from != pointer) {
            causes |= Cause.NOT_AT_WRITE_POINTER.bit();
        }
        return causes;
    }

    /** Limits that a write to a zone in this condition would hit now. */
    long limitCauses(ZoneCondition condition) {
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
            case ZONE_SET_READ_ONLY -> ZoneEvent.SET_READ_ONLY;
            case ZONE_SET_OFFLINE -> ZoneEvent.SET_OFFLINE;
            case READ, WRITE, APPEND, FLUSH, WRITE_ZEROES, DISCARD, ZONE_REPORT ->
                throw new IllegalArgumentException("not a zone action: " + action);
        };
    }

    private long open(int zone, long word, ZoneCondition condition) {
        if (condition.open()) {
            return word | ZoneWord.REFERENCED;
        }
        if (condition == ZoneCondition.FULL) {
            return word;
        }
        long refused = take(zone, condition, ZoneCondition.IMPLICIT_OPEN);
        return refused == 0
                ? ZoneWord.withCondition(word & ~ZoneWord.REFERENCED, ZoneCondition.IMPLICIT_OPEN)
                : ~refused;
    }

    private long follow(int zone, long word, ZoneCondition from, ZoneEvent event) {
        Transition transition = ZoneTransitions.next(from, event, ZoneWord.writePointer(word) == 0, rules);
        if (transition.to() == from) {
            return word;
        }
        resources.move(zone, from, transition.to());
        return ZoneWord.withCondition(word, transition.to());
    }

    private long take(int zone, ZoneCondition from, ZoneCondition to) {
        long answer = resources.tryMove(zone, from, to);
        for (int round = 0; answer == OpenResources.RETRY; round++) {
            Backoff.pause(round);
            answer = resources.tryMove(zone, from, to);
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
