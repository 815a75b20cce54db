package io.zonewright.tests.model;

import static io.zonewright.api.result.Cause.ALREADY_SO;
import static io.zonewright.api.result.Cause.DONE;
import static io.zonewright.api.result.Cause.MEDIUM_ERROR;
import static io.zonewright.api.result.Cause.NOT_AT_WRITE_POINTER;
import static io.zonewright.api.result.Cause.NO_SPACE;
import static io.zonewright.api.result.Cause.PREDECESSOR_FAILED;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.api.request.Operation;
import io.zonewright.api.result.Cause;
import io.zonewright.api.spi.Capabilities;
import io.zonewright.api.spi.DeviceIdentity;
import io.zonewright.api.spi.DeviceListener;
import io.zonewright.api.zone.ZoneCondition;
import io.zonewright.api.zone.ZoneDescriptor;
import io.zonewright.api.zone.ZoneGeometry;
import io.zonewright.api.zone.ZoneLimits;
import io.zonewright.api.zone.ZoneModel;
import io.zonewright.api.zone.ZoneRules;
import io.zonewright.engine.EngineDevice;
import io.zonewright.testkit.backend.MemoryBackend;
import io.zonewright.testkit.backend.RecordingRequest;
import io.zonewright.testkit.backend.ScriptedBackend;
import io.zonewright.testkit.backend.Shape;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Order, failure and waiting in one zone, over a medium that completes when and how the test says. */
class LanesTest {
    private static final Shape SHAPE = Shape.hostManaged(4, 16);
    private static final long ZONE_1 = 8192;

    private ScriptedBackend medium = new ScriptedBackend(new MemoryBackend(SHAPE));
    private EngineDevice device = EngineDevice.open(DeviceIdentity.of("lanes"), medium, ZoneRules.ZBC);

    private void use(Shape shape) {
        medium = new ScriptedBackend(new MemoryBackend(shape));
        device = EngineDevice.open(DeviceIdentity.of("lanes"), medium, ZoneRules.ZBC);
    }

    private RecordingRequest submit(RecordingRequest request) {
        device.submit(request);
        return request;
    }

    private RecordingRequest write(long block, int blocks) {
        return submit(RecordingRequest.write(block * 512, blocks * 512, (int) block + 1));
    }

    private RecordingRequest append(int blocks) {
        return submit(RecordingRequest.append(0, blocks * 512, 0x55));
    }

    private RecordingRequest action(Operation action) {
        return submit(RecordingRequest.action(action, 0));
    }

    private void assertZone(int index, ZoneCondition condition, long blocksWritten) {
        ZoneDescriptor zone = new ZoneDescriptor();
        device.zone(index, zone);
        assertEquals(condition, zone.condition());
        assertEquals(zone.start() + blocksWritten * 512, zone.writePointer());
    }

    @Test
    void acknowledgesInOrderWhateverTheMediumDoes() {
        RecordingRequest first = write(0, 1);
        RecordingRequest second = write(1, 2);
        RecordingRequest third = write(3, 1);
        assertEquals(List.of("WRITE 0+512", "WRITE 512+1024", "WRITE 1536+512"), medium.waiting());

        medium.carryOut(2);
        medium.carryOut(1);
        assertFalse(first.completed() || second.completed() || third.completed());
        assertZone(0, ZoneCondition.IMPLICIT_OPEN, 0);

        medium.carryOut(0);
        assertEquals(Set.of(DONE), first.result());
        assertEquals(Set.of(DONE), second.result());
        assertEquals(Set.of(DONE), third.result());
        assertTrue(first.order() < second.order() && second.order() < third.order());
        assertZone(0, ZoneCondition.IMPLICIT_OPEN, 4);
    }

    @Test
    void commitsAsFarAsTheFrontIsBack() {
        RecordingRequest first = write(0, 1);
        RecordingRequest second = write(1, 1);
        write(2, 1);
        medium.carryOut(1);
        medium.carryOut(0);
        assertEquals(Set.of(DONE), first.result());
        assertEquals(Set.of(DONE), second.result());
        assertZone(0, ZoneCondition.IMPLICIT_OPEN, 2);
    }

    @Test
    void zonesDoNotWaitForEachOther() {
        RecordingRequest slow = write(0, 1);
        RecordingRequest other = submit(RecordingRequest.write(ZONE_1, 512, 9));
        medium.carryOut(1);
        assertEquals(Set.of(DONE), other.result());
        assertFalse(slow.completed());
    }

