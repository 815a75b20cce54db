package io.zonewright.engine;

import io.zonewright.api.result.Cause;
import io.zonewright.api.zone.ZoneCondition;
import io.zonewright.api.zone.ZoneLimits;
import io.zonewright.api.zone.ZoneRules;
import org.jspecify.annotations.Nullable;

/**
 * The device's open and active resources and random write areas, and which implicitly open zone gives its own up when another needs one.
 *
 * <p>Touched only when a zone changes its condition, never by a write to a zone that is open. Critical sections are a
 * few dozen instructions; at the open limit, a walk over implicitly open zones. Order of locks: a zone, then this
 * monitor, then other zones by a single try, so that nobody waits in a circle; a victim that is locked at that moment
 * sends the caller round again ({@link #RETRY}) after it left the monitor. The holder of a victim's lock never needs a
 * victim itself, since its zone is open.
 *
 * <p>The victim is the least recently used zone by second chance: zones stand in the order in which they were opened,
 * one that was written again since goes to the back once. An idle zone is preferred; with none, a zone is closed with
 * its writes in flight, which changes nothing for them, because a client may count on the implicit close whatever it
 * has in flight.
 */
final class OpenResources {
    /** Bytes per zone of a device with a limit of open zones. */
    static final int BYTES_PER_ZONE = 2 * Integer.BYTES;

    /** Answer of {@link #tryMove}: somebody holds the victim's lock, leave the monitor and come again. */
    static final long RETRY = -1;

    private final ZoneTable table;
    private final ZoneRules rules;
    private final int maxOpen;
    private final int maxActive;

    /** Ring of the implicitly open zones, oldest first, through a head at index {@code zones}; null without a limit. */
    private final int @Nullable [] next;

    private final int @Nullable [] previous;
    private final int head;

    private int implicitOpen;
    private int explicitOpen;
    private int closed;

    private int areasLeft;

    /** Open resources kept for zones that somebody is about to open explicitly, see {@link #promise}. */
    private int promised;

    OpenResources(ZoneTable table, ZoneLimits limits, ZoneRules rules) {
        this(table, limits, rules, 0);
    }

    /** With so many random write areas. */
    OpenResources(ZoneTable table, ZoneLimits limits, ZoneRules rules, int areas) {
        this.table = table;
        this.rules = rules;
        maxOpen = limits.maxOpen();
        maxActive = limits.maxActive();
        areasLeft = areas;
        head = table.zones();
        next = maxOpen == 0 ? null : new int[head + 1];
        previous = maxOpen == 0 ? null : new int[head + 1];
        if (next != null && previous != null) {
            next[head] = head;
            previous[head] = head;
        }
    }

    synchronized ResourceUse use() {
        return new ResourceUse(implicitOpen, explicitOpen, closed);
    }

    /**
     * Counts {@code zone}, whose lock the caller holds, from one condition to another if the limits allow it, closing
     * an implicitly open zone if that helps.
     *
     * @return 0 if done, else the limits that are in the way as {@link io.zonewright.api.result.Causes}, or
     *     {@link #RETRY}
     */
    long tryMove(int zone, ZoneCondition from, ZoneCondition to) {
        return tryMove(zone, from, to, false, false);
    }

    /**
     * Likewise.
     *
     * @param area whether the zone takes a random write area too
     * @param kept whether this is one of the zones that a resource was promised for; the promise is spent if it is done
     */
    synchronized long tryMove(int zone, ZoneCondition from, ZoneCondition to, boolean area, boolean kept) {
        promised -= kept ? 1 : 0;
        long refused = refusal(from, to);
        if (area && areasLeft == 0) {
            refused |= Cause.NO_RANDOM_WRITE_AREA.bit();
        }
        if (refused == 0 && lacksOpen(from, to) && !evict()) {
            refused = RETRY;
        }
        if (refused != 0) {
            promised += kept ? 1 : 0;
            return refused;
        }
        areasLeft -= area ? 1 : 0;
        count(zone, from, to);
        return 0;
    }

    /**
     * Makes room for a zone in condition {@code from} to open, without taking it: what a finish asks for, which holds
     * nothing afterwards. Same answers as {@link #tryMove}.
     */
    synchronized long tryPass(ZoneCondition from) {
        long refused = refusal(from, ZoneCondition.EXPLICIT_OPEN);
        if (refused != 0) {
            return refused;
        }
        return lacksOpen(from, ZoneCondition.EXPLICIT_OPEN) && !evict() ? RETRY : 0;
    }

