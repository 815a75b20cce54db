package io.zonewright.engine;

import static io.zonewright.api.zone.ZoneCondition.CLOSED;
import static io.zonewright.api.zone.ZoneCondition.EMPTY;
import static io.zonewright.api.zone.ZoneCondition.EXPLICIT_OPEN;
import static io.zonewright.api.zone.ZoneCondition.FULL;
import static io.zonewright.api.zone.ZoneCondition.IMPLICIT_OPEN;
import static io.zonewright.api.zone.ZoneCondition.OFFLINE;
import static io.zonewright.api.zone.ZoneCondition.READ_ONLY;

import io.zonewright.api.result.Cause;
import io.zonewright.api.zone.ZoneCondition;
import io.zonewright.api.zone.ZoneRules;

/**
 * The zone state machine: a pure function of condition and event (ZBC-2, "Zone conditions"; NVMe ZNS 1.1, 3.4 "Zone
 * State Machine"; virtio 1.4, "Block Device"). It says what happened, never what a protocol answers. Random write
 * areas, open and active limits are not its business, see {@link OpenResources}.
 */
public final class ZoneTransitions {
    private static final ZoneCondition[] CONDITIONS = ZoneCondition.values();
    private static final ZoneEvent[] EVENTS = ZoneEvent.values();

    /** Answers worked out once, so that asking allocates nothing; see {@link #slot}. */
    private static final Transition[] ANSWERS = answers();

    private ZoneTransitions() {}

    /**
     * What {@code event} does to a zone in condition {@code from}.
     *
     * @param unwritten whether the write pointer is at the zone's start; only closing asks for it
     * @param rules whose close; only closing an unwritten zone asks for it
     */
    public static Transition next(ZoneCondition from, ZoneEvent event, boolean unwritten, ZoneRules rules) {
        return ANSWERS[slot(from, event, unwritten && rules == ZoneRules.ZBC)];
    }

    /**
     * Whether finishing a zone in this condition asks for the resources that opening it would need, although it holds
     * none of them afterwards. ZBC-2 manages open resources for a finish of an empty or closed zone, and so does
     * null_blk; QEMU's ZNS and the ZNS state machine do not.
     */
    public static boolean finishNeedsResources(ZoneCondition from, ZoneRules rules) {
        return rules == ZoneRules.ZBC && (from == EMPTY || from == CLOSED);
    }

