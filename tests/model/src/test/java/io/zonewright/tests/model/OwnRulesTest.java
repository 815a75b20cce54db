package io.zonewright.tests.model;

import static io.zonewright.api.result.Cause.DONE;
import static io.zonewright.api.result.Cause.MEDIUM_ERROR;
import static io.zonewright.api.result.Cause.NOT_AT_WRITE_POINTER;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.zonewright.api.request.Operation;
import io.zonewright.api.result.Cause;
import io.zonewright.api.spi.Capabilities;
import io.zonewright.api.spi.DeviceIdentity;
import io.zonewright.api.spi.DeviceListener;
import io.zonewright.api.zone.ZoneCondition;
import io.zonewright.api.zone.ZoneDescriptor;
import io.zonewright.api.zone.ZoneLimits;
import io.zonewright.api.zone.ZoneRules;
import io.zonewright.engine.EngineDevice;
import io.zonewright.testkit.backend.RecordingRequest;
import io.zonewright.testkit.backend.RuledBackend;
import io.zonewright.testkit.backend.ScriptedBackend;
import io.zonewright.testkit.backend.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A medium with zone rules of its own is mirrored, not second-guessed. */
class OwnRulesTest {
    private static final Shape SHAPE = Shape.hostManaged(4, 16).with(new ZoneLimits(2, 3, 4096));

    private RuledBackend disk = new RuledBackend(SHAPE, ZoneRules.ZBC);
    private ScriptedBackend medium = new ScriptedBackend(disk);
    private EngineDevice device = open();

    private EngineDevice open() {
        return EngineDevice.open(DeviceIdentity.of("ruled"), medium, ZoneRules.ZBC);
    }

    private RecordingRequest submit(RecordingRequest request) {
        device.submit(request);
        return request;
    }

    private RecordingRequest write(long block, int blocks) {
        return submit(RecordingRequest.write(block * 512, blocks * 512, 5));
    }

    private void assertZone(int index, ZoneCondition condition, long blocksWritten) {
        ZoneDescriptor zone = new ZoneDescriptor();
        device.zone(index, zone);
        assertEquals(condition, zone.condition());
        assertEquals(zone.start() + blocksWritten * 512, zone.writePointer());
    }

    @Test
    void successIsMirroredWithoutAReport() {
        RecordingRequest first = write(0, 2);
        RecordingRequest second = write(2, 14);
        assertEquals(List.of("WRITE 0+1024", "WRITE 1024+7168"), medium.waiting());
        medium.carryOut(0);
        assertZone(0, ZoneCondition.IMPLICIT_OPEN, 2);
        medium.carryOut(0);
        assertEquals(Set.of(DONE), first.result());
        assertEquals(Set.of(DONE), second.result());
        assertZone(0, ZoneCondition.FULL, 16);
        assertEquals(List.of("WRITE 0+1024", "WRITE 1024+7168"), medium.log());
    }

    @Test
    void theMediumJudgesAndIsAskedAfterARefusal() {
        RecordingRequest wrong = write(3, 1);
        RecordingRequest right = write(0, 1);
        medium.carryOut(0);
        assertFalse(wrong.completed(), "not before the mirror is right");
        medium.carryOut(0);
        assertEquals(List.of("ZONE_REPORT 0+8192"), medium.waiting());
        medium.carryOut(0);
        assertEquals(Set.of(NOT_AT_WRITE_POINTER), wrong.result());
        assertEquals(Set.of(DONE), right.result());
        assertZone(0, ZoneCondition.IMPLICIT_OPEN, 1);
        assertEquals(0, medium.held());
    }

    @Test
    void partOfAFailedWriteIsWhatTheReportSays() {
        RecordingRequest failing = write(0, 4);
        RecordingRequest behind = write(4, 1);
        medium.fail(0, MEDIUM_ERROR, 1024);
        RecordingRequest late = write(2, 1);
        assertEquals(List.of("WRITE 2048+512"), medium.waiting());
        medium.carryOut(0);
        medium.carryOut(0);
        assertEquals(Set.of(MEDIUM_ERROR), failing.result());
        assertEquals(Set.of(NOT_AT_WRITE_POINTER), behind.result());
        assertZone(0, ZoneCondition.IMPLICIT_OPEN, 2);
        medium.carryOut(0);
        assertEquals(Set.of(DONE), late.result());
        assertZone(0, ZoneCondition.IMPLICIT_OPEN, 3);
    }

    @Test
    void aReportThatFailsKeepsNobodyWaiting() {
        RecordingRequest failing = write(0, 1);
        medium.fail(0, MEDIUM_ERROR, 0);
        medium.fail(0, MEDIUM_ERROR, 0);
        assertEquals(Set.of(MEDIUM_ERROR), failing.result());
        assertZone(0, ZoneCondition.EMPTY, 0);
        RecordingRequest again = write(0, 1);
        medium.carryOutAll();
        assertEquals(Set.of(DONE), again.result());
    }