    @Test
    void writeBehindOneInFlightIsJudgedByTheReservedPointer() {
        write(0, 2);
        assertEquals(Set.of(NOT_AT_WRITE_POINTER), write(0, 1).result());
        assertEquals(Set.of(NOT_AT_WRITE_POINTER), write(3, 1).result());
        assertEquals(1, medium.held());
    }

    @Test
    void failedWriteTakesThoseBehindItAlong() {
        RecordingRequest first = write(0, 1);
        RecordingRequest failing = write(1, 4);
        RecordingRequest third = write(5, 1);
        RecordingRequest appended = append(2);
        // Both behind it reach the medium, one before and one after the failure is known.
        medium.carryOut(2);
        medium.fail(1, NO_SPACE, 1024 + 300);
        RecordingRequest late = write(8, 1);
        assertEquals(List.of("WRITE 0+512", "WRITE 3072+1024"), medium.waiting());
        assertFalse(failing.completed());

        medium.carryOut(0);
        assertEquals(Set.of(DONE), first.result());
        assertEquals(Set.of(NO_SPACE), failing.result());
        assertEquals(1024, failing.transferred());
        assertEquals(Set.of(PREDECESSOR_FAILED), third.result());
        assertEquals(0, third.transferred());
        assertZone(0, ZoneCondition.IMPLICIT_OPEN, 3);
        assertFalse(appended.completed());
        assertFalse(late.completed());

        medium.carryOut(0);
        assertEquals(Set.of(PREDECESSOR_FAILED), appended.result());
        assertEquals(-1, appended.placement());
        assertEquals(Set.of(NOT_AT_WRITE_POINTER), late.result());
        assertTrue(third.order() < appended.order() && appended.order() < late.order());

        RecordingRequest again = write(3, 1);
        medium.carryOut(0);
        assertEquals(Set.of(DONE), again.result());
        assertZone(0, ZoneCondition.IMPLICIT_OPEN, 4);
    }

    @Test
    void whatArrivesAfterAFailureWaitsAndMayGoOn() {
        write(0, 2);
        RecordingRequest behind = write(2, 1);
        medium.fail(0, MEDIUM_ERROR, 512);
        RecordingRequest atPointer = write(1, 1);
        assertEquals(List.of("WRITE 1024+512"), medium.waiting());
        medium.carryOut(0);
        assertEquals(Set.of(PREDECESSOR_FAILED), behind.result());
        assertEquals(List.of("WRITE 512+512"), medium.waiting());
        medium.carryOut(0);
        assertEquals(Set.of(DONE), atPointer.result());
        assertZone(0, ZoneCondition.IMPLICIT_OPEN, 2);
    }

    @Test
    void shortWriteIsAFailedWrite() {
        RecordingRequest shortened = write(0, 4);
        RecordingRequest behind = write(4, 1);
        medium.shorten(0, 1536);
        assertEquals(Set.of(MEDIUM_ERROR), shortened.result());
        assertEquals(1536, shortened.transferred());
        medium.carryOut(0);
        assertEquals(Set.of(PREDECESSOR_FAILED), behind.result());
        assertZone(0, ZoneCondition.IMPLICIT_OPEN, 3);
    }

    @Test
    void shortWriteAloneInItsZone() {
        RecordingRequest shortened = write(0, 4);
        medium.shorten(0, 1000);
        assertEquals(Set.of(MEDIUM_ERROR), shortened.result());
        assertEquals(512, shortened.transferred());
        assertZone(0, ZoneCondition.IMPLICIT_OPEN, 1);
    }

    @Test
    void failedWriteCommitsWholeGranulesOnly() {
        use(SHAPE.with(new ZoneGeometry(ZoneModel.HOST_MANAGED, 4 * 8192, 512, 4096, 8192)));
        RecordingRequest failing = submit(RecordingRequest.write(0, 8192, 3));
        medium.fail(0, MEDIUM_ERROR, 8191);
        assertEquals(4096, failing.transferred());
        assertZone(0, ZoneCondition.IMPLICIT_OPEN, 8);
    }

    @Test
    void mediumThatClaimsMoreThanWasAskedIsNotBelieved() {
        RecordingRequest failing = write(0, 2);
        medium.fail(0, MEDIUM_ERROR, Long.MAX_VALUE);
        assertEquals(Set.of(MEDIUM_ERROR), failing.result());
        assertEquals(1024, failing.transferred());
        assertZone(0, ZoneCondition.IMPLICIT_OPEN, 2);
    }