    /** Counts a change that happened whatever the limits say: it gives resources back, or a medium decided it. */
    synchronized void move(int zone, ZoneCondition from, ZoneCondition to) {
        count(zone, from, to);
    }

    /** A zone gave its random write area back. */
    synchronized void areaFree() {
        areasLeft++;
    }

    /** Random write areas that no zone has. */
    synchronized int areasLeft() {
        return areasLeft;
    }

    /** The limits that are in the way of such a change now, as {@link io.zonewright.api.result.Causes}; changes nothing. */
    synchronized long refusal(ZoneCondition from, ZoneCondition to) {
        long causes = 0;
        if (to.active() && !from.active() && maxActive != 0 && implicitOpen + explicitOpen + closed >= maxActive) {
            causes |= Cause.ACTIVE_LIMIT.bit();
        }
        boolean pinned = to == ZoneCondition.EXPLICIT_OPEN && from != to;
        if ((lacksOpen(from, to) && implicitOpen == 0)
                || (pinned && maxOpen != 0 && explicitOpen + promised >= maxOpen)) {
            causes |= Cause.OPEN_LIMIT.bit();
        }
        return causes;
    }

    /**
     * Keeps resources for {@code count} zones that are going to be opened explicitly, one after the other, if so many
     * can be open at once when all implicitly open ones make room. Nobody else gets them meanwhile. What is not spent
     * by {@link #tryMove} goes back by {@link #giveBack}.
     */
    synchronized boolean promise(int count) {
        if (maxOpen != 0 && explicitOpen + promised + count > maxOpen) {
            return false;
        }
        promised += count;
        return true;
    }

    synchronized void giveBack(int count) {
        promised -= count;
    }

    private boolean lacksOpen(ZoneCondition from, ZoneCondition to) {
        return to.open() && !from.open() && maxOpen != 0 && implicitOpen + explicitOpen + promised >= maxOpen;
    }

    private void count(int zone, ZoneCondition from, ZoneCondition to) {
        if (from == to) {
            return;
        }
        add(from, -1);
        add(to, 1);
        if (next == null || previous == null) {
            return;
        }
        if (from == ZoneCondition.IMPLICIT_OPEN) {
            unlink(zone, next, previous);
        }
        if (to == ZoneCondition.IMPLICIT_OPEN) {
            linkLast(zone, next, previous);
        }
    }

    private void add(ZoneCondition condition, int amount) {
        switch (condition) {
            case IMPLICIT_OPEN -> implicitOpen += amount;
            case EXPLICIT_OPEN -> explicitOpen += amount;
            case CLOSED -> closed += amount;
            case NOT_WRITE_POINTER, EMPTY, FULL, READ_ONLY, OFFLINE -> {}
        }
    }

    /** Closes one implicitly open zone. False if the lock of every candidate was taken. */
    private boolean evict() {
        if (next == null || previous == null) {
            throw new IllegalStateException("eviction without a limit of open zones");
        }
        // Every zone may lose its second chance once, hence twice round.
        for (int looks = 2 * implicitOpen; looks > 0; looks--) {
            int zone = next[head];
            long word = table.tryLock(zone);
            if (word >= 0) {
                boolean referenced = (word & ZoneWord.REFERENCED) != 0;
                if (!referenced && ZoneWord.idle(word)) {
                    close(zone, word);
                    return true;
                }
                table.unlock(zone, word & ~ZoneWord.REFERENCED);
            }
            unlink(zone, next, previous);
            linkLast(zone, next, previous);
        }
        for (int zone = next[head]; zone != head; zone = next[zone]) {
            long word = table.tryLock(zone);
            if (word >= 0) {
                close(zone, word);
                return true;
            }
        }
        return false;
    }

    private void close(int zone, long word) {
        ZoneCondition from = ZoneWord.condition(word);
        // With a write in flight the zone is not unwritten, whatever the committed pointer says.
        boolean unwritten = ZoneWord.idle(word) && ZoneWord.unwritten(word);
        ZoneCondition to =
                ZoneTransitions.next(from, ZoneEvent.EVICT, unwritten, rules).to();
        count(zone, from, to);
        table.unlock(zone, ZoneWord.withCondition(word, to));
    }

    private static void unlink(int zone, int[] next, int[] previous) {
        next[previous[zone]] = next[zone];
        previous[next[zone]] = previous[zone];
    }

    private void linkLast(int zone, int[] next, int[] previous) {
        int last = previous[head];
        next[last] = zone;
        previous[zone] = last;
        next[zone] = head;
        previous[head] = zone;
    }
}
