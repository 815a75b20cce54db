package io.zonewright.engine;

import static io.zonewright.api.result.Cause.ACTIVE_LIMIT;
import static io.zonewright.api.result.Cause.DONE;
import static io.zonewright.api.result.Cause.OPEN_LIMIT;
import static io.zonewright.api.zone.ZoneCondition.CLOSED;
import static io.zonewright.api.zone.ZoneCondition.EMPTY;
import static io.zonewright.api.zone.ZoneCondition.EXPLICIT_OPEN;
import static io.zonewright.api.zone.ZoneCondition.FULL;
import static io.zonewright.api.zone.ZoneCondition.IMPLICIT_OPEN;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.zonewright.api.request.Operation;
import io.zonewright.api.result.Cause;
import io.zonewright.api.result.Causes;
import io.zonewright.api.spi.DeviceIdentity;
import io.zonewright.api.zone.ZoneCondition;
import io.zonewright.api.zone.ZoneDescriptor;
import io.zonewright.api.zone.ZoneLimits;
import io.zonewright.api.zone.ZoneRules;
import java.lang.foreign.MemorySegment;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Open and active limits, and whom they make close. */
class OpenResourcesTest {
    private static final long ZONE = 256L << 20;

    private EngineDevice device = open(new ZoneLimits(2, 3, 4096), ZoneRules.ZBC);
    private final InstantMedium.Probe probe = new InstantMedium.Probe();
    private final long[] pointers = new long[16];

    private static EngineDevice open(ZoneLimits limits, ZoneRules rules) {
        return EngineDevice.open(DeviceIdentity.of("limits"), InstantMedium.of(16, limits), rules);
    }

    private Set<Cause> write(int zone) {
        probe.data().clear();
        probe.data().add(MemorySegment.ofArray(new byte[4096]), 0, 4096);
        device.submit(probe.ask(Operation.WRITE, zone * ZONE + pointers[zone], 4096));
        if (probe.cause() == DONE) {
            pointers[zone] += 4096;
        }
        return Causes.toSet(probe.causes());
    }

    private Set<Cause> act(Operation action, int zone) {
        probe.data().clear();
        device.submit(probe.ask(action, zone * ZONE, 0));
        return Causes.toSet(probe.causes());
    }

    private Set<Cause> all(Operation action) {
        probe.data().clear();
        probe.ask(action, 0, 0).setAllZones(true);
        device.submit(probe);
        return Causes.toSet(probe.causes());
    }

    private void assertConditions(ZoneCondition... expected) {
        ZoneDescriptor zone = new ZoneDescriptor();
        for (int i = 0; i < expected.length; i++) {
            device.zone(i, zone);
            assertEquals(expected[i], zone.condition(), "zone " + i);
        }
    }

    @Test
    void implicitlyOpenZoneMakesRoom() {
        write(0);
        write(1);
        assertEquals(Set.of(DONE), write(2));
        assertConditions(CLOSED, IMPLICIT_OPEN, IMPLICIT_OPEN);
        assertEquals(new ResourceUse(2, 0, 1), device.resourceUse());
    }

    @Test
    void theOneNotWrittenAgainIsClosed() {
        write(0);
        write(1);
        write(0);
        write(2);
        assertConditions(IMPLICIT_OPEN, CLOSED, IMPLICIT_OPEN);
    }

    @Test
    void explicitlyOpenZonesStayOpen() {
        act(Operation.ZONE_OPEN, 0);
        write(1);
        assertEquals(Set.of(DONE), act(Operation.ZONE_OPEN, 2));
        assertConditions(EXPLICIT_OPEN, CLOSED, EXPLICIT_OPEN);
        assertEquals(Set.of(OPEN_LIMIT), write(1));
        assertEquals(Set.of(OPEN_LIMIT), act(Operation.ZONE_OPEN, 1));
        assertConditions(EXPLICIT_OPEN, CLOSED, EXPLICIT_OPEN);
    }

    @Test
    void activeLimitAloneWhenAnOpenZoneCouldMakeRoom() {
        write(0);
        write(1);
        write(2);
        assertEquals(Set.of(ACTIVE_LIMIT), write(3));
        assertConditions(CLOSED, IMPLICIT_OPEN, IMPLICIT_OPEN, EMPTY);
    }