    @Test
    void whatAFailedWriteLeftBehindIsNeverRead() {
        medium.holding(operation -> operation == Operation.WRITE);
        write(0, 4);
        medium.fail(0, MEDIUM_ERROR, 1024);
        byte[] expected = new byte[4 * 512];
        Arrays.fill(expected, 0, 1024, (byte) 1);
        assertArrayEquals(expected, submit(RecordingRequest.read(0, 4 * 512)).payload());
        assertArrayEquals(
                new byte[512], submit(RecordingRequest.read(1024, 512)).payload());

        // Nor after a finish, which moves the reported pointer only.
        assertEquals(Set.of(DONE), action(Operation.ZONE_FINISH).result());
        assertArrayEquals(expected, submit(RecordingRequest.read(0, 4 * 512)).payload());
        // A read over two zones stops at each zone's own pointer.
        assertArrayEquals(
                new byte[1024], submit(RecordingRequest.read(8192 - 512, 1024)).payload());
        byte[] all = submit(RecordingRequest.read(0, 16384)).payload();
        assertArrayEquals(expected, Arrays.copyOf(all, 2048));
        assertArrayEquals(new byte[16384 - 2048], Arrays.copyOfRange(all, 2048, 16384));
    }

    @Test
    void resetOfAnEmptyZoneClearsWhatAFailedWriteLeft() {
        write(0, 2);
        medium.fail(0, MEDIUM_ERROR, 0);
        assertEquals(Set.of(DONE), action(Operation.ZONE_CLOSE).result());
        assertZone(0, ZoneCondition.EMPTY, 0);
        RecordingRequest reset = action(Operation.ZONE_RESET);
        assertEquals(List.of("ZONE_RESET 0+0"), medium.waiting());
        medium.carryOut(0);
        assertEquals(Set.of(ALREADY_SO), reset.result());
        assertEquals(Set.of(ALREADY_SO), action(Operation.ZONE_RESET).result());
        assertEquals(0, medium.held());
    }

    @Test
    void actionWaitsForWritesAndWritesForTheAction() {
        RecordingRequest before = write(0, 1);
        RecordingRequest reset = action(Operation.ZONE_RESET);
        RecordingRequest behind = write(0, 2);
        RecordingRequest wrong = write(3, 1);
        RecordingRequest next = write(2, 1);
        assertEquals(List.of("WRITE 0+512"), medium.waiting());

        medium.carryOut(0);
        assertEquals(Set.of(DONE), before.result());
        assertEquals(List.of("ZONE_RESET 0+0"), medium.waiting());
        assertZone(0, ZoneCondition.IMPLICIT_OPEN, 1);

        medium.carryOut(0);
        assertEquals(Set.of(DONE), reset.result());
        assertEquals(Set.of(NOT_AT_WRITE_POINTER), wrong.result());
        assertEquals(List.of("WRITE 0+1024", "WRITE 1024+512"), medium.waiting());
        medium.carryOutAll();
        assertEquals(Set.of(DONE), behind.result());
        assertEquals(Set.of(DONE), next.result());
        assertZone(0, ZoneCondition.IMPLICIT_OPEN, 3);
    }

    @Test
    void whatArrivesWhileAResetIsToldStartsAtTheZonesStart() {
        write(0, 3);
        RecordingRequest next = RecordingRequest.append(0, 512, 1);
        submit(RecordingRequest.action(Operation.ZONE_RESET, 0).then(() -> device.submit(next)));
        medium.carryOut(0);
        medium.carryOut(0);
        medium.carryOut(0);
        assertEquals(0, next.placement());
        assertZone(0, ZoneCondition.IMPLICIT_OPEN, 1);
    }

    @Test
    void whatArrivesWhileAFailureIsToldGoesOnWhereItStopped() {
        write(0, 1);
        RecordingRequest next = RecordingRequest.append(0, 512, 1);
        submit(RecordingRequest.write(512, 2048, 1).then(() -> device.submit(next)));
        medium.carryOut(0);
        medium.fail(0, MEDIUM_ERROR, 1024);
        medium.carryOut(0);
        assertEquals(1536, next.placement());
        assertZone(0, ZoneCondition.IMPLICIT_OPEN, 4);
    }

