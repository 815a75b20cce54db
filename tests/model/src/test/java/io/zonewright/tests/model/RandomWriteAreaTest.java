package io.zonewright.tests.model;

import static io.zonewright.api.result.Cause.ACTIVE_LIMIT;
import static io.zonewright.api.result.Cause.AREA_NOT_APPLICABLE;
import static io.zonewright.api.result.Cause.CROSSES_ZONE_BOUNDARY;
import static io.zonewright.api.result.Cause.DONE;
import static io.zonewright.api.result.Cause.MEDIUM_ERROR;
import static io.zonewright.api.result.Cause.NOT_APPLICABLE;
import static io.zonewright.api.result.Cause.NOT_AT_WRITE_POINTER;
import static io.zonewright.api.result.Cause.NO_RANDOM_WRITE_AREA;
import static io.zonewright.api.result.Cause.OPEN_LIMIT;
import static io.zonewright.api.result.Cause.OUT_OF_RANGE;
import static io.zonewright.api.result.Cause.ZONE_READ_ONLY;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.zonewright.api.request.Operation;
import io.zonewright.api.result.Cause;
import io.zonewright.api.spi.Capabilities;
import io.zonewright.api.spi.DeviceIdentity;
import io.zonewright.api.zone.ZoneCondition;
import io.zonewright.api.zone.ZoneDescriptor;
import io.zonewright.api.zone.ZoneFeatures;
import io.zonewright.api.zone.ZoneLimits;
import io.zonewright.api.zone.ZoneRules;
import io.zonewright.engine.EngineDevice;
import io.zonewright.testkit.backend.MemoryBackend;
import io.zonewright.testkit.backend.RecordingRequest;
import io.zonewright.testkit.backend.ScriptedBackend;
import io.zonewright.testkit.backend.Shape;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Zones with a random write area (NVMe ZNS, "Zone Random Write Area"): zones of 32 blocks of 512 bytes, two areas of 8
 * blocks that are flushed by 2; two zones open, three active. Numbers are blocks.
 */
class RandomWriteAreaTest {
    private static final int BLOCK = 512;
    private static final int ZONE = 32 * BLOCK;
    private static final ZoneFeatures FEATURES = new ZoneFeatures(0, 2, 8 * BLOCK, 2 * BLOCK);
    private static final Shape SHAPE =
            Shape.hostManaged(5, 32).with(new ZoneLimits(2, 3, 16 * BLOCK)).with(FEATURES);

    private ScriptedBackend medium = new ScriptedBackend(new MemoryBackend(SHAPE)).holding(operation -> false);
    private EngineDevice device = EngineDevice.open(DeviceIdentity.of("areas"), medium, ZoneRules.ZNS);

    private void use(Shape shape, ZoneRules rules) {
        medium = new ScriptedBackend(new MemoryBackend(shape)).holding(operation -> false);
        device = EngineDevice.open(DeviceIdentity.of("areas"), medium, rules);
    }

    private RecordingRequest submit(RecordingRequest request) {
        device.submit(request);
        return request;
    }

    private Set<Cause> open(int zone) {
        return submit(RecordingRequest.openWithArea((long) zone * ZONE)).result();
    }

    private RecordingRequest write(int block, int blocks, int fill) {
        return submit(RecordingRequest.write((long) block * BLOCK, blocks * BLOCK, fill));
    }

    private RecordingRequest flush(int zone, int blocks) {
        return submit(RecordingRequest.plain(Operation.ZONE_FLUSH_AREA, (long) zone * ZONE, (long) blocks * BLOCK));
    }

    private Set<Cause> act(Operation action, int zone) {
        return submit(RecordingRequest.action(action, (long) zone * ZONE)).result();
    }

    /** The first byte of each block from {@code block} on. */
    private byte[] read(int block, int blocks) {
        RecordingRequest read = submit(RecordingRequest.read((long) block * BLOCK, blocks * BLOCK));
        assertEquals(Set.of(DONE), read.result());
        byte[] marks = new byte[blocks];
        for (int i = 0; i < blocks; i++) {
            marks[i] = read.payload()[i * BLOCK];
        }
        return marks;
    }

