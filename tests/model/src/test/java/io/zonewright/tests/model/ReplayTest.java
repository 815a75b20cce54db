package io.zonewright.tests.model;

import static io.zonewright.api.result.Cause.DONE;
import static io.zonewright.api.result.Cause.MEDIUM_ERROR;
import static io.zonewright.api.result.Cause.NOT_AT_WRITE_POINTER;
import static io.zonewright.api.result.Cause.ZONE_FULL;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.api.request.Operation;
import io.zonewright.api.spi.DeviceIdentity;
import io.zonewright.api.spi.ZonedBackend;
import io.zonewright.api.zone.ZoneCondition;
import io.zonewright.api.zone.ZoneDescriptor;
import io.zonewright.api.zone.ZoneLimits;
import io.zonewright.api.zone.ZoneRules;
import io.zonewright.engine.EngineDevice;
import io.zonewright.testkit.backend.MemoryBackend;
import io.zonewright.testkit.backend.RecordingRequest;
import io.zonewright.testkit.backend.RuledBackend;
import io.zonewright.testkit.backend.ScriptedBackend;
import io.zonewright.testkit.backend.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A client that lost its connection sends its writes once more, at their old addresses. */
class ReplayTest {
    private static final int ZONE = 8192;
    private static final Shape SHAPE = Shape.hostManaged(8, 16).with(new ZoneLimits(0, 0, 4096));

    private final MemoryBackend memory = new MemoryBackend(SHAPE);
    private ScriptedBackend medium = new ScriptedBackend(memory);
    private EngineDevice device = open(medium);

    private static EngineDevice open(ZonedBackend medium) {
        return EngineDevice.open(DeviceIdentity.of("replay"), medium, ZoneRules.ZBC);
    }

    private RecordingRequest submit(RecordingRequest request) {
        device.submit(request);
        return request;
    }

    private RecordingRequest write(long block, int blocks, int fill) {
        return submit(RecordingRequest.write(block * 512, blocks * 512, fill));
    }

    /** A write that is carried out, whose answer its client never saw. */
    private void landed(long block, int blocks, int fill) {
        RecordingRequest request = write(block, blocks, fill);
        medium.carryOutAll();
        assertEquals(Set.of(DONE), request.result());
    }

    private List<String> logFrom(int position) {
        return medium.log().subList(position, medium.log().size());
    }

    private void assertZone(int index, ZoneCondition condition, long blocksWritten) {
        ZoneDescriptor zone = new ZoneDescriptor();
        device.zone(index, zone);
        assertEquals(condition, zone.condition());
        assertEquals(zone.start() + blocksWritten * 512, zone.writePointer());
    }

    private void ruled() {
        medium = new ScriptedBackend(new RuledBackend(SHAPE, ZoneRules.ZBC));
        device = open(medium);
    }

    @Test
    void aWriteThatLandedIsDoneAndNotWrittenAgain() {
        landed(0, 4, 7);
        device.clientLost();
        RecordingRequest again = write(0, 4, 7);
        medium.carryOutAll();
        assertEquals(Set.of(DONE), again.result());
        assertEquals(2048, again.transferred());
        assertEquals(List.of("WRITE 0+2048", "READ 0+2048"), medium.log());
        assertEquals(1, device.replayedWrites());
        assertZone(0, ZoneCondition.IMPLICIT_OPEN, 4);
    }

    @Test
    void otherBytesAreAnOrdinaryWriteBelowThePointer() {
        landed(0, 4, 7);
        device.clientLost();
        RecordingRequest other = RecordingRequest.write(0, 2048, 7);
        other.payload()[2047] = 8;
        submit(other);
        medium.carryOutAll();
        assertEquals(Set.of(NOT_AT_WRITE_POINTER), other.result());
        assertEquals(0, other.transferred());
        assertEquals(0, device.replayedWrites());
        assertArrayEquals(RecordingRequest.write(0, 2048, 7).payload(), memory.stored(0, 2048));
    }

    @Test
    void withoutALossNothingIsCompared() {
        landed(0, 4, 7);
        RecordingRequest again = write(0, 4, 7);
        assertEquals(Set.of(NOT_AT_WRITE_POINTER), again.result());
        assertEquals(List.of("WRITE 0+2048"), medium.log());
    }