    @Test
    void refusalBehindAFailureHoldsNobodyUp() {
        action(Operation.ZONE_FINISH);
        medium.carryOut(0);
        action(Operation.ZONE_RESET);
        RecordingRequest next = RecordingRequest.write(0, 512, 1);
        RecordingRequest failing = submit(RecordingRequest.write(0, 512, 1).then(() -> device.submit(next)));
        RecordingRequest refused = write(3, 1);
        medium.carryOut(0);
        assertEquals(Set.of(NOT_AT_WRITE_POINTER), refused.result());
        medium.fail(0, MEDIUM_ERROR, 0);
        assertEquals(Set.of(MEDIUM_ERROR), failing.result());
        medium.carryOut(0);
        assertEquals(Set.of(DONE), next.result());
    }

    @Test
    void failureBeforeAWaitingActionDoesNotTouchIt() {
        write(0, 2);
        RecordingRequest poisoned = write(2, 1);
        RecordingRequest reset = action(Operation.ZONE_RESET);
        RecordingRequest fresh = write(0, 1);
        medium.fail(0, MEDIUM_ERROR, 0);
        medium.carryOutAll();
        assertEquals(Set.of(PREDECESSOR_FAILED), poisoned.result());
        assertEquals(Set.of(DONE), reset.result());
        assertEquals(Set.of(DONE), fresh.result());
        assertZone(0, ZoneCondition.IMPLICIT_OPEN, 1);
    }

    @Test
    void failedResetChangesNothing() {
        write(0, 2);
        medium.carryOutAll();
        RecordingRequest reset = action(Operation.ZONE_RESET);
        medium.fail(0, MEDIUM_ERROR, 0);
        assertEquals(Set.of(MEDIUM_ERROR), reset.result());
        assertZone(0, ZoneCondition.IMPLICIT_OPEN, 2);
    }

    @Test
    void fullOnlyWhenTheLastWriteIsCommitted() {
        RecordingRequest first = write(0, 8);
        RecordingRequest last = write(8, 8);
        medium.carryOut(1);
        assertZone(0, ZoneCondition.IMPLICIT_OPEN, 0);
        assertEquals(1, device.resourceUse().open());
        medium.carryOut(0);
        assertEquals(Set.of(DONE), first.result());
        assertEquals(Set.of(DONE), last.result());
        assertZone(0, ZoneCondition.FULL, 16);
        assertEquals(0, device.resourceUse().active());
    }

    @Test
    void appendsAreNumberedAtAdmission() {
        RecordingRequest first = append(1);
        RecordingRequest second = append(3);
        RecordingRequest third = append(2);
        assertEquals(List.of("WRITE 0+512", "WRITE 512+1536", "WRITE 2048+1024"), medium.waiting());
        medium.carryOut(2);
        medium.carryOut(1);
        medium.carryOut(0);
        assertEquals(0, first.placement());
        assertEquals(512, second.placement());
        assertEquals(2048, third.placement());
        assertEquals(Operation.APPEND, third.operation());
        assertEquals(0, third.offset());
    }

    @Test
    void nativeAppendsCommitAsTheyCome() {
        Capabilities able = new Capabilities(false, false, false, false, true, false);
        use(SHAPE.with(able));
        RecordingRequest first = append(1);
        RecordingRequest second = append(2);
        RecordingRequest write = write(0, 1);
        assertEquals(List.of("APPEND 0+512", "APPEND 0+1024"), medium.waiting());
        medium.carryOut(1);
        assertEquals(Set.of(DONE), second.result());
        assertEquals(0, second.placement());
        assertZone(0, ZoneCondition.IMPLICIT_OPEN, 2);
        assertFalse(write.completed(), "a write waits until nobody else moves the pointer");
        medium.carryOut(0);
        assertEquals(1024, first.placement());
        assertEquals(Set.of(NOT_AT_WRITE_POINTER), write.result());
        assertZone(0, ZoneCondition.IMPLICIT_OPEN, 3);
    }

    @Test
    void failedNativeAppendLeavesTheOthersAlone() {
        use(SHAPE.with(new Capabilities(false, false, false, false, true, false)));
        RecordingRequest first = append(8);
        RecordingRequest second = append(1);
        medium.fail(0, MEDIUM_ERROR, 0);
        assertEquals(Set.of(MEDIUM_ERROR), first.result());
        assertEquals(-1, first.placement());
        medium.carryOut(0);
        assertEquals(Set.of(DONE), second.result());
        assertEquals(0, second.placement());
        // What the failed one had reserved is free again.
        RecordingRequest third = append(8);
        RecordingRequest fourth = append(7);
        medium.carryOutAll();
        assertEquals(Set.of(DONE), third.result());
        assertEquals(Set.of(DONE), fourth.result());
        assertZone(0, ZoneCondition.FULL, 16);
    }

