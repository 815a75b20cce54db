package io.zonewright.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.zonewright.api.result.Cause;
import io.zonewright.api.zone.ZoneCondition;
import io.zonewright.api.zone.ZoneRules;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Every condition × event, as a table one can hold against the standards. */
class ZoneTransitionsTest {
    /**
     * A condition where it changes, else the cause for which it does not. "E|C": EMPTY for an unwritten zone by ZBC
     * rules, else CLOSED.
     */
    private static final String TABLE = """
            from               WRITE           FILL            OPEN            CLOSE           EVICT           FINISH          RESET           SET_READ_ONLY   SET_OFFLINE     SET_EXTENSION   FLUSH_AREA
            NOT_WRITE_POINTER  DONE            WRONG_ZONE_TYPE WRONG_ZONE_TYPE WRONG_ZONE_TYPE WRONG_ZONE_TYPE WRONG_ZONE_TYPE WRONG_ZONE_TYPE WRONG_ZONE_TYPE WRONG_ZONE_TYPE WRONG_ZONE_TYPE WRONG_ZONE_TYPE
            EMPTY              IMPLICIT_OPEN   FULL            EXPLICIT_OPEN   NOT_APPLICABLE  NOT_APPLICABLE  FULL            ALREADY_SO      READ_ONLY       OFFLINE         CLOSED          AREA_NOT_APPLICABLE
            IMPLICIT_OPEN      DONE            FULL            EXPLICIT_OPEN   E|C             E|C             FULL            EMPTY           READ_ONLY       OFFLINE         NOT_APPLICABLE  DONE
            EXPLICIT_OPEN      DONE            FULL            ALREADY_SO      E|C             NOT_APPLICABLE  FULL            EMPTY           READ_ONLY       OFFLINE         NOT_APPLICABLE  DONE
            CLOSED             IMPLICIT_OPEN   FULL            EXPLICIT_OPEN   ALREADY_SO      NOT_APPLICABLE  FULL            EMPTY           READ_ONLY       OFFLINE         NOT_APPLICABLE  IMPLICIT_OPEN
            FULL               ZONE_FULL       ALREADY_SO      NOT_APPLICABLE  NOT_APPLICABLE  NOT_APPLICABLE  ALREADY_SO      EMPTY           READ_ONLY       OFFLINE         NOT_APPLICABLE  AREA_NOT_APPLICABLE
            READ_ONLY          ZONE_READ_ONLY  ZONE_READ_ONLY  ZONE_READ_ONLY  ZONE_READ_ONLY  ZONE_READ_ONLY  ZONE_READ_ONLY  ZONE_READ_ONLY  ALREADY_SO      OFFLINE         ZONE_READ_ONLY  ZONE_READ_ONLY
            OFFLINE            ZONE_OFFLINE    ZONE_OFFLINE    ZONE_OFFLINE    ZONE_OFFLINE    ZONE_OFFLINE    ZONE_OFFLINE    ZONE_OFFLINE    ZONE_OFFLINE    ALREADY_SO      ZONE_OFFLINE    ZONE_OFFLINE
            """;

    @Test
    void everyConditionAndEvent() {
        List<String> lines = TABLE.lines().toList();
        String[] events = lines.get(0).split("\\s+", -1);
        assertEquals(ZoneEvent.values().length, events.length - 1);
        assertEquals(ZoneCondition.values().length, lines.size() - 1);
        for (String line : lines.subList(1, lines.size())) {
            String[] cells = line.split("\\s+", -1);
            ZoneCondition from = ZoneCondition.valueOf(cells[0]);
            for (int i = 1; i < cells.length; i++) {
                ZoneEvent event = ZoneEvent.valueOf(events[i]);
                for (ZoneRules rules : ZoneRules.values()) {
                    for (boolean unwritten : new boolean[] {false, true}) {
                        check(from, event, unwritten, rules, cells[i]);
                    }
                }
            }
        }
    }

    private static void check(ZoneCondition from, ZoneEvent event, boolean unwritten, ZoneRules rules, String cell) {
        String expected = cell.equals("E|C") ? (unwritten && rules == ZoneRules.ZBC ? "EMPTY" : "CLOSED") : cell;
        Transition got = ZoneTransitions.next(from, event, unwritten, rules);
        String where = from + " × " + event + (unwritten ? " unwritten" : "") + " by " + rules;
        assertEquals(from, got.from(), where);
        assertEquals(expected, got.to() == from ? got.cause().name() : got.to().name(), where);
        if (got.to() != from) {
            assertEquals(Cause.DONE, got.cause(), where);
        }
    }

    @Test
    void resourcesFollowFromConditions() {
        // from, event, change of open zones, change of active zones
        Object[][] rows = {
            {ZoneCondition.EMPTY, ZoneEvent.WRITE, 1, 1},
            {ZoneCondition.EMPTY, ZoneEvent.OPEN, 1, 1},
            {ZoneCondition.EMPTY, ZoneEvent.FINISH, 0, 0},
            {ZoneCondition.CLOSED, ZoneEvent.OPEN, 1, 0},
            {ZoneCondition.CLOSED, ZoneEvent.FINISH, 0, -1},
            {ZoneCondition.IMPLICIT_OPEN, ZoneEvent.OPEN, 0, 0},
            {ZoneCondition.IMPLICIT_OPEN, ZoneEvent.EVICT, -1, 0},
            {ZoneCondition.EXPLICIT_OPEN, ZoneEvent.FILL, -1, -1},
            {ZoneCondition.EXPLICIT_OPEN, ZoneEvent.SET_OFFLINE, -1, -1},
            {ZoneCondition.FULL, ZoneEvent.RESET, 0, 0},
        };
        for (Object[] row : rows) {
            Transition got = ZoneTransitions.next((ZoneCondition) row[0], (ZoneEvent) row[1], false, ZoneRules.ZNS);
            assertEquals(row[2], got.openDelta(), row[0] + " × " + row[1]);
            assertEquals(row[3], got.activeDelta(), row[0] + " × " + row[1]);
        }
    }

    @Test
    void finishOfAnUnusedZoneAsksForResourcesByZbcOnly() {
        for (ZoneCondition from : ZoneCondition.values()) {
            boolean unused = from == ZoneCondition.EMPTY || from == ZoneCondition.CLOSED;
            assertEquals(unused, ZoneTransitions.finishNeedsResources(from, ZoneRules.ZBC), from.name());
            assertEquals(false, ZoneTransitions.finishNeedsResources(from, ZoneRules.ZNS), from.name());
        }
    }
}