    @Test
    void theFirstNewWriteClosesTheWindowOfItsZoneAlone() {
        landed(0, 4, 7);
        landed(16, 4, 7);
        device.clientLost();
        landed(4, 1, 8);
        assertEquals(Set.of(NOT_AT_WRITE_POINTER), write(0, 4, 7).result());
        RecordingRequest elsewhere = write(16, 4, 7);
        medium.carryOutAll();
        assertEquals(Set.of(DONE), elsewhere.result());
        device.clientLost();
        RecordingRequest append = submit(RecordingRequest.append(0, 512, 9));
        medium.carryOutAll();
        assertEquals(Set.of(DONE), append.result());
        assertEquals(Set.of(NOT_AT_WRITE_POINTER), write(0, 4, 7).result());
    }

    @Test
    void theWriteThatMadeAZoneFull() {
        landed(0, 12, 7);
        landed(12, 4, 8);
        assertZone(0, ZoneCondition.FULL, 16);
        device.clientLost();
        RecordingRequest again = write(12, 4, 8);
        RecordingRequest other = write(12, 4, 9);
        medium.carryOutAll();
        assertEquals(Set.of(DONE), again.result());
        assertEquals(Set.of(ZONE_FULL, NOT_AT_WRITE_POINTER), other.result());
    }

    @Test
    void openingClosingAndFinishingLeaveTheWindowOpenAndResetClosesIt() {
        landed(0, 4, 7);
        device.clientLost();
        for (Operation action : List.of(Operation.ZONE_OPEN, Operation.ZONE_CLOSE, Operation.ZONE_FINISH)) {
            RecordingRequest request = submit(RecordingRequest.action(action, 0));
            medium.carryOutAll();
            assertEquals(Set.of(DONE), request.result());
            RecordingRequest again = write(0, 4, 7);
            medium.carryOutAll();
            assertEquals(Set.of(DONE), again.result(), action.name());
        }
        submit(RecordingRequest.action(Operation.ZONE_RESET, 0));
        medium.carryOutAll();
        landed(0, 4, 7);
        assertEquals(Set.of(NOT_AT_WRITE_POINTER), write(0, 4, 7).result());
    }

    @Test
    void severalInOrderAndTheNewOneBehindThem() {
        landed(0, 2, 1);
        landed(2, 2, 2);
        device.clientLost();
        int before = medium.log().size();
        RecordingRequest first = write(0, 2, 1);
        RecordingRequest second = write(2, 2, 2);
        RecordingRequest third = write(4, 2, 3);
        RecordingRequest fourth = write(6, 2, 4);
        medium.carryOutAll();
        for (RecordingRequest request : List.of(first, second, third, fourth)) {
            assertEquals(Set.of(DONE), request.result());
        }
        assertTrue(first.order() < second.order() && second.order() < third.order());
        assertEquals(List.of("READ 0+1024", "READ 1024+1024", "WRITE 2048+1024", "WRITE 3072+1024"), logFrom(before));
        assertEquals(2, device.replayedWrites());
        assertZone(0, ZoneCondition.IMPLICIT_OPEN, 8);
    }

    @Test
    void oneWhoseFirstAttemptIsStillInFlightWaitsForIt() {
        RecordingRequest first = write(0, 2, 1);
        device.clientLost();
        RecordingRequest again = write(0, 2, 1);
        RecordingRequest next = write(2, 2, 2);
        assertFalse(again.completed());
        assertEquals(List.of("WRITE 0+1024"), medium.waiting());
        medium.carryOutAll();
        assertEquals(Set.of(DONE), first.result());
        assertEquals(Set.of(DONE), again.result());
        assertEquals(Set.of(DONE), next.result());
        assertEquals(List.of("WRITE 0+1024", "READ 0+1024", "WRITE 1024+1024"), medium.log());
    }

    @Test
    void oneWhoseFirstAttemptFailsWhileItWaitsIsWritten() {
        RecordingRequest first = write(0, 2, 1);
        device.clientLost();
        RecordingRequest again = write(0, 2, 1);
        medium.fail(0, MEDIUM_ERROR, 0);
        medium.carryOutAll();
        assertEquals(Set.of(MEDIUM_ERROR), first.result());
        assertEquals(Set.of(DONE), again.result());
        assertEquals(List.of("WRITE 0+1024", "WRITE 0+1024"), medium.log());
        assertEquals(0, device.replayedWrites());
    }