    @Test
    void randomWritesOfHostAwareZonesDoNotWaitForEachOther() {
        use(SHAPE.with(new ZoneGeometry(ZoneModel.HOST_AWARE, 4 * 8192, 512, 512, 8192)));
        RecordingRequest high = write(10, 2);
        RecordingRequest low = write(0, 1);
        RecordingRequest reset = action(Operation.ZONE_RESET);
        medium.carryOut(1);
        assertEquals(Set.of(DONE), low.result());
        assertZone(0, ZoneCondition.IMPLICIT_OPEN, 1);
        medium.carryOut(0);
        assertEquals(Set.of(DONE), high.result());
        assertEquals(List.of("ZONE_RESET 0+0"), medium.waiting());
        assertZone(0, ZoneCondition.IMPLICIT_OPEN, 12);
        medium.carryOut(0);
        assertEquals(Set.of(DONE), reset.result());
        assertZone(0, ZoneCondition.EMPTY, 0);
    }

    @Test
    void writeOverSeveralHostAwareZonesIsOneRequest() {
        use(SHAPE.with(new ZoneGeometry(ZoneModel.HOST_AWARE, 4 * 8192, 512, 512, 8192)));
        RecordingRequest wide = submit(RecordingRequest.write(8192 - 512, 8192 + 1024, 7));
        medium.carryOutAll();
        assertEquals(Set.of(DONE), wide.result());
        assertEquals(8192 + 1024, wide.transferred());
        assertEquals(List.of("WRITE 7680+512", "WRITE 8192+8192", "WRITE 16384+512"), medium.log());
        assertZone(0, ZoneCondition.FULL, 16);
        assertZone(1, ZoneCondition.FULL, 16);
        assertZone(2, ZoneCondition.IMPLICIT_OPEN, 1);
    }

    @Test
    void writeFromConventionalToHostAwareZonesIsOneRequest() {
        use(SHAPE.with(new ZoneGeometry(ZoneModel.HOST_AWARE, 4 * 8192, 512, 512, 8192))
                .withConventional(1));
        RecordingRequest wide = submit(RecordingRequest.write(8192 - 512, 1536, 7));
        medium.carryOut(0);
        medium.fail(0, NO_SPACE, 512);
        assertEquals(Set.of(NO_SPACE), wide.result());
        assertEquals(1024, wide.transferred());
        assertEquals(List.of("WRITE 7680+512", "WRITE 8192+1024"), medium.log());
        assertZone(1, ZoneCondition.IMPLICIT_OPEN, 1);
    }

    @Test
    void actionOnAllZonesOverASlowMedium() {
        for (int zone = 0; zone < 3; zone++) {
            submit(RecordingRequest.write(zone * 8192L, 512, 1));
        }
        medium.carryOutAll();
        RecordingRequest resetAll = submit(RecordingRequest.all(Operation.ZONE_RESET));
        assertEquals(List.of("ZONE_RESET 0+0"), medium.waiting());
        medium.carryOut(0);
        medium.fail(0, MEDIUM_ERROR, 0);
        assertFalse(resetAll.completed());
        medium.carryOut(0);
        assertEquals(Set.of(MEDIUM_ERROR), resetAll.result());
        assertZone(0, ZoneCondition.EMPTY, 0);
        assertZone(1, ZoneCondition.IMPLICIT_OPEN, 1);
        assertZone(2, ZoneCondition.EMPTY, 0);
    }

    @Test
    void readOnlyAndOfflineWaitTheirTurn() {
        RecordingRequest write = write(0, 1);
        RecordingRequest readOnly = action(Operation.ZONE_SET_READ_ONLY);
        RecordingRequest behind = write(1, 1);
        medium.carryOut(0);
        assertEquals(Set.of(DONE), write.result());
        assertEquals(Set.of(DONE), readOnly.result());
        assertEquals(Set.of(Cause.ZONE_READ_ONLY), behind.result());
        assertEquals(0, device.resourceUse().active());
    }