    @Test
    void limitsAreTheMediums() {
        submit(RecordingRequest.action(Operation.ZONE_OPEN, 0));
        submit(RecordingRequest.action(Operation.ZONE_OPEN, 8192));
        medium.carryOutAll();
        assertZone(0, ZoneCondition.EXPLICIT_OPEN, 0);
        RecordingRequest third = submit(RecordingRequest.action(Operation.ZONE_OPEN, 16384));
        assertEquals(List.of("ZONE_OPEN 16384+0"), medium.waiting());
        medium.carryOutAll();
        assertEquals(Set.of(Cause.OPEN_LIMIT), third.result());
    }

    @Test
    void aReportShowsWhatTheMediumDidByItself() {
        write(0, 1);
        submit(RecordingRequest.write(8192, 512, 1));
        submit(RecordingRequest.write(16384, 512, 1));
        medium.carryOutAll();
        // The disk closed zone 0 by itself; nobody said so.
        assertZone(0, ZoneCondition.IMPLICIT_OPEN, 1);
        RecordingRequest report = submit(RecordingRequest.plain(Operation.ZONE_REPORT, 0, 4 * 8192));
        medium.carryOutAll();
        assertEquals(Set.of(DONE), report.result());
        assertZone(0, ZoneCondition.CLOSED, 1);
        assertEquals(2, device.resourceUse().open());
        assertEquals(3, device.resourceUse().active());
    }

    @Test
    void anOldReportDoesNotTurnBackTheClock() {
        List<Integer> changed = new ArrayList<>();
        device.addListener(new DeviceListener() {
            @Override
            public void zoneChanged(int zone) {
                changed.add(zone);
            }
        });
        disk.disk().action(Operation.ZONE_SET_OFFLINE, 8192);
        RecordingRequest report = submit(RecordingRequest.plain(Operation.ZONE_REPORT, 0, 2 * 8192));
        RecordingRequest write = write(0, 1);
        // The write overtakes the report, but a report of a zone touched meanwhile does not count.
        medium.carryOut(1);
        assertEquals(Set.of(DONE), write.result());
        disk.disk().action(Operation.ZONE_RESET, 0);
        medium.carryOut(0);
        assertEquals(Set.of(DONE), report.result());
        assertZone(0, ZoneCondition.IMPLICIT_OPEN, 1);
        assertZone(1, ZoneCondition.OFFLINE, 16);
        assertEquals(List.of(1), changed);
    }

    @Test
    void appendsAreNumberedByTheMirrorOrByTheMedium() {
        RecordingRequest first = submit(RecordingRequest.append(0, 512, 1));
        RecordingRequest second = submit(RecordingRequest.append(0, 1024, 2));
        assertEquals(List.of("WRITE 0+512", "WRITE 512+1024"), medium.waiting());
        medium.carryOutAll();
        assertEquals(0, first.placement());
        assertEquals(512, second.placement());

        disk = new RuledBackend(SHAPE.with(new Capabilities(false, false, false, false, true, true)), ZoneRules.ZBC);
        medium = new ScriptedBackend(disk);
        device = open();
        RecordingRequest third = submit(RecordingRequest.append(0, 512, 3));
        RecordingRequest fourth = submit(RecordingRequest.append(0, 1024, 4));
        medium.carryOut(1);
        assertEquals(0, fourth.placement());
        medium.carryOut(0);
        assertEquals(1024, third.placement());
        assertZone(0, ZoneCondition.IMPLICIT_OPEN, 3);
    }

    @Test
    void failedNativeAppendWaitsForTheReport() {
        disk = new RuledBackend(SHAPE.with(new Capabilities(false, false, false, false, true, true)), ZoneRules.ZBC);
        medium = new ScriptedBackend(disk);
        device = open();
        RecordingRequest first = submit(RecordingRequest.append(0, 512, 3));
        RecordingRequest second = submit(RecordingRequest.append(0, 512, 3));
        medium.fail(0, MEDIUM_ERROR, 0);
        assertFalse(first.completed());
        medium.carryOut(0);
        assertEquals(Set.of(DONE), second.result());
        assertEquals(List.of("ZONE_REPORT 0+8192"), medium.waiting());
        medium.carryOut(0);
        assertEquals(Set.of(MEDIUM_ERROR), first.result());
        assertZone(0, ZoneCondition.IMPLICIT_OPEN, 1);
    }

    @Test
    void actionOnAllAsksFirst() {
        disk.disk().write(0, new byte[512]);
        disk.disk().write(8192, new byte[512]);
        RecordingRequest resetAll = submit(RecordingRequest.all(Operation.ZONE_RESET));
        medium.carryOutAll();
        assertEquals(Set.of(DONE), resetAll.result());
        assertEquals(List.of("ZONE_REPORT 0+32768", "ZONE_RESET 0+0", "ZONE_RESET 8192+0"), medium.log());
        assertZone(0, ZoneCondition.EMPTY, 0);
    }
}