    @Test
    void forcedUnitAccessIsStableWhenItIsDone() {
        landed(0, 2, 1);
        device.clientLost();
        int before = medium.log().size();
        RecordingRequest again = RecordingRequest.write(0, 1024, 1);
        again.setForceUnitAccess(true);
        submit(again);
        medium.carryOut(0);
        assertEquals(List.of("FLUSH 0+0"), medium.waiting());
        assertFalse(again.completed());
        medium.carryOut(0);
        assertEquals(Set.of(DONE), again.result());
        assertEquals(List.of("READ 0+1024", "FLUSH 0+0"), logFrom(before));

        RecordingRequest unstable = RecordingRequest.write(0, 1024, 1);
        unstable.setForceUnitAccess(true);
        submit(unstable);
        medium.carryOut(0);
        medium.fail(0, MEDIUM_ERROR, 0);
        assertEquals(Set.of(NOT_AT_WRITE_POINTER), unstable.result());
        assertEquals(1, device.replayedWrites());
    }

    @Test
    void whatAMediumHeldBeforeTheStart() {
        RecordingRequest onMedium = RecordingRequest.write(ZONE, 3 * 512, 6);
        memory.submit(onMedium);
        memory.starting(1, ZoneCondition.CLOSED, ZONE + 3 * 512);
        device = open(medium);
        RecordingRequest again = write(16, 3, 6);
        medium.carryOutAll();
        assertEquals(Set.of(DONE), again.result());
        assertZone(1, ZoneCondition.CLOSED, 3);
    }

    @Test
    void zeroesWrittenAgain() {
        submit(RecordingRequest.plain(Operation.WRITE_ZEROES, 0, 1024));
        medium.carryOutAll();
        landed(2, 2, 3);
        device.clientLost();
        RecordingRequest zeroes = submit(RecordingRequest.plain(Operation.WRITE_ZEROES, 0, 1024));
        RecordingRequest more = submit(RecordingRequest.plain(Operation.WRITE_ZEROES, 0, 1536));
        medium.carryOutAll();
        assertEquals(Set.of(DONE), zeroes.result());
        assertEquals(1024, zeroes.transferred());
        assertEquals(Set.of(NOT_AT_WRITE_POINTER), more.result());
    }

    @Test
    void comparedInPieces() {
        Shape large = Shape.hostManaged(2, 2048);
        medium = new ScriptedBackend(new MemoryBackend(large));
        device = open(medium);
        landed(0, 1100, 5);
        device.clientLost();
        int before = medium.log().size();
        RecordingRequest again = write(0, 1100, 5);
        medium.carryOutAll();
        assertEquals(Set.of(DONE), again.result());
        assertEquals(List.of("READ 0+262144", "READ 262144+262144", "READ 524288+38912"), logFrom(before));
        RecordingRequest other = RecordingRequest.write(0, 1100 * 512, 5);
        other.payload()[600] = 0;
        submit(other);
        medium.carryOutAll();
        assertEquals(Set.of(NOT_AT_WRITE_POINTER), other.result());
        assertEquals("READ 0+262144", medium.log().get(medium.log().size() - 1), "no need to look further");
    }

    @Test
    void aReadThatFailsOrFallsShortProvesNothing() {
        landed(0, 4, 7);
        device.clientLost();
        RecordingRequest failing = write(0, 4, 7);
        medium.fail(0, MEDIUM_ERROR, 0);
        assertEquals(Set.of(NOT_AT_WRITE_POINTER), failing.result());
        RecordingRequest shortened = write(0, 4, 7);
        medium.shorten(0, 512);
        assertEquals(Set.of(NOT_AT_WRITE_POINTER), shortened.result());
    }

    @Test
    void ofATornWriteTheRestIsWritten() {
        landed(0, 1, 7);
        device.clientLost();
        int before = medium.log().size();
        RecordingRequest whole = RecordingRequest.write(0, 2048, 7);
        whole.payload()[600] = 9;
        submit(whole);
        RecordingRequest next = write(4, 12, 8);
        medium.carryOutAll();
        assertEquals(Set.of(DONE), whole.result());
        assertEquals(2048, whole.transferred());
        assertEquals(Set.of(DONE), next.result());
        assertEquals(List.of("READ 0+512", "WRITE 512+1536", "WRITE 2048+6144"), logFrom(before));
        assertArrayEquals(whole.payload(), memory.stored(0, 2048));
        assertZone(0, ZoneCondition.FULL, 16);
    }