    @Test
    void completionMaySubmitAgainWithoutEnd() {
        // Depth of the stack, not of the queue, is what must stay bounded: each completion submits the next.
        medium.holding(operation -> operation == Operation.FLUSH);
        RecordingRequest[] requests = new RecordingRequest[16];
        for (int i = 15; i >= 0; i--) {
            RecordingRequest next = i == 15 ? null : requests[i + 1];
            requests[i] = RecordingRequest.append(0, 512, i).then(() -> {
                if (next != null) {
                    device.submit(next);
                }
            });
        }
        device.submit(requests[0]);
        for (int i = 0; i < 16; i++) {
            assertEquals(Set.of(DONE), requests[i].result());
            assertEquals(i * 512L, requests[i].placement());
        }
        assertZone(0, ZoneCondition.FULL, 16);
    }

    @Test
    void closeWaitsForWhatIsInFlight() {
        RecordingRequest write = write(0, 1);
        assertFalse(device.close(Duration.ZERO));
        assertEquals(Set.of(Cause.ABORTED), write(1, 1).result());
        medium.carryOut(0);
        assertEquals(Set.of(DONE), write.result());
        assertTrue(device.close(Duration.ZERO));
    }

    @Test
    void implicitCloseTakesABusyZoneWhenNoneIsIdle() {
        use(SHAPE.with(new ZoneLimits(1, 0, 8192)));
        RecordingRequest first = write(0, 1);
        RecordingRequest second = submit(RecordingRequest.write(ZONE_1, 512, 1));
        assertEquals(2, medium.held());
        // Not empty: something is on its way there.
        assertZone(0, ZoneCondition.CLOSED, 0);
        medium.carryOutAll();
        assertEquals(Set.of(DONE), first.result());
        assertEquals(Set.of(DONE), second.result());
        assertZone(0, ZoneCondition.CLOSED, 1);
        assertZone(1, ZoneCondition.IMPLICIT_OPEN, 1);
    }

    @Test
    void aReadThatAWriteOvertakesShowsNothingThatWasNeverAcknowledged() {
        ReadsAnsweredLate late = new ReadsAnsweredLate(new MemoryBackend(SHAPE));
        medium = new ScriptedBackend(late).holding(operation -> operation == Operation.WRITE);
        device = EngineDevice.open(DeviceIdentity.of("lanes"), medium, ZoneRules.ZBC);
        submit(RecordingRequest.write(0, 2048, 0x77));
        medium.fail(0, MEDIUM_ERROR, 512);
        assertZone(0, ZoneCondition.IMPLICIT_OPEN, 1);

        // The medium reads what the failed write left at block 1, then block 1 is written, then the read comes up.
        RecordingRequest read = submit(RecordingRequest.read(0, 1024));
        submit(RecordingRequest.write(512, 512, 0x22));
        medium.carryOut(0);
        assertZone(0, ZoneCondition.IMPLICIT_OPEN, 2);
        late.answer();

        byte[] expected = new byte[1024];
        Arrays.fill(expected, 0, 512, (byte) 0x77);
        assertEquals(Set.of(DONE), read.result());
        assertArrayEquals(expected, read.payload());
    }

    @Test
    void anEmptyWriteBesideAnActionIsJudgedByThePointerOfNow() {
        write(0, 4);
        medium.carryOut(0);
        action(Operation.ZONE_RESET);
        medium.carryOut(0);
        action(Operation.ZONE_FINISH);
        assertEquals(List.of("ZONE_FINISH 0+0"), medium.waiting());
        assertEquals(
                Set.of(DONE),
                submit(RecordingRequest.plain(Operation.WRITE, 0, 0)).result());
        assertEquals(
                Set.of(NOT_AT_WRITE_POINTER),
                submit(RecordingRequest.plain(Operation.WRITE, 2048, 0)).result());
    }

    @Test
    void zeroingThatStopsShortHasFailedInZonesOfEveryType() {
        use(SHAPE.with(new ZoneGeometry(ZoneModel.HOST_AWARE, 4 * 8192, 512, 512, 8192))
                .withConventional(1));
        RecordingRequest zeroes = submit(RecordingRequest.plain(Operation.WRITE_ZEROES, 4096, 8192));
        assertEquals(List.of("WRITE_ZEROES 4096+4096"), medium.waiting());
        medium.shorten(0, 0);
        assertEquals(List.of(), medium.waiting());
        assertEquals(Set.of(MEDIUM_ERROR), zeroes.result());
        assertEquals(0, zeroes.transferred());
    }