    private void assertZone(int zone, ZoneCondition condition, int pointer, boolean area) {
        ZoneDescriptor got = new ZoneDescriptor();
        device.zone(zone, got);
        assertEquals(
                condition + " at " + pointer + (area ? " with area" : ""),
                got.condition() + " at " + (got.writePointer() - got.start()) / BLOCK
                        + (got.randomWriteArea() ? " with area" : ""));
    }

    @Test
    void writesInsideTheAreaComeInAnyOrderAndAgain() {
        assertEquals(Set.of(DONE), open(0));
        assertZone(0, ZoneCondition.EXPLICIT_OPEN, 0, true);
        assertEquals(Set.of(DONE), write(6, 2, 1).result());
        assertEquals(Set.of(DONE), write(0, 1, 2).result());
        assertEquals(Set.of(DONE), write(7, 1, 3).result());
        assertZone(0, ZoneCondition.EXPLICIT_OPEN, 0, true);
        assertArrayEquals(new byte[] {2, 0, 0, 0, 0, 0, 1, 3, 0, 0}, read(0, 10));
    }

    @Test
    void aWriteBeyondTheAreaFlushesAsMuchAsMakesRoom() {
        open(0);
        assertEquals(Set.of(DONE), write(8, 1, 1).result());
        assertZone(0, ZoneCondition.EXPLICIT_OPEN, 2, true);
        assertEquals(Set.of(NOT_AT_WRITE_POINTER), write(1, 1, 9).result());
        assertEquals(Set.of(NOT_AT_WRITE_POINTER), write(1, 4, 9).result());
        assertEquals(Set.of(NOT_AT_WRITE_POINTER), write(18, 1, 9).result());
        assertEquals(Set.of(NOT_AT_WRITE_POINTER), write(17, 2, 9).result());
        assertZone(0, ZoneCondition.EXPLICIT_OPEN, 2, true);
        assertEquals(Set.of(DONE), write(2, 16, 2).result());
        assertZone(0, ZoneCondition.EXPLICIT_OPEN, 10, true);
        assertArrayEquals(new byte[] {0, 0, 2, 2}, read(0, 4));
    }

    @Test
    void theAreaEndsWithTheZone() {
        open(0);
        write(8, 8, 1);
        write(16, 8, 1);
        assertEquals(Set.of(DONE), write(24, 8, 1).result());
        assertZone(0, ZoneCondition.EXPLICIT_OPEN, 24, true);
        assertEquals(Set.of(CROSSES_ZONE_BOUNDARY), write(31, 2, 1).result());
        assertEquals(Set.of(DONE), write(31, 1, 7).result());
        assertZone(0, ZoneCondition.EXPLICIT_OPEN, 24, true);
        assertEquals(Set.of(DONE), flush(0, 32).result());
        assertZone(0, ZoneCondition.FULL, 32, false);
        assertEquals(0, device.areasInUse());
        assertEquals(0, device.resourceUse().active());
        assertArrayEquals(new byte[] {1, 7}, read(30, 2));
    }

    @Test
    void explicitFlush() {
        open(0);
        assertEquals(Set.of(DONE), flush(0, 4).result());
        assertZone(0, ZoneCondition.EXPLICIT_OPEN, 4, true);
        for (int wrong : new int[] {-2, 0, 2, 4, 5, 13, 14}) {
            assertEquals(Set.of(AREA_NOT_APPLICABLE), flush(0, wrong).result(), "to " + wrong);
        }
        assertEquals(
                Set.of(AREA_NOT_APPLICABLE),
                submit(RecordingRequest.plain(Operation.ZONE_FLUSH_AREA, 0, 6 * BLOCK + 1))
                        .result());
        assertEquals(Set.of(DONE), flush(0, 12).result());
        assertZone(0, ZoneCondition.EXPLICIT_OPEN, 12, true);
        assertEquals(Set.of(AREA_NOT_APPLICABLE), flush(1, 2).result());
        assertEquals(Set.of(OUT_OF_RANGE), flush(5, 2).result());
        act(Operation.ZONE_OPEN, 1);
        assertEquals(Set.of(AREA_NOT_APPLICABLE), flush(1, 2).result());
    }