    @Test
    void ofATornWriteWithOtherBytesNothingIsWritten() {
        landed(0, 1, 7);
        device.clientLost();
        int before = medium.log().size();
        RecordingRequest other = write(0, 4, 6);
        medium.carryOutAll();
        assertEquals(Set.of(NOT_AT_WRITE_POINTER), other.result());
        assertEquals(0, other.transferred());
        assertEquals(List.of("READ 0+512"), logFrom(before));
        assertZone(0, ZoneCondition.IMPLICIT_OPEN, 1);
    }

    @Test
    void theRestOfATornWriteMayFailInPart() {
        landed(0, 1, 7);
        device.clientLost();
        RecordingRequest whole = write(0, 4, 7);
        medium.carryOut(0);
        medium.fail(0, MEDIUM_ERROR, 512);
        assertEquals(Set.of(MEDIUM_ERROR), whole.result());
        assertEquals(1024, whole.transferred());
        assertZone(0, ZoneCondition.IMPLICIT_OPEN, 2);
        landed(2, 2, 7);
    }

    @Test
    void aTornWriteWithForcedUnitAccessIsStableFromItsFirstByte() {
        landed(0, 1, 7);
        device.clientLost();
        int before = medium.log().size();
        RecordingRequest whole = RecordingRequest.write(0, 1024, 7);
        whole.setForceUnitAccess(true);
        submit(whole);
        medium.carryOutAll();
        assertEquals(Set.of(DONE), whole.result());
        assertEquals(List.of("READ 0+512", "FLUSH 0+0", "WRITE 512+512"), logFrom(before));
    }

    @Test
    void aTornWriteOnAMediumWithItsOwnRules() {
        ruled();
        landed(0, 1, 7);
        device.clientLost();
        int before = medium.log().size();
        RecordingRequest whole = write(0, 4, 7);
        RecordingRequest next = write(4, 1, 8);
        medium.carryOutAll();
        assertEquals(Set.of(DONE), whole.result());
        assertEquals(Set.of(DONE), next.result());
        assertEquals(List.of("READ 0+512", "WRITE 512+1536", "WRITE 2048+512"), logFrom(before));
        assertZone(0, ZoneCondition.IMPLICIT_OPEN, 5);
    }

    @Test
    void moreThanAreComparedAtOnceWaitInLine() {
        for (int zone = 0; zone < 8; zone++) {
            landed(zone * 16L, 2, zone);
        }
        device.clientLost();
        List<RecordingRequest> again = new ArrayList<>();
        for (int zone = 0; zone < 8; zone++) {
            again.add(write(zone * 16L, 2, zone));
        }
        assertEquals(4, medium.held());
        RecordingRequest reset = submit(RecordingRequest.action(Operation.ZONE_RESET, 7 * ZONE));
        assertEquals(4, medium.held());
        medium.carryOutAll();
        for (RecordingRequest request : again) {
            assertEquals(Set.of(DONE), request.result());
        }
        assertEquals(Set.of(DONE), reset.result());
        assertEquals(8, device.replayedWrites());
        assertEquals(0, device.inFlight());
        assertZone(7, ZoneCondition.EMPTY, 0);
    }

    @Test
    void onAMediumWithItsOwnRules() {
        ruled();
        landed(0, 2, 1);
        landed(2, 2, 2);
        device.clientLost();
        int before = medium.log().size();
        RecordingRequest first = write(0, 2, 1);
        RecordingRequest second = write(2, 2, 2);
        RecordingRequest third = write(4, 2, 3);
        medium.carryOutAll();
        assertEquals(Set.of(DONE), first.result());
        assertEquals(Set.of(DONE), second.result());
        assertEquals(Set.of(DONE), third.result());
        assertEquals(List.of("READ 0+1024", "READ 1024+1024", "WRITE 2048+1024"), logFrom(before));
        before = medium.log().size();
        RecordingRequest late = write(0, 2, 1);
        medium.carryOutAll();
        assertEquals(Set.of(NOT_AT_WRITE_POINTER), late.result());
        assertEquals(List.of("WRITE 0+1024", "ZONE_REPORT 0+8192"), logFrom(before));
    }