    /** As if the writes in flight had been carried out: what fills a zone makes it full for those behind. */
    @Test
    void behindTheWriteThatFillsTheZoneItIsFull() {
        RecordingRequest last = write(0, 16);
        assertZone(0, ZoneCondition.IMPLICIT_OPEN, 0);
        assertEquals(
                Set.of(Cause.ZONE_FULL, Cause.CROSSES_ZONE_BOUNDARY, Cause.BEYOND_ZONE_CAPACITY),
                append(1).result());
        assertEquals(Set.of(Cause.ZONE_FULL, NOT_AT_WRITE_POINTER), write(3, 1).result());
        medium.carryOut(0);
        assertEquals(Set.of(DONE), last.result());
        assertZone(0, ZoneCondition.FULL, 16);
        assertEquals(
                Set.of(Cause.ZONE_FULL, Cause.CROSSES_ZONE_BOUNDARY, Cause.BEYOND_ZONE_CAPACITY),
                append(1).result());
        assertEquals(Set.of(Cause.ZONE_FULL, NOT_AT_WRITE_POINTER), write(3, 1).result());
    }

    @Test
    void behindTheWriteThatFillsTheCapacityItIsFull() {
        use(SHAPE.withCapacity(12 * 512L));
        write(0, 12);
        assertEquals(
                Set.of(Cause.ZONE_FULL, Cause.BEYOND_ZONE_CAPACITY), append(1).result());
        assertEquals(
                Set.of(Cause.ZONE_FULL, Cause.BEYOND_ZONE_CAPACITY, NOT_AT_WRITE_POINTER),
                write(12, 1).result());
        RecordingRequest tooLong = submit(RecordingRequest.append(ZONE_1, 11 * 512, 1));
        assertEquals(Set.of(Cause.APPEND_TOO_LONG), tooLong.result());
    }

    /** If the write fails after all, there is room again. */
    @Test
    void aZoneThatWasNotFilledAfterAll() {
        write(0, 16);
        append(1);
        medium.fail(0, MEDIUM_ERROR, 512);
        RecordingRequest next = append(1);
        medium.carryOut(0);
        assertEquals(512, next.placement());
    }

    @Test
    void readsOverSeveralZonesShowNothingThatWasNeverAcknowledged() {
        ReadsAnsweredLate late = new ReadsAnsweredLate(new MemoryBackend(SHAPE));
        medium = new ScriptedBackend(late).holding(operation -> operation == Operation.WRITE);
        device = EngineDevice.open(DeviceIdentity.of("lanes"), medium, ZoneRules.ZBC);
        submit(RecordingRequest.write(0, 2048, 0x77));
        medium.fail(0, MEDIUM_ERROR, 512);
        submit(RecordingRequest.write(ZONE_1, 512, 0x33));
        medium.carryOut(0);

        // Zone 0's part is read, then its block 1 is written over what the failed write left there.
        RecordingRequest read = submit(RecordingRequest.read(0, 8192 + 1024));
        submit(RecordingRequest.write(512, 512, 0x22));
        medium.carryOut(0);
        assertZone(0, ZoneCondition.IMPLICIT_OPEN, 2);
        late.answer();
        late.answer();

        byte[] expected = new byte[8192 + 1024];
        Arrays.fill(expected, 0, 512, (byte) 0x77);
        Arrays.fill(expected, 8192, 8192 + 512, (byte) 0x33);
        assertEquals(Set.of(DONE), read.result());
        assertEquals(8192 + 1024, read.transferred());
        assertArrayEquals(expected, read.payload());
        assertEquals(List.of("READ 0+8192", "READ 8192+1024"), reads());
    }

    @Test
    void readsOverFullZonesAreOneRead() {
        write(0, 16);
        submit(RecordingRequest.write(ZONE_1, 8192, 2));
        medium.carryOutAll();
        submit(RecordingRequest.read(4096, 8192));
        assertEquals(List.of("READ 4096+8192"), medium.waiting());
    }

    private List<String> reads() {
        return medium.log().stream().filter(each -> each.startsWith("READ")).toList();
    }

