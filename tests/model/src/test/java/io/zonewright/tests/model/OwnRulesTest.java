package io.zonewright.tests.model;

import static io.zonewright.api.result.Cause.DONE;
import static io.zonewright.api.result.Cause.MEDIUM_ERROR;
import static io.zonewright.api.result.Cause.NOT_AT_WRITE_POINTER;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.zonewright.api.request.DeviceRequest;
import io.zonewright.api.request.Operation;
import io.zonewright.api.result.Cause;
import io.zonewright.api.spi.Capabilities;
import io.zonewright.api.spi.DeviceIdentity;
import io.zonewright.api.spi.DeviceListener;
import io.zonewright.api.spi.ZonedBackend;
import io.zonewright.api.zone.ZoneCondition;
import io.zonewright.api.zone.ZoneDescriptor;
import io.zonewright.api.zone.ZoneGeometry;
import io.zonewright.api.zone.ZoneLimits;
import io.zonewright.api.zone.ZoneRules;
import io.zonewright.api.zone.ZoneSink;
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

    /** The lane of the zone still stands then, with nothing in it. */
    @Test
    void aReportAskedForWithinTheAnswerToAWriteTellsOfItsZone() {
        RecordingRequest report = RecordingRequest.plain(
                Operation.ZONE_REPORT, 0, SHAPE.geometry().deviceBytes());
        RuledBackend other = disk;
        submit(RecordingRequest.write(0, 1024, 5).then(() -> {
            synchronized (other) {
                // Another process writes a block.
                assertEquals(Set.of(DONE), other.disk().write(1024, new byte[512]));
            }
            submit(report);
            medium.carryOut(0);
        }));
        medium.carryOut(0);
        assertEquals(Set.of(DONE), report.result());
        assertZone(0, ZoneCondition.IMPLICIT_OPEN, 3);
        RecordingRequest next = write(3, 1);
        medium.carryOut(0);
        assertEquals(Set.of(DONE), next.result());
        assertZone(0, ZoneCondition.IMPLICIT_OPEN, 4);
        assertEquals(List.of("WRITE 0+1024", "ZONE_REPORT 0+32768", "WRITE 1536+512"), medium.log());
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
        RecordingRequest closeAll = submit(RecordingRequest.all(Operation.ZONE_CLOSE));
        medium.carryOutAll();
        assertEquals(Set.of(DONE), closeAll.result());
        assertEquals(List.of("ZONE_REPORT 0+32768", "ZONE_CLOSE 0+0", "ZONE_CLOSE 8192+0"), medium.log());
        assertZone(0, ZoneCondition.CLOSED, 1);
    }

    /** What another process does to the disk. */
    private void behindOurBack(long block, int blocks) {
        assertEquals(Set.of(DONE), disk.disk().write(block * 512, new byte[blocks * 512]));
    }

    /** The medium knows no better than that it failed. */
    private void failFirst() {
        medium.fail(0, MEDIUM_ERROR, 0);
        assertEquals("ZONE_REPORT 0+8192", medium.waiting().get(medium.held() - 1));
        medium.carryOutAll();
    }

    @Test
    void aBareFailureIsExplainedByTheReport() {
        behindOurBack(0, 1);
        RecordingRequest moved = write(0, 1);
        failFirst();
        assertEquals(Set.of(NOT_AT_WRITE_POINTER), moved.result());
        assertZone(0, ZoneCondition.IMPLICIT_OPEN, 1);

        RecordingRequest atThePointer = write(1, 1);
        failFirst();
        assertEquals(Set.of(MEDIUM_ERROR), atThePointer.result(), "nothing explains it");

        behindOurBack(1, 15);
        RecordingRequest full = write(1, 1);
        failFirst();
        assertEquals(Set.of(Cause.ZONE_FULL), full.result());
        assertZone(0, ZoneCondition.FULL, 16);

        disk.disk().action(Operation.ZONE_RESET, 0);
        disk.disk().action(Operation.ZONE_SET_READ_ONLY, 0);
        RecordingRequest readOnly = write(1, 1);
        failFirst();
        assertEquals(Set.of(Cause.ZONE_READ_ONLY), readOnly.result());
        RecordingRequest reset = submit(RecordingRequest.action(Operation.ZONE_RESET, 0));
        failFirst();
        assertEquals(Set.of(Cause.ZONE_READ_ONLY), reset.result());

        disk.disk().action(Operation.ZONE_SET_OFFLINE, 0);
        RecordingRequest offline = submit(RecordingRequest.action(Operation.ZONE_RESET, 0));
        failFirst();
        assertEquals(Set.of(Cause.ZONE_OFFLINE), offline.result());
    }

    @Test
    void withoutAReportTheMediumsCauseStays() {
        behindOurBack(0, 1);
        RecordingRequest wild = write(5, 1);
        medium.fail(0, MEDIUM_ERROR, 0);
        medium.fail(0, MEDIUM_ERROR, 0);
        assertEquals(Set.of(MEDIUM_ERROR), wild.result());
    }

    @Test
    void displacedAppendsArePlacedAnewInOrder() {
        behindOurBack(0, 2);
        RecordingRequest first = submit(RecordingRequest.append(0, 512, 1));
        RecordingRequest second = submit(RecordingRequest.append(0, 1024, 2));
        assertEquals(List.of("WRITE 0+512", "WRITE 512+1024"), medium.waiting());
        medium.fail(0, MEDIUM_ERROR, 0);
        medium.fail(0, Cause.PREDECESSOR_FAILED, 0);
        medium.carryOutAll();
        assertEquals(Set.of(DONE), first.result());
        assertEquals(1024, first.placement());
        assertEquals(Set.of(DONE), second.result());
        assertEquals(1536, second.placement());
        assertZone(0, ZoneCondition.IMPLICIT_OPEN, 5);
        assertEquals(
                List.of(
                        "WRITE 0+512",
                        "WRITE 512+1024",
                        "ZONE_REPORT 0+8192",
                        "WRITE 1024+512",
                        "ZONE_REPORT 0+8192",
                        "WRITE 1536+1024"),
                medium.log());
        assertEquals(0, device.inFlight());
    }

    @Test
    void anAppendIsPlacedAnewThreeTimesAtMost() {
        RecordingRequest append = submit(RecordingRequest.append(0, 512, 1));
        for (int i = 0; i < 4; i++) {
            assertEquals(List.of("WRITE " + i * 512 + "+512"), medium.waiting());
            behindOurBack(i, 1);
            medium.fail(0, MEDIUM_ERROR, 0);
            medium.carryOut(0);
        }
        assertEquals(Set.of(MEDIUM_ERROR), append.result());
        assertEquals(-1, append.placement());
        assertEquals(0, medium.held());
    }

    @Test
    void anAppendThatFindsNoRoomIsTold() {
        behindOurBack(0, 15);
        RecordingRequest append = submit(RecordingRequest.append(0, 1024, 1));
        failFirst();
        assertEquals(Set.of(Cause.CROSSES_ZONE_BOUNDARY, Cause.BEYOND_ZONE_CAPACITY), append.result());
        assertZone(0, ZoneCondition.IMPLICIT_OPEN, 15);
    }

    @Test
    void failedReadsAreExplainedToo() {
        behindOurBack(0, 16);
        submit(RecordingRequest.plain(Operation.ZONE_REPORT, 0, 8192));
        medium.carryOutAll();
        RecordingRequest broken = submit(RecordingRequest.read(0, 512));
        medium.fail(0, MEDIUM_ERROR, 0);
        medium.carryOutAll();
        assertEquals(Set.of(MEDIUM_ERROR), broken.result());
        disk.disk().action(Operation.ZONE_SET_OFFLINE, 0);
        RecordingRequest offline = submit(RecordingRequest.read(0, 512));
        medium.fail(0, MEDIUM_ERROR, 0);
        assertFalse(offline.completed());
        medium.carryOutAll();
        assertEquals(Set.of(Cause.ZONE_OFFLINE), offline.result());
        assertZone(0, ZoneCondition.OFFLINE, 16);
    }

    @Test
    void aReadAboveThePointerAsksFirst() {
        assertEquals(
                Set.of(DONE),
                disk.disk().write(0, RecordingRequest.write(0, 512, 5).payload()));
        RecordingRequest read = submit(RecordingRequest.read(0, 1024));
        medium.carryOutAll();
        assertEquals(Set.of(DONE), read.result());
        assertEquals(5, read.payload()[511]);
        assertEquals(0, read.payload()[512]);
        RecordingRequest above = submit(RecordingRequest.read(1024, 512));
        medium.carryOutAll();
        assertEquals(Set.of(DONE), above.result());
        assertEquals(0, above.payload()[0]);
        RecordingRequest below = submit(RecordingRequest.read(0, 512));
        medium.carryOutAll();
        assertEquals(5, below.payload()[0]);
        assertEquals(List.of("ZONE_REPORT 0+1024", "READ 0+1024", "ZONE_REPORT 1024+512", "READ 0+512"), medium.log());
    }

    @Test
    void conventionalZonesMayFail() {
        Shape shape = SHAPE.withConventional(2);
        BrokenConventional broken = new BrokenConventional(new RuledBackend(shape, ZoneRules.ZBC));
        medium = new ScriptedBackend(broken);
        device = open();
        RecordingRequest good = write(0, 1);
        medium.carryOutAll();
        assertEquals(Set.of(DONE), good.result());
        broken.condition = ZoneCondition.READ_ONLY;
        RecordingRequest refused = write(0, 1);
        medium.fail(0, MEDIUM_ERROR, 0);
        medium.carryOutAll();
        assertEquals(Set.of(Cause.ZONE_READ_ONLY), refused.result());
        assertZone(0, ZoneCondition.READ_ONLY, 16);
        RecordingRequest read = submit(RecordingRequest.read(0, 512));
        medium.fail(0, MEDIUM_ERROR, 0);
        medium.carryOutAll();
        assertEquals(Set.of(MEDIUM_ERROR), read.result(), "it should be readable");
        device = open();
        assertZone(0, ZoneCondition.READ_ONLY, 16);
    }

    /** A disk whose first zone, a conventional one, may fail. */
    private static final class BrokenConventional extends Delegate {
        private ZoneCondition condition = ZoneCondition.NOT_WRITE_POINTER;

        BrokenConventional(ZonedBackend inner) {
            super(inner);
        }

        private ZoneSink told(ZoneSink sink) {
            return (index, type, seen, capacity, pointer) ->
                    sink.zone(index, type, index == 0 ? condition : seen, capacity, pointer);
        }

        @Override
        public void loadZones(ZoneSink sink) {
            super.loadZones(told(sink));
        }

        @Override
        public void submit(DeviceRequest request) {
            ZoneSink sink = request.sink();
            if (sink != null) {
                request.setSink(told(sink));
            }
            super.submit(request);
        }
    }

    private static class Delegate implements ZonedBackend {
        private final ZonedBackend inner;

        Delegate(ZonedBackend inner) {
            this.inner = inner;
        }

        @Override
        public ZoneGeometry geometry() {
            return inner.geometry();
        }

        @Override
        public ZoneLimits limits() {
            return inner.limits();
        }

        @Override
        public Capabilities capabilities() {
            return inner.capabilities();
        }

        @Override
        public void loadZones(ZoneSink sink) {
            inner.loadZones(sink);
        }

        @Override
        public void submit(DeviceRequest request) {
            inner.submit(request);
        }

        @Override
        public void close() {
            inner.close();
        }
    }
}