    @Test
    void flushOpensAClosedZone() {
        open(0);
        assertEquals(Set.of(DONE), act(Operation.ZONE_CLOSE, 0));
        assertZone(0, ZoneCondition.CLOSED, 0, true);
        act(Operation.ZONE_OPEN, 1);
        act(Operation.ZONE_OPEN, 2);
        assertEquals(Set.of(OPEN_LIMIT), flush(0, 2).result());
        assertEquals(Set.of(OPEN_LIMIT), write(3, 1, 1).result());
        assertZone(0, ZoneCondition.CLOSED, 0, true);
        act(Operation.ZONE_CLOSE, 1);
        assertEquals(Set.of(DONE), flush(0, 2).result());
        assertZone(0, ZoneCondition.IMPLICIT_OPEN, 2, true);
    }

    @Test
    void whoGetsAnArea() {
        write(32, 1, 1);
        assertEquals(Set.of(AREA_NOT_APPLICABLE), open(1));
        assertZone(1, ZoneCondition.IMPLICIT_OPEN, 1, false);
        act(Operation.ZONE_FINISH, 1);
        assertEquals(Set.of(AREA_NOT_APPLICABLE, NOT_APPLICABLE), open(1));
        act(Operation.ZONE_SET_READ_ONLY, 1);
        assertEquals(Set.of(ZONE_READ_ONLY), open(1));
        assertEquals(Set.of(DONE), open(0));
        assertEquals(Set.of(AREA_NOT_APPLICABLE), open(0));
        assertEquals(Set.of(DONE), open(2));
        assertEquals(2, device.areasInUse());
        assertEquals(Set.of(NO_RANDOM_WRITE_AREA, OPEN_LIMIT), open(3));
        act(Operation.ZONE_CLOSE, 2);
        assertEquals(Set.of(NO_RANDOM_WRITE_AREA), open(3));
        act(Operation.ZONE_OPEN, 3);
        assertEquals(Set.of(NO_RANDOM_WRITE_AREA, ACTIVE_LIMIT, OPEN_LIMIT), open(4));
        RecordingRequest all = RecordingRequest.all(Operation.ZONE_OPEN);
        all.setRandomWriteArea(true);
        assertEquals(Set.of(AREA_NOT_APPLICABLE), submit(all).result());
        use(SHAPE.with(ZoneFeatures.NONE), ZoneRules.ZNS);
        assertEquals(Set.of(AREA_NOT_APPLICABLE), open(0));
        assertEquals(Set.of(AREA_NOT_APPLICABLE), flush(0, 2).result());
        assertZone(0, ZoneCondition.EMPTY, 0, false);
    }

    @Test
    void noAppends() {
        open(0);
        assertEquals(
                Set.of(AREA_NOT_APPLICABLE),
                submit(RecordingRequest.append(0, BLOCK, 1)).result());
    }

    @Test
    void finishKeepsWhatWasWrittenAhead() {
        open(0);
        write(5, 1, 5);
        assertEquals(Set.of(DONE), act(Operation.ZONE_FINISH, 0));
        assertZone(0, ZoneCondition.FULL, 32, false);
        assertEquals(0, device.areasInUse());
        assertArrayEquals(new byte[] {0, 5, 0}, read(4, 3));
    }

    @Test
    void readOnlyKeepsWhatWasWrittenAhead() {
        open(0);
        write(5, 1, 5);
        assertEquals(Set.of(DONE), act(Operation.ZONE_SET_READ_ONLY, 0));
        assertZone(0, ZoneCondition.READ_ONLY, 32, false);
        assertEquals(0, device.areasInUse());
        assertArrayEquals(new byte[] {0, 5, 0}, read(4, 3));
    }

    @Test
    void resetGivesTheAreaBack() {
        open(0);
        write(8, 3, 5);
        assertEquals(Set.of(DONE), act(Operation.ZONE_RESET, 0));
        assertZone(0, ZoneCondition.EMPTY, 0, false);
        assertEquals(0, device.areasInUse());
        assertArrayEquals(new byte[16], read(0, 16));
        assertEquals(Set.of(NOT_AT_WRITE_POINTER), write(5, 1, 1).result());
    }