    /** Between the choice of the zones and the turn of the last, nobody gets the resources that they need. */
    @Test
    void openAllOpensAllOrNothing() {
        use(SHAPE.with(new ZoneLimits(3, 0, 8192)));
        for (int zone = 0; zone < 3; zone++) {
            submit(RecordingRequest.write(zone * 8192L, 512, 1));
        }
        medium.carryOutAll();
        for (int zone = 0; zone < 3; zone++) {
            submit(RecordingRequest.action(Operation.ZONE_CLOSE, zone * 8192L));
        }
        // The turn of the second comes late: it is busy with something that will fail.
        submit(RecordingRequest.action(Operation.ZONE_FINISH, ZONE_1));
        RecordingRequest all = submit(RecordingRequest.all(Operation.ZONE_OPEN));
        assertFalse(all.completed());
        assertZone(0, ZoneCondition.EXPLICIT_OPEN, 1);
        assertEquals(
                Set.of(Cause.OPEN_LIMIT),
                submit(RecordingRequest.action(Operation.ZONE_OPEN, 3 * 8192L)).result());
        RecordingRequest implicit = submit(RecordingRequest.write(3 * 8192L, 512, 1));
        assertEquals(Set.of(Cause.OPEN_LIMIT), implicit.result());
        medium.fail(0, MEDIUM_ERROR, 0);
        assertEquals(Set.of(DONE), all.result());
        for (int zone = 0; zone < 3; zone++) {
            assertEquals(ZoneCondition.EXPLICIT_OPEN, condition(zone), "zone " + zone);
        }
        submit(RecordingRequest.action(Operation.ZONE_CLOSE, 0));
        assertEquals(
                Set.of(DONE),
                submit(RecordingRequest.action(Operation.ZONE_OPEN, 3 * 8192L)).result());
        assertEquals(
                Set.of(Cause.OPEN_LIMIT),
                submit(RecordingRequest.all(Operation.ZONE_OPEN)).result());
        assertEquals(ZoneCondition.CLOSED, condition(0));
    }

    private ZoneCondition condition(int index) {
        ZoneDescriptor zone = new ZoneDescriptor();
        device.zone(index, zone);
        return zone.condition();
    }

    /** A zone chosen for an action on all zones that was reset before its turn is neither filled nor opened. */
    @Test
    void actionOnAllZonesPassesOverWhatChangedMeanwhile() {
        for (int zone = 0; zone < 2; zone++) {
            submit(RecordingRequest.write(zone * 8192L, 512, 1));
        }
        medium.carryOutAll();
        RecordingRequest finishAll = submit(RecordingRequest.all(Operation.ZONE_FINISH));
        assertEquals(List.of("ZONE_FINISH 0+0"), medium.waiting());
        submit(RecordingRequest.action(Operation.ZONE_RESET, ZONE_1));
        medium.carryOut(1);
        assertZone(1, ZoneCondition.EMPTY, 0);
        medium.carryOut(0);
        assertEquals(Set.of(DONE), finishAll.result());
        assertZone(0, ZoneCondition.FULL, 16);
        assertZone(1, ZoneCondition.EMPTY, 0);
    }

    @Test
    void aHostTakesReadOnlyZonesOfflineAlone() {
        medium.holding(operation -> false);
        List<Integer> changed = new ArrayList<>();
        device.addListener(new DeviceListener() {
            @Override
            public void zoneChanged(int zone) {
                changed.add(zone);
            }
        });
        write(0, 1);
        for (int zone : new int[] {1, 3}) {
            submit(RecordingRequest.action(Operation.ZONE_SET_READ_ONLY, zone * 8192L));
        }
        assertEquals(Set.of(Cause.NOT_APPLICABLE), offline(0).result());
        assertEquals(Set.of(Cause.NOT_APPLICABLE), offline(2).result());
        assertEquals(Set.of(DONE), offline(1).result());
        assertEquals(Set.of(ALREADY_SO), offline(1).result());
        RecordingRequest all = RecordingRequest.all(Operation.ZONE_SET_OFFLINE);
        all.setOnlyIfReadOnly(true);
        assertEquals(Set.of(DONE), submit(all).result());
        assertEquals(
                List.of(ZoneCondition.IMPLICIT_OPEN, ZoneCondition.OFFLINE, ZoneCondition.EMPTY, ZoneCondition.OFFLINE),
                List.of(condition(0), condition(1), condition(2), condition(3)));
        assertEquals(List.of(1, 3), changed, "the administrator's read-only; the host knows what it asked for");
        assertEquals(
                Set.of(DONE),
                submit(RecordingRequest.all(Operation.ZONE_SET_OFFLINE)).result());
        assertEquals(ZoneCondition.OFFLINE, condition(0));
    }

    private RecordingRequest offline(int zone) {
        RecordingRequest request = RecordingRequest.action(Operation.ZONE_SET_OFFLINE, zone * 8192L);
        request.setOnlyIfReadOnly(true);
        return submit(request);
    }
}