    @Test
    void bothLimitsAreToldAndTheActiveOneComesFirst() {
        write(0);
        act(Operation.ZONE_OPEN, 1);
        act(Operation.ZONE_OPEN, 2);
        assertConditions(CLOSED, EXPLICIT_OPEN, EXPLICIT_OPEN);
        assertEquals(Set.of(ACTIVE_LIMIT, OPEN_LIMIT), write(3));
        assertEquals(Cause.ACTIVE_LIMIT, Causes.first(probe.causes()));
        assertEquals(Set.of(ACTIVE_LIMIT, OPEN_LIMIT), act(Operation.ZONE_OPEN, 3));
    }

    @Test
    void closedZoneNeedsNoActiveResourceToOpenAgain() {
        write(0);
        write(1);
        write(2);
        assertEquals(Set.of(DONE), write(0));
        assertConditions(IMPLICIT_OPEN, CLOSED, IMPLICIT_OPEN);
    }

    @Test
    void writeToAnOpenZoneNeedsNothing() {
        act(Operation.ZONE_OPEN, 0);
        act(Operation.ZONE_OPEN, 1);
        assertEquals(Set.of(DONE), write(0));
        assertEquals(new ResourceUse(0, 2, 0), device.resourceUse());
    }

    @Test
    void refusedWriteTellsLimitsBesideEverythingElse() {
        act(Operation.ZONE_OPEN, 0);
        act(Operation.ZONE_OPEN, 1);
        pointers[2] = 4096;
        assertEquals(Set.of(Cause.NOT_AT_WRITE_POINTER, OPEN_LIMIT), write(2));
    }

    @Test
    void finishAsksForResourcesByZbcOnly() {
        act(Operation.ZONE_OPEN, 0);
        act(Operation.ZONE_OPEN, 1);
        assertEquals(Set.of(OPEN_LIMIT), act(Operation.ZONE_FINISH, 2));
        assertConditions(EXPLICIT_OPEN, EXPLICIT_OPEN, EMPTY);
        act(Operation.ZONE_CLOSE, 0);
        write(3);
        assertEquals(Set.of(DONE), act(Operation.ZONE_FINISH, 2));
        assertConditions(EMPTY, EXPLICIT_OPEN, FULL, CLOSED);

        device = open(new ZoneLimits(2, 3, 4096), ZoneRules.ZNS);
        act(Operation.ZONE_OPEN, 0);
        act(Operation.ZONE_OPEN, 1);
        assertEquals(Set.of(DONE), act(Operation.ZONE_FINISH, 2));
    }

    @Test
    void unwrittenZoneClosesByTheDevicesRules() {
        act(Operation.ZONE_OPEN, 0);
        assertEquals(Set.of(DONE), act(Operation.ZONE_CLOSE, 0));
        assertConditions(EMPTY);

        device = open(new ZoneLimits(2, 3, 4096), ZoneRules.ZNS);
        act(Operation.ZONE_OPEN, 0);
        assertEquals(Set.of(DONE), act(Operation.ZONE_CLOSE, 0));
        assertConditions(CLOSED);
    }

    @Test
    void openAllIsAllOrNothing() {
        device = open(new ZoneLimits(2, 0, 4096), ZoneRules.ZBC);
        write(0);
        write(1);
        write(2);
        write(3);
        assertConditions(CLOSED, CLOSED, IMPLICIT_OPEN, IMPLICIT_OPEN);
        assertEquals(Set.of(DONE), all(Operation.ZONE_OPEN));
        assertConditions(EXPLICIT_OPEN, EXPLICIT_OPEN, CLOSED, CLOSED);
        assertEquals(Set.of(OPEN_LIMIT), all(Operation.ZONE_OPEN));
        assertConditions(EXPLICIT_OPEN, EXPLICIT_OPEN, CLOSED, CLOSED);
        assertEquals(Set.of(DONE), all(Operation.ZONE_CLOSE));
        assertConditions(CLOSED, CLOSED, CLOSED, CLOSED, EMPTY);
        assertEquals(Set.of(DONE), all(Operation.ZONE_FINISH));
        assertConditions(FULL, FULL, FULL, FULL, EMPTY);
        act(Operation.ZONE_SET_READ_ONLY, 1);
        act(Operation.ZONE_SET_OFFLINE, 2);
        assertEquals(Set.of(DONE), all(Operation.ZONE_RESET));
        assertConditions(EMPTY, ZoneCondition.READ_ONLY, ZoneCondition.OFFLINE, EMPTY, EMPTY);
    }
}