    /** By ZBC rules too, where closing an unwritten zone makes it empty: this one may hold data above its pointer. */
    @Test
    void closeKeepsTheArea() {
        use(SHAPE, ZoneRules.ZBC);
        open(0);
        write(5, 1, 5);
        assertEquals(Set.of(DONE), act(Operation.ZONE_CLOSE, 0));
        assertZone(0, ZoneCondition.CLOSED, 0, true);
        assertEquals(Set.of(DONE), write(6, 1, 6).result());
        assertZone(0, ZoneCondition.IMPLICIT_OPEN, 0, true);
        write(32, 1, 1);
        write(64, 1, 1);
        assertZone(0, ZoneCondition.CLOSED, 0, true);
        assertArrayEquals(new byte[] {5, 6}, read(5, 2));
    }

    @Test
    void writesRunSideBySideAndAreAnsweredAsTheyCome() {
        open(0);
        medium.holding(operation -> true);
        RecordingRequest low = write(0, 2, 1);
        RecordingRequest high = write(8, 4, 2);
        // The flush that makes room for it is done; the write is not.
        assertZone(0, ZoneCondition.EXPLICIT_OPEN, 4, true);
        assertEquals(List.of("WRITE 0+1024", "WRITE 4096+2048"), medium.waiting());
        medium.carryOut(1);
        assertEquals(Set.of(DONE), high.result());
        assertFalse(low.completed());
        assertEquals(Set.of(NOT_AT_WRITE_POINTER), write(0, 2, 3).result());
        medium.carryOut(0);
        assertEquals(Set.of(DONE), low.result());
        assertZone(0, ZoneCondition.EXPLICIT_OPEN, 4, true);
    }

    @Test
    void aFailedWriteFailsAloneAndItsFlushStays() {
        open(0);
        medium.holding(operation -> true);
        RecordingRequest failing = write(8, 2, 1);
        RecordingRequest other = write(10, 2, 2);
        assertZone(0, ZoneCondition.EXPLICIT_OPEN, 4, true);
        medium.fail(0, MEDIUM_ERROR, 700);
        assertEquals(Set.of(MEDIUM_ERROR), failing.result());
        assertEquals(512, failing.transferred());
        assertZone(0, ZoneCondition.EXPLICIT_OPEN, 4, true);
        RecordingRequest again = write(8, 2, 3);
        medium.carryOutAll();
        assertEquals(Set.of(DONE), other.result());
        assertEquals(Set.of(DONE), again.result());
        medium.holding(operation -> false);
        assertArrayEquals(new byte[] {3, 3, 2, 2}, read(8, 4));
    }

    @Test
    void aFlushWaitsForTheWritesBeforeIt() {
        open(0);
        medium.holding(operation -> true);
        RecordingRequest write = write(0, 2, 1);
        RecordingRequest flush = flush(0, 4);
        RecordingRequest behind = write(2, 2, 2);
        assertFalse(flush.completed());
        assertEquals(List.of("WRITE 0+1024"), medium.waiting());
        medium.carryOut(0);
        assertEquals(Set.of(DONE), write.result());
        assertEquals(Set.of(DONE), flush.result());
        assertEquals(Set.of(NOT_AT_WRITE_POINTER), behind.result());
        assertZone(0, ZoneCondition.EXPLICIT_OPEN, 4, true);
    }