    private static Transition compute(ZoneCondition from, ZoneEvent event, boolean closesToEmpty) {
        ZoneCondition closed = closesToEmpty ? EMPTY : CLOSED;
        return switch (from) {
            case NOT_WRITE_POINTER ->
                switch (event) {
                    case WRITE -> stay(from, Cause.DONE);
                    case FILL,
                            OPEN,
                            CLOSE,
                            EVICT,
                            FINISH,
                            RESET,
                            SET_EXTENSION,
                            FLUSH_AREA,
                            SET_READ_ONLY,
                            SET_OFFLINE -> stay(from, Cause.WRONG_ZONE_TYPE);
                };
            case EMPTY ->
                switch (event) {
                    case WRITE -> go(from, IMPLICIT_OPEN);
                    case FILL, FINISH -> go(from, FULL);
                    case OPEN -> go(from, EXPLICIT_OPEN);
                    case CLOSE, EVICT -> stay(from, Cause.NOT_APPLICABLE);
                    case RESET -> stay(from, Cause.ALREADY_SO);
                    case SET_EXTENSION -> go(from, CLOSED);
                    case FLUSH_AREA -> stay(from, Cause.AREA_NOT_APPLICABLE);
                    case SET_READ_ONLY -> go(from, READ_ONLY);
                    case SET_OFFLINE -> go(from, OFFLINE);
                };
            case IMPLICIT_OPEN ->
                switch (event) {
                    case WRITE -> stay(from, Cause.DONE);
                    case FILL, FINISH -> go(from, FULL);
                    case OPEN -> go(from, EXPLICIT_OPEN);
                    case CLOSE, EVICT -> go(from, closed);
                    case RESET -> go(from, EMPTY);
                    case SET_EXTENSION -> stay(from, Cause.NOT_APPLICABLE);
                    case FLUSH_AREA -> stay(from, Cause.DONE);
                    case SET_READ_ONLY -> go(from, READ_ONLY);
                    case SET_OFFLINE -> go(from, OFFLINE);
                };
            case EXPLICIT_OPEN ->
                switch (event) {
                    case WRITE -> stay(from, Cause.DONE);
                    case FILL, FINISH -> go(from, FULL);
                    case OPEN -> stay(from, Cause.ALREADY_SO);
                    case CLOSE -> go(from, closed);
                    case EVICT -> stay(from, Cause.NOT_APPLICABLE);
                    case RESET -> go(from, EMPTY);
                    case SET_EXTENSION -> stay(from, Cause.NOT_APPLICABLE);
                    case FLUSH_AREA -> stay(from, Cause.DONE);
                    case SET_READ_ONLY -> go(from, READ_ONLY);
                    case SET_OFFLINE -> go(from, OFFLINE);
                };
            case CLOSED ->
                switch (event) {
                    case WRITE -> go(from, IMPLICIT_OPEN);
                    case FILL, FINISH -> go(from, FULL);
                    case OPEN -> go(from, EXPLICIT_OPEN);
                    case CLOSE -> stay(from, Cause.ALREADY_SO);
                    case EVICT -> stay(from, Cause.NOT_APPLICABLE);
                    case RESET -> go(from, EMPTY);
                    case SET_EXTENSION -> stay(from, Cause.NOT_APPLICABLE);
                    case FLUSH_AREA -> go(from, IMPLICIT_OPEN);
                    case SET_READ_ONLY -> go(from, READ_ONLY);
                    case SET_OFFLINE -> go(from, OFFLINE);
                };
            case FULL ->
                switch (event) {
                    case WRITE -> stay(from, Cause.ZONE_FULL);
                    case FILL, FINISH -> stay(from, Cause.ALREADY_SO);
                    case OPEN, CLOSE, EVICT -> stay(from, Cause.NOT_APPLICABLE);
                    case RESET -> go(from, EMPTY);
                    case SET_EXTENSION -> stay(from, Cause.NOT_APPLICABLE);
                    case FLUSH_AREA -> stay(from, Cause.AREA_NOT_APPLICABLE);
                    case SET_READ_ONLY -> go(from, READ_ONLY);
                    case SET_OFFLINE -> go(from, OFFLINE);
                };
            case READ_ONLY ->
                switch (event) {
                    case WRITE, FILL, OPEN, CLOSE, EVICT, FINISH, RESET, SET_EXTENSION, FLUSH_AREA ->
                        stay(from, Cause.ZONE_READ_ONLY);
                    case SET_READ_ONLY -> stay(from, Cause.ALREADY_SO);
                    case SET_OFFLINE -> go(from, OFFLINE);
                };
            case OFFLINE ->
                switch (event) {
                    case WRITE, FILL, OPEN, CLOSE, EVICT, FINISH, RESET, SET_EXTENSION, FLUSH_AREA, SET_READ_ONLY ->
                        stay(from, Cause.ZONE_OFFLINE);
                    case SET_OFFLINE -> stay(from, Cause.ALREADY_SO);
                };
        };
    }

    private static Transition go(ZoneCondition from, ZoneCondition to) {
        return new Transition(from, to, Cause.DONE);
    }

    private static Transition stay(ZoneCondition from, Cause cause) {
        return new Transition(from, from, cause);
    }

    private static int slot(ZoneCondition from, ZoneEvent event, boolean closesToEmpty) {
        return (from.ordinal() * EVENTS.length + event.ordinal()) * 2 + (closesToEmpty ? 1 : 0);
    }

    private static Transition[] answers() {
        Transition[] answers = new Transition[CONDITIONS.length * EVENTS.length * 2];
        for (ZoneCondition from : CONDITIONS) {
            for (ZoneEvent event : EVENTS) {
                answers[slot(from, event, false)] = compute(from, event, false);
                answers[slot(from, event, true)] = compute(from, event, true);
            }
        }
        return answers;
    }
}
