package io.zonewright.engine;

import io.zonewright.api.request.CompletionStep;
import io.zonewright.api.request.DeviceRequest;
import io.zonewright.api.request.Operation;
import io.zonewright.api.result.Cause;
import io.zonewright.api.spi.Capabilities;
import io.zonewright.api.zone.ZoneCondition;
import io.zonewright.api.zone.ZoneSink;
import io.zonewright.api.zone.ZoneType;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The order of writes and actions in each sequential zone, from admission to acknowledgement.
 *
 * <p><b>Rules.</b> Ordered writes of a zone may be in flight together; they commit and are acknowledged in the order of
 * admission. Unordered ones (native appends, writes to sequential-write-preferred zones and to zones with a random write
 * area) commit and are acknowledged as they come. A zone action waits until all before it are acknowledged; what arrives
 * behind a waiting or running action waits too, and is judged when its turn comes.
 *
 * <p><b>Failed write.</b> When an ordered write fails or falls short, the write pointer is committed to its start plus
 * what the medium moved, in whole granules. The writes admitted behind it are awaited, whatever became of them is
 * discarded, and they end with {@link Cause#PREDECESSOR_FAILED}. Then the reserved pointer goes back to the committed
 * one, and what waited is judged. A medium with zone rules of its own is asked for the zone instead, once all admitted
 * are back and before the failure is told; the others get the medium's own verdict.
 *
 * <p><b>Cost.</b> A write that is alone in its zone takes the zone's lock twice, for a few loads and stores, and
 * nothing else. With more than one a {@link Lane} is attached to the zone until it is idle. Data moves, and requests
 * are handed up, outside the lock.
 *
 * <p><b>Threads.</b> Any. One thread at a time hands up and starts a lane's requests ({@link Lane#pumping}); on media
 * without rules of their own a request that need not wait is handed to the medium by the thread that brought it, so
 * that several threads can copy into one zone at once.
 */
final class ZoneLanes implements CompletionStep {
    private static final Logger LOG = LoggerFactory.getLogger(ZoneLanes.class);

    // The context of a request at the medium.
    private static final long ZONE = 0xff_ffffL;
    private static final int SLOT_SHIFT = 24;
    private static final int RUN_SHIFT = 56;
    private static final long PLACED = 1L << 58;
    private static final long RESET_BEFORE_OPEN = 1L << 59;
    private static final long RESET_BEFORE_EXTENSION = 1L << 60;
    private static final long COMPARED = 1L << 61;
    private static final long SPECIAL = PLACED | RESET_BEFORE_OPEN | RESET_BEFORE_EXTENSION | COMPARED;

    /** How often an append is placed anew whose place somebody else took. */
    private static final int MAX_PLACEMENTS = 3;

    private final EngineDevice device;
    private final ZoneTable table;
    private final ZoneLogic logic;
    private final LanePool pool;
    private final Replays replays;
    private final boolean ownRules;
    private final boolean nativeAppend;

    /** On a medium with rules of its own: the number of reports asked for when each zone was last touched. */
    private final long @Nullable [] touched;

    /** Reports of many zones asked for so far. Requests only read it, so that they do not contend for it. */
    private final AtomicLong reports = new AtomicLong();

    ZoneLanes(EngineDevice device, Capabilities capabilities, ZoneTable table, ZoneLogic logic, Replays replays) {
        this.device = device;
        this.table = table;
        this.logic = logic;
        this.replays = replays;
        ownRules = capabilities.ownZoneRules();
        nativeAppend = capabilities.nativeAppend();
        touched = ownRules ? new long[table.zones()] : null;
        pool = new LanePool(() -> ownRules ? new LaneReport(this) : null);
    }

    /** Takes over a write, append or action for one sequential zone, checked for all that does not depend on its condition. */
    void enter(DeviceRequest request, int zone) {
        long word = table.lock(zone);
        int run = logic.runOf(request.operation(), word);
        if (ownRules) {
            touch(zone);
            word = attach(zone, word);
            lane(word).wait(request);
            pump(zone, word);
        } else if (ZoneWord.idle(word)) {
            begin(request, zone, word, run, null);
        } else {
            word = attach(zone, word);
            Lane lane = lane(word);
            if (!lane.anyWaiting() && lane.mayStart(run)) {
                begin(request, zone, word, run, lane);
            } else {
                lane.wait(request);
                table.unlock(zone, word);
            }
        }
    }

    /** Admits a request that nothing stands before, gives the lock back, and hands the request on. */
    private void begin(DeviceRequest request, int zone, long word, int run, @Nullable Lane lane) {
        boolean append = request.operation() == Operation.APPEND;
        long admitted = logic.admit(request, zone, word);
        if (admitted < 0 && logic.mayBeReplay(request, zone, word)) {
            beginReplay(request, zone, word, lane);
            return;
        }
        if (ends(admitted)) {
            endNow(request, zone, word, admitted);
            // A lane attached just now may have nothing to wait for.
            if (lane != null) {
                pump(zone, table.lock(zone));
            }
            return;
        }
        int slot = 0;
        if (lane == null) {
            if (run == ZoneWord.RUN_BARRIER) {
                // An action reserves nothing, but the zone is no longer idle: the pointer of its last write is stale.
                table.setReserved(zone, ZoneWord.writePointer(word));
            }
            admitted = ZoneWord.withRun(admitted, run);
        } else {
            slot = lane.start(run);
        }
        table.unlock(zone, admitted);
        handOn(request, context(zone, slot, run, append && !nativeAppend), run, admitted);
    }

    /** Holds the zone, once nothing else is in flight, until a refused write has been compared with the medium. */
    private void beginReplay(DeviceRequest request, int zone, long word, @Nullable Lane lane) {
        int slot = 0;
        if (lane == null) {
            table.setReserved(zone, ZoneWord.writePointer(word));
            table.unlock(zone, ZoneWord.withRun(word, ZoneWord.RUN_BARRIER));
        } else if (lane.mayStart(ZoneWord.RUN_BARRIER)) {
            slot = lane.start(ZoneWord.RUN_BARRIER);
            table.unlock(zone, word);
        } else {
            lane.wait(request);
            table.unlock(zone, word);
            return;
        }
        compare(request, zone, slot, logic.written(request, zone, word));
    }

    private void compare(DeviceRequest request, int zone, int slot, long bytes) {
        request.push(this, context(zone, slot, ZoneWord.RUN_BARRIER, false) | COMPARED);
        replays.check(request, bytes);
    }

    private static boolean ends(long admitted) {
        return admitted < 0 || (admitted & ZoneWord.INSTANT) != 0;
    }

    /** Gives the lock back and hands up a request that was refused or needs nothing from the medium. */
    private void endNow(DeviceRequest request, int zone, long word, long admitted) {
        boolean refused = admitted < 0;
        table.unlock(zone, refused ? word : admitted & ~ZoneWord.INSTANT);
        request.setCauses(refused ? ~admitted : Cause.DONE.bit());
        up(request, zone);
    }

    private void handOn(DeviceRequest request, long context, int run, long admitted) {
        if (run == ZoneWord.RUN_BARRIER && !ownRules) {
            handAction(request, context, admitted);
        } else if (run == ZoneWord.RUN_BARRIER && request instanceof HeldZone held) {
            request.push(this, context);
            held.reached();
        } else {
            request.push(this, context);
            device.hand(request);
        }
    }

    /** An extension is kept here; what has to go from the medium first goes by a reset. */
    private void handAction(DeviceRequest request, long context, long admitted) {
        Operation action = request.operation();
        boolean extension = action == Operation.ZONE_SET_EXTENSION;
        if (extension && !device.keepExtension(request, (int) (context & ZONE))) {
            request.push(this, context);
            request.complete(Cause.INTERNAL_ERROR);
        } else if (ZoneLogic.clearsFirst(request, admitted)) {
            request.push(this, context | (extension ? RESET_BEFORE_EXTENSION : RESET_BEFORE_OPEN));
            request.retarget(Operation.ZONE_RESET, request.offset());
            device.hand(request);
        } else if (extension) {
            request.push(this, context);
            request.complete();
        } else {
            request.push(this, context);
            device.hand(request);
        }
    }

    private static long context(int zone, int slot, int run, boolean placed) {
        return zone | ((slot & 0xffff_ffffL) << SLOT_SHIFT) | ((long) run << RUN_SHIFT) | (placed ? PLACED : 0);
    }

    /** A request is back from the medium. */
    @Override
    public void completed(DeviceRequest request, long context) {
        int zone = (int) (context & ZONE);
        int slot = (int) (context >>> SLOT_SHIFT);
        int run = (int) (context >>> RUN_SHIFT) & 3;
        if ((context & SPECIAL) != 0) {
            if ((context & COMPARED) != 0) {
                compared(request, zone, slot);
                return;
            }
            restore(request, context, table.start(zone));
        }
        boolean succeeded = request.cause().success();
        if (succeeded && run != ZoneWord.RUN_BARRIER && request.transferred() != request.length()) {
            succeeded = false;
            request.setCauses(Cause.MEDIUM_ERROR.bit());
        }
        long word = table.lock(zone);
        touch(zone);
        if (ZoneWord.hasLane(word)) {
            backInLane(request, zone, word, slot, run, succeeded);
        } else {
            word = settle(request, zone, word, run, succeeded);
            table.unlock(zone, ZoneWord.withRun(word, ZoneWord.RUN_NONE));
            up(request, zone);
        }
    }

    /**
     * A write that may be sent once more has been compared with the medium. If it is not there it is an ordinary one, on
     * which a medium with rules of its own has its say: the mirror may not be what the medium is. If its first part is
     * there, the rest is written.
     */
    private void compared(DeviceRequest request, int zone, int slot) {
        boolean found = request.cause().success();
        long word = table.lock(zone);
        touch(zone);
        if (!found && !ownRules) {
            request.setCauses(logic.refusal(request, zone, word));
        }
        boolean torn = found && request.transferred() != request.length();
        if (torn) {
            word = attach(zone, word);
        }
        if (ZoneWord.hasLane(word)) {
            lane(word).compared(slot, request, torn ? Lane.TORN : found || !ownRules ? Lane.JUDGED : Lane.AGAIN);
            pump(zone, word);
        } else {
            table.unlock(zone, ZoneWord.withRun(word, ZoneWord.RUN_NONE));
            up(request, zone);
        }
    }

    /** Makes a request that went to the medium as another operation what it was. */
    private static void restore(DeviceRequest request, long context, long zoneStart) {
        if ((context & PLACED) != 0) {
            request.setPlacement(request.offset());
            request.retarget(Operation.APPEND, zoneStart);
        } else {
            boolean open = (context & RESET_BEFORE_OPEN) != 0;
            request.retarget(open ? Operation.ZONE_OPEN : Operation.ZONE_SET_EXTENSION, zoneStart);
        }
    }

    private void backInLane(DeviceRequest request, int zone, long word, int slot, int run, boolean succeeded) {
        Lane lane = lane(word);
        if (!succeeded && (ownRules || run == ZoneWord.RUN_ORDERED)) {
            lane.failed = true;
        }
        if (run != ZoneWord.RUN_UNORDERED) {
            lane.back(slot, request, succeeded);
        } else if (!succeeded && ownRules) {
            lane.unorderedBack();
            lane.hold(request);
        } else {
            word = settle(request, zone, word, run, succeeded);
            lane.unorderedBack();
            rest(lane, zone, word);
            table.unlock(zone, word);
            up(request, zone);
            word = table.lock(zone);
        }
        pump(zone, word);
    }

    /** Hands up what is next in the zone's lane and starts what may start, until nothing moves. Gives the lock back. */
    private void pump(int zone, long word) {
        if (!ZoneWord.hasLane(word) || lane(word).pumping) {
            table.unlock(zone, word);
            return;
        }
        Lane lane = lane(word);
        lane.pumping = true;
        while (true) {
            rest(lane, zone, word);
            if (placeAgain(lane, zone, word)
                    || handUpNext(lane, zone, word)
                    || startAgain(lane, zone, word)
                    || startRest(lane, zone, word)
                    || startNext(lane, zone, word)
                    || askMedium(lane, zone, word)) {
                word = table.lock(zone);
                continue;
            }
            lane.pumping = false;
            if (lane.drained() && !lane.anyWaiting()) {
                pool.give(lane);
                word = ZoneWord.withoutLane(word);
            }
            table.unlock(zone, word);
            return;
        }
    }

    /**
     * If nothing that was admitted is left, starts afresh from the committed pointer. To be called after every change
     * and before the lock is given back: the next request may be admitted right then, by another thread.
     */
    private void rest(Lane lane, int zone, long word) {
        lane.skipGone();
        if (lane.drained()) {
            lane.clearFailure();
            table.setReserved(zone, ZoneWord.writePointer(word));
        }
    }

    /** Hands up one request if its turn has come; the lock is given back only then. */
    private boolean handUpNext(Lane lane, int zone, long word) {
        boolean mayTellFailure = !ownRules || lane.reported;
        DeviceRequest held = mayTellFailure ? lane.takeHeld() : null;
        if (held != null) {
            if (lane.told) {
                logic.explain(held, zone, word, lane.known);
            }
            rest(lane, zone, word);
            table.unlock(zone, word);
            up(held, zone);
            return true;
        }
        byte state = lane.firstState();
        boolean succeeded = state == Lane.DONE;
        boolean judged = state == Lane.JUDGED;
        if (!succeeded && !judged && !(state == Lane.FAILED && mayTellFailure)) {
            return false;
        }
        int run = lane.firstRun();
        DeviceRequest request = lane.takeFirst();
        if (!judged) {
            word = settleInLane(lane, request, zone, word, run, succeeded);
        }
        rest(lane, zone, word);
        table.unlock(zone, word);
        up(request, zone);
        return true;
    }

    private long settleInLane(Lane lane, DeviceRequest request, int zone, long word, int run, boolean succeeded) {
        if (lane.poisoned && run == ZoneWord.RUN_ORDERED) {
            request.setCauses(Cause.PREDECESSOR_FAILED.bit());
            request.setTransferred(0);
            request.setPlacement(-1);
            return word | ZoneWord.DIRTY;
        }
        if (lane.reported) {
            // The zone is as the medium said.
            if (!succeeded && lane.told) {
                logic.explain(request, zone, word, lane.known);
            }
            return word;
        }
        lane.poisoned = !succeeded && run == ZoneWord.RUN_ORDERED;
        return settle(request, zone, word, run, succeeded);
    }

    /** Gives a write that was not found on a medium with rules of its own to it; the lock is given back only then. */
    private boolean startAgain(Lane lane, int zone, long word) {
        if (lane.firstState() != Lane.AGAIN) {
            return false;
        }
        int slot = lane.firstSlot();
        DeviceRequest request = lane.startAgain();
        long admitted = logic.admit(request, zone, word);
        table.unlock(zone, admitted);
        request.push(this, context(zone, slot, ZoneWord.RUN_ORDERED, false));
        device.hand(request);
        return true;
    }

    /** Writes what is missing of a write that was cut short by the end of whoever carried it out; the lock is given back only then. */
    private boolean startRest(Lane lane, int zone, long word) {
        if (lane.firstState() != Lane.TORN) {
            return false;
        }
        DeviceRequest request = lane.first();
        RestOfWrite rest = new RestOfWrite(request);
        long admitted = logic.admit(rest, zone, word);
        if (admitted < 0) {
            request.setCauses(~admitted);
            request.setTransferred(0);
            lane.judged();
            table.unlock(zone, word);
            return true;
        }
        int slot = lane.firstSlot();
        lane.startAgain();
        table.unlock(zone, admitted);
        request.push(this, context(zone, slot, ZoneWord.RUN_ORDERED, false));
        device.hand(rest);
        return true;
    }

    /**
     * Places an append anew that failed since somebody else had moved the pointer of a medium with rules of its own: its
     * client named no address. The lock is given back only then.
     */
    private boolean placeAgain(Lane lane, int zone, long word) {
        if (!lane.told || lane.firstState() != Lane.FAILED || lane.firstTries() == MAX_PLACEMENTS) {
            return false;
        }
        if (!logic.mayPlaceAgain(lane.first(), zone, word)) {
            return false;
        }
        int slot = lane.firstSlot();
        DeviceRequest request = lane.startAgain();
        // Whatever becomes of it, the medium is asked again before the next failure is told.
        lane.reported = false;
        lane.told = false;
        table.setReserved(zone, ZoneWord.writePointer(word));
        long admitted = logic.admit(request, zone, word);
        table.unlock(zone, admitted);
        request.push(this, context(zone, slot, ZoneWord.RUN_ORDERED, true));
        device.hand(request);
        return true;
    }

    /** Admits and starts the first waiting request if it may; the lock is given back only then. */
    private boolean startNext(Lane lane, int zone, long word) {
        if (!lane.anyWaiting()) {
            return false;
        }
        DeviceRequest request = lane.firstWaiting();
        // As the zone is now: what ran meanwhile may have given it a random write area, or taken one away.
        boolean replay = logic.mayBeReplay(request, zone, word);
        int run = replay ? ZoneWord.RUN_BARRIER : logic.runOf(request.operation(), word);
        if (!lane.mayStart(run)) {
            return false;
        }
        if (replay) {
            int slot = lane.startWaiting(run);
            long bytes = logic.written(request, zone, word);
            table.unlock(zone, word);
            compare(request, zone, slot, bytes);
            return true;
        }
        boolean append = request.operation() == Operation.APPEND;
        long admitted = logic.admit(request, zone, word);
        if (admitted < 0 && ownRules && append && !lane.asked && lane.drained()) {
            // No room for it, as far as is known here; somebody else may have reset the zone.
            lane.asked = true;
            ask(lane, zone, word);
            return true;
        }
        if (ends(admitted)) {
            lane.dropWaiting();
            endNow(request, zone, word, admitted);
            return true;
        }
        int slot = lane.startWaiting(run);
        table.unlock(zone, admitted);
        handOn(request, context(zone, slot, run, append && !nativeAppend), run, admitted);
        return true;
    }

    /** After a failure on a medium with rules of its own, asks it once all are back; the lock is given back only then. */
    private boolean askMedium(Lane lane, int zone, long word) {
        if (!ownRules || !lane.failed || lane.reporting || lane.reported || !lane.allBack()) {
            return false;
        }
        ask(lane, zone, word);
        return true;
    }

    private void ask(Lane lane, int zone, long word) {
        lane.reporting = true;
        lane.known = ZoneWord.writePointer(word);
        table.unlock(zone, word);
        LaneReport report = Objects.requireNonNull(lane.report);
        report.ask(zone, table.start(zone), (long) table.lengthBlocks(zone) << table.blockShift());
        device.enterWithin();
        device.hand(report);
    }

    /** The medium's word on a zone whose lane is held. */
    void reportedZone(int zone, ZoneType type, ZoneCondition condition, long capacity, long writePointer) {
        long word = table.lock(zone);
        mirror(zone, word, type, condition, capacity, writePointer);
    }

    void reportDone(int zone, boolean told) {
        device.leave();
        long word = table.lock(zone);
        Lane lane = lane(word);
        lane.reporting = false;
        lane.reported = true;
        lane.told = told;
        pump(zone, word);
    }

    /**
     * Holds a zone of a medium with rules of its own in which nothing is in flight: what comes now waits.
     *
     * @return false if something is in flight; the zone is as it was
     */
    boolean hold(int zone) {
        long word = table.lock(zone);
        if (!ZoneWord.idle(word)) {
            table.unlock(zone, word);
            return false;
        }
        touch(zone);
        table.setReserved(zone, ZoneWord.writePointer(word));
        table.unlock(zone, ZoneWord.withRun(word, ZoneWord.RUN_BARRIER));
        return true;
    }

    /**
     * Ends {@link #hold}; what waits goes on.
     *
     * @param empty whether the zone was reset, and the medium did not say so itself
     */
    void release(int zone, boolean empty) {
        long word = table.lock(zone);
        touch(zone);
        if (empty) {
            word = logic.reset(zone, word);
        }
        if (ZoneWord.hasLane(word)) {
            // Whoever came first gave the hold the first place in the lane.
            lane(word).dropStarted(0);
            pump(zone, word);
        } else {
            table.unlock(zone, ZoneWord.withRun(word, ZoneWord.RUN_NONE));
        }
    }

    /** What a report fills while every sequential zone is held, so that it is the truth for all of them. */
    ZoneSink heldSink(boolean reset) {
        return (index, type, condition, capacity, writePointer) -> {
            int zone = Objects.checkIndex(index, table.zones());
            long word = table.lock(zone);
            boolean empty = reset && type.sequential() && condition == ZoneCondition.EMPTY;
            mirror(zone, empty ? ZoneLogic.clean(word) : word, type, condition, capacity, writePointer);
        };
    }

    /** Puts every zone that takes writes in order into the replay window again. A walk over the table. */
    void openReplayWindow() {
        for (int zone = 0; zone < table.zones(); zone++) {
            long seen = table.peek(zone);
            if ((seen & ZoneWord.REPLAY) == 0 && ZoneWord.type(seen).sequential()) {
                table.unlock(zone, table.lock(zone) | ZoneWord.REPLAY);
            }
        }
    }

    /**
     * What a report of many zones fills. It may be older than what happened meanwhile, so it counts only for zones
     * in which nothing is in flight and that were not touched since it was asked for. A client may ask from within the answer
     * to its last write, when the lane still stands.
     */
    ZoneSink mirrorSink() {
        long asked = reports.incrementAndGet();
        return (index, type, condition, capacity, writePointer) -> {
            int zone = Objects.checkIndex(index, table.zones());
            long word = table.lock(zone);
            if (atRest(word) && touched != null && touched[zone] < asked) {
                mirror(zone, word, type, condition, capacity, writePointer);
            } else {
                table.unlock(zone, word);
            }
        };
    }

    /** Whether nothing of the zone is at the medium or waits, though whoever handed up the last answer may not be done yet. */
    private boolean atRest(long word) {
        if (!ZoneWord.hasLane(word)) {
            return ZoneWord.idle(word);
        }
        Lane lane = lane(word);
        return lane.drained() && !lane.anyWaiting() && !lane.reporting;
    }

    private void mirror(int zone, long word, ZoneType type, ZoneCondition condition, long capacity, long writePointer) {
        if (type != ZoneWord.type(word) || !ZoneLoader.possible(type, condition)) {
            table.unlock(zone, word);
            LOG.warn(
                    "{}: the medium reports zone {} as {} {}, which it cannot be; ignored",
                    device.identity().name(),
                    zone,
                    type,
                    condition);
            return;
        }
        boolean lost = condition != ZoneWord.condition(word)
                && (condition == ZoneCondition.READ_ONLY || condition == ZoneCondition.OFFLINE);
        long mirrored = type.sequential()
                ? logic.mirror(zone, word, condition, capacity, writePointer)
                : ZoneWord.withCondition(word, condition);
        table.unlock(zone, mirrored);
        if (lost) {
            device.zoneChanged(zone);
        }
    }

    /** Works out what a request that is back did to its zone, and completes its result. */
    private long settle(DeviceRequest request, int zone, long word, int run, boolean succeeded) {
        if (run == ZoneWord.RUN_BARRIER) {
            return succeeded ? logic.commitAction(request, zone, word) : undone(request, zone, word);
        }
        if (succeeded) {
            long committed = logic.commit(request, zone, word);
            if (committed >= 0) {
                return committed;
            }
            request.setCauses(~committed);
            request.setTransferred(0);
        }
        long committed = logic.commitPart(request, zone, word);
        request.setPlacement(-1);
        return committed;
    }

    private long undone(DeviceRequest request, int zone, long word) {
        Operation action = request.operation();
        boolean changed = action == Operation.ZONE_OPEN || action == Operation.ZONE_SET_EXTENSION;
        return changed && !ownRules ? logic.undo(zone, word) : word;
    }

    private void up(DeviceRequest request, int zone) {
        if (!request.cause().success()) {
            request.setPlacement(-1);
        }
        Operation operation = request.operation();
        boolean changed = request.cause() == Cause.DONE
                && (operation == Operation.ZONE_SET_READ_ONLY
                        || (operation == Operation.ZONE_SET_OFFLINE && !request.onlyIfReadOnly()));
        device.up(request);
        if (changed) {
            device.zoneChanged(zone);
        }
    }

    /** The word with a lane, in which whatever ran alone until now has its place. */
    private long attach(int zone, long word) {
        if (ZoneWord.hasLane(word)) {
            return word;
        }
        Lane lane = pool.take();
        int run = ZoneWord.run(word);
        if (run == ZoneWord.RUN_NONE) {
            table.setReserved(zone, ZoneWord.writePointer(word));
        } else {
            // Slot 0, which is also what its context says.
            lane.start(run);
        }
        return ZoneWord.withLane(word, lane.number);
    }

    private Lane lane(long word) {
        return pool.get(ZoneWord.lane(word));
    }

    private void touch(int zone) {
        if (touched != null) {
            touched[zone] = reports.get();
        }
    }
}