    @Test
    void aMediumWithItsOwnRulesHasItsSayOnOtherBytes() {
        RuledBackend disk = new RuledBackend(SHAPE, ZoneRules.ZBC);
        medium = new ScriptedBackend(disk);
        device = open(medium);
        landed(0, 4, 1);
        device.clientLost();
        // Somebody else emptied the zone; the mirror does not know, so the second write is compared as well.
        disk.disk().action(Operation.ZONE_RESET, 0);
        RecordingRequest fresh = write(0, 2, 9);
        RecordingRequest next = write(2, 2, 9);
        medium.carryOutAll();
        assertEquals(Set.of(DONE), fresh.result());
        assertEquals(Set.of(DONE), next.result());
        assertEquals(
                List.of("WRITE 0+2048", "READ 0+1024", "WRITE 0+1024", "READ 1024+1024", "WRITE 1024+1024"),
                medium.log());
    }

    /** Cuts a client's connection at random points, several times, on both kinds of media. */
    @Test
    void randomCuts() {
        long seed = Long.getLong("zonewright.model.seed", System.nanoTime());
        System.out.println("replay: 600 episodes, -Dzonewright.model.seed=" + seed);
        for (int episode = 0; episode < 600; episode++) {
            boolean ownRules = episode % 2 == 1;
            try {
                new Cuts(new Random(seed + episode), ownRules).run();
            } catch (AssertionError e) {
                throw new AssertionError("episode " + episode + " of seed " + seed, e);
            }
        }
    }

    /** One client that writes several zones at depth, in order in each, and comes back after each loss. */
    private static final class Cuts {
        private final Random random;
        private final ScriptedBackend medium;
        private final EngineDevice device;
        private final List<RecordingRequest> unanswered = new ArrayList<>();
        private final int[] next = new int[8];
        private final byte[] expected = new byte[8 * ZONE];

        Cuts(Random random, boolean ownRules) {
            this.random = random;
            medium = new ScriptedBackend(ownRules ? new RuledBackend(SHAPE, ZoneRules.ZBC) : new MemoryBackend(SHAPE));
            device = open(medium);
        }

        void run() {
            for (int round = 0; round < 4; round++) {
                writeMore();
                progress();
                // What is at the medium comes to its end, but nobody hears of it.
                device.clientLost();
                boolean before = random.nextBoolean();
                if (before) {
                    medium.carryOutAll();
                }
                sendAgain();
            }
            assertContents();
        }

        private void writeMore() {
            for (int i = random.nextInt(12); i >= 0; i--) {
                int zone = random.nextInt(4);
                int blocks = Math.min(16 - next[zone], 1 + random.nextInt(4));
                if (blocks == 0) {
                    continue;
                }
                byte[] bytes = new byte[blocks * 512];
                random.nextBytes(bytes);
                long offset = zone * (long) ZONE + next[zone] * 512L;
                next[zone] += blocks;
                System.arraycopy(bytes, 0, expected, (int) offset, bytes.length);
                RecordingRequest request = RecordingRequest.of(Operation.WRITE, offset, bytes);
                unanswered.add(request);
                device.submit(request);
            }
        }

        /** Some are answered; the client forgets them, all others it will send again. */
        private void progress() {
            for (int i = random.nextInt(12); i > 0 && medium.held() > 0; i--) {
                medium.carryOut(medium.inner().capabilities().ownZoneRules() ? 0 : random.nextInt(medium.held()));
            }
            unanswered.removeIf(request -> request.completed() && random.nextInt(3) != 0);
        }

        private void sendAgain() {
            List<RecordingRequest> again = new ArrayList<>();
            for (RecordingRequest lost : unanswered) {
                RecordingRequest request = RecordingRequest.of(Operation.WRITE, lost.offset(), lost.payload());
                request.setForceUnitAccess(random.nextBoolean());
                again.add(request);
                device.submit(request);
            }
            medium.carryOutAll();
            for (RecordingRequest request : again) {
                assertEquals(Set.of(DONE), request.result(), request.toString());
            }
            assertEquals(0, device.inFlight());
            unanswered.clear();
        }

        private void assertContents() {
            for (int zone = 0; zone < 4; zone++) {
                ZoneDescriptor descriptor = new ZoneDescriptor();
                device.zone(zone, descriptor);
                long written = descriptor.condition() == ZoneCondition.FULL
                        ? ZONE
                        : descriptor.writePointer() - descriptor.start();
                assertEquals(next[zone] * 512L, written);
            }
            RecordingRequest read = RecordingRequest.read(0, 4 * ZONE);
            device.submit(read);
            medium.carryOutAll();
            byte[] head = new byte[4 * ZONE];
            System.arraycopy(expected, 0, head, 0, head.length);
            assertArrayEquals(head, read.payload());
        }
    }
}