    /** What kind of write it is shows only when its turn comes. */
    @Test
    void writesThatWaitedForTheAreaToComeOrGo() {
        medium.holding(operation -> true);
        write(0, 1, 1);
        RecordingRequest reset = submit(RecordingRequest.action(Operation.ZONE_RESET, 0));
        RecordingRequest opening = submit(RecordingRequest.openWithArea(0));
        RecordingRequest high = write(7, 1, 7);
        RecordingRequest low = write(3, 1, 3);
        RecordingRequest secondReset = submit(RecordingRequest.action(Operation.ZONE_RESET, 0));
        RecordingRequest first = write(0, 1, 10);
        RecordingRequest second = write(1, 1, 11);
        medium.carryOut(0);
        assertEquals(List.of("ZONE_RESET 0+0"), medium.waiting());
        medium.carryOut(0);
        assertEquals(Set.of(DONE), reset.result());
        assertEquals(Set.of(DONE), opening.result());
        assertEquals(List.of("WRITE 3584+512", "WRITE 1536+512"), medium.waiting());
        medium.carryOut(1);
        assertEquals(Set.of(DONE), low.result());
        medium.carryOut(0);
        assertEquals(Set.of(DONE), high.result());
        medium.carryOut(0);
        assertEquals(Set.of(DONE), secondReset.result());
        assertEquals(List.of("WRITE 0+512", "WRITE 512+512"), medium.waiting());
        medium.carryOut(1);
        assertFalse(second.completed(), "ordered again");
        medium.carryOut(0);
        assertEquals(Set.of(DONE), first.result());
        assertEquals(Set.of(DONE), second.result());
        assertZone(0, ZoneCondition.IMPLICIT_OPEN, 2, false);
        assertEquals(0, device.areasInUse());
    }

    /** A failed write left something in a zone that is empty all the same. */
    private void leaveSomethingInZone0() {
        use(SHAPE, ZoneRules.ZBC);
        medium.holding(operation -> true);
        write(0, 4, 0x77);
        medium.fail(0, MEDIUM_ERROR, 0);
        assertEquals(Set.of(DONE), act(Operation.ZONE_CLOSE, 0));
        assertZone(0, ZoneCondition.EMPTY, 0, false);
    }

    @Test
    void whatAFailedWriteLeftIsClearedBeforeTheAreaIsThere() {
        leaveSomethingInZone0();
        RecordingRequest opening = submit(RecordingRequest.openWithArea(0));
        RecordingRequest behind = write(3, 1, 3);
        assertEquals(List.of("ZONE_RESET 0+0"), medium.waiting());
        assertFalse(opening.completed());
        medium.carryOut(0);
        assertEquals(Set.of(DONE), opening.result());
        assertEquals(Operation.ZONE_OPEN, opening.operation());
        medium.carryOutAll();
        assertEquals(Set.of(DONE), behind.result());
        medium.holding(operation -> false);
        assertArrayEquals(new byte[] {0, 0, 0, 3, 0}, read(0, 5));
        assertEquals(Set.of(DONE), act(Operation.ZONE_CLOSE, 0));
        assertEquals(Set.of(DONE), act(Operation.ZONE_OPEN, 0));
        assertArrayEquals(new byte[] {0, 0, 0, 3, 0}, read(0, 5));
    }

    @Test
    void ifItCannotBeClearedThereIsNoArea() {
        leaveSomethingInZone0();
        RecordingRequest opening = submit(RecordingRequest.openWithArea(0));
        RecordingRequest behind = write(3, 1, 3);
        medium.fail(0, MEDIUM_ERROR, 0);
        assertEquals(Set.of(MEDIUM_ERROR), opening.result());
        assertEquals(Operation.ZONE_OPEN, opening.operation());
        assertEquals(Set.of(NOT_AT_WRITE_POINTER), behind.result());
        assertZone(0, ZoneCondition.EMPTY, 0, false);
        assertEquals(0, device.areasInUse());
        assertEquals(0, device.resourceUse().active());
        assertArrayEquals(new byte[4], read(0, 4));
    }

    @Test
    void mediaThatCannotHaveAreasAreRefused() {
        Shape[] cannot = {
            SHAPE.with(new Capabilities(false, false, false, false, true, false)),
            SHAPE.with(new Capabilities(false, false, false, false, false, true)),
            SHAPE.with(new ZoneFeatures(0, 1, 1000, 500)),
            SHAPE.with(new ZoneFeatures(0, 1, 2 * ZONE, BLOCK)),
        };
        for (Shape shape : cannot) {
            assertThrows(IllegalStateException.class, () -> use(shape, ZoneRules.ZNS), shape.toString());
        }
    }
}
