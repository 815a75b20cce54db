package io.zonewright.tests.model;

import static io.zonewright.api.result.Cause.ACTIVE_LIMIT;
import static io.zonewright.api.result.Cause.AREA_NOT_APPLICABLE;
import static io.zonewright.api.result.Cause.DONE;
import static io.zonewright.api.result.Cause.INTERNAL_ERROR;
import static io.zonewright.api.result.Cause.MEDIUM_ERROR;
import static io.zonewright.api.result.Cause.NOT_APPLICABLE;
import static io.zonewright.api.result.Cause.NOT_ZONE_START;
import static io.zonewright.api.result.Cause.UNSUPPORTED;
import static io.zonewright.api.result.Cause.WRONG_ZONE_TYPE;
import static io.zonewright.api.result.Cause.ZONE_OFFLINE;
import static io.zonewright.api.result.Cause.ZONE_READ_ONLY;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.api.request.DeviceRequest;
import io.zonewright.api.request.Operation;
import io.zonewright.api.result.Cause;
import io.zonewright.api.result.Causes;
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
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Zone descriptor extensions (NVMe ZNS, "Set Zone Descriptor Extension"); zone 0 is conventional, two zones active. */
class ZoneExtensionTest {
    private static final int ZONE = 8192;
    private static final Shape SHAPE = Shape.hostManaged(5, 16)
            .withConventional(1)
            .with(new ZoneLimits(0, 2, ZONE))
            .with(new ZoneFeatures(64, 1, 2048, 512));

    private ScriptedBackend medium = new ScriptedBackend(new MemoryBackend(SHAPE)).holding(operation -> false);
    private EngineDevice device = EngineDevice.open(DeviceIdentity.of("extensions"), medium, ZoneRules.ZBC);

    private static byte[] bytes(int length, int fill) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) fill);
        return bytes;
    }

    private RecordingRequest submit(RecordingRequest request) {
        device.submit(request);
        return request;
    }

    private Set<Cause> set(int zone, int fill) {
        return submit(RecordingRequest.of(Operation.ZONE_SET_EXTENSION, (long) zone * ZONE, bytes(64, fill)))
                .result();
    }

    private Set<Cause> act(Operation action, int zone) {
        return submit(RecordingRequest.action(action, (long) zone * ZONE)).result();
    }

    private void assertZone(int zone, ZoneCondition condition, int fill) {
        ZoneDescriptor got = new ZoneDescriptor();
        device.zone(zone, got);
        assertEquals(condition, got.condition());
        assertEquals(fill != 0, got.extensionValid());
        byte[] extension = bytes(65, 0x11);
        assertEquals(fill != 0, device.zoneExtension(zone, MemorySegment.ofArray(extension)));
        assertArrayEquals(bytes(64, fill == 0 ? 0x11 : fill), Arrays.copyOf(extension, 64));
        assertEquals(0x11, extension[64]);
    }

    @Test
    void anEmptyZoneBecomesClosed() {
        assertZone(1, ZoneCondition.EMPTY, 0);
        assertEquals(Set.of(DONE), set(1, 7));
        assertZone(1, ZoneCondition.CLOSED, 7);
        assertEquals(1, device.resourceUse().closed());
        assertEquals(List.of(), medium.log());
        assertEquals(Set.of(NOT_APPLICABLE), set(1, 8));
        assertZone(1, ZoneCondition.CLOSED, 7);
    }

    @Test
    void itStaysUntilTheDataGoes() {
        set(1, 7);
        assertEquals(Set.of(DONE), submit(RecordingRequest.write(ZONE, 512, 1)).result());
        assertZone(1, ZoneCondition.IMPLICIT_OPEN, 7);
        act(Operation.ZONE_FINISH, 1);
        assertZone(1, ZoneCondition.FULL, 7);
        act(Operation.ZONE_SET_READ_ONLY, 1);
        assertZone(1, ZoneCondition.READ_ONLY, 7);
        act(Operation.ZONE_SET_OFFLINE, 1);
        assertZone(1, ZoneCondition.OFFLINE, 0);
        set(2, 9);
        assertEquals(Set.of(DONE), act(Operation.ZONE_RESET, 2));
        assertZone(2, ZoneCondition.EMPTY, 0);
        assertEquals(Set.of(DONE), set(2, 10));
        assertZone(2, ZoneCondition.CLOSED, 10);
    }

    /** By ZBC rules a zone that was only opened becomes empty again, but this one says something. */
    @Test
    void anOpenedAndClosedZoneKeepsIt() {
        set(1, 7);
        act(Operation.ZONE_OPEN, 1);
        assertEquals(Set.of(DONE), act(Operation.ZONE_CLOSE, 1));
        assertZone(1, ZoneCondition.CLOSED, 7);
    }

    @Test
    void whatStandsAgainstIt() {
        assertEquals(Set.of(WRONG_ZONE_TYPE), set(0, 1));
        act(Operation.ZONE_SET_READ_ONLY, 1);
        assertEquals(Set.of(ZONE_READ_ONLY), set(1, 1));
        act(Operation.ZONE_SET_OFFLINE, 1);
        assertEquals(Set.of(ZONE_OFFLINE), set(1, 1));
        assertEquals(
                Set.of(NOT_ZONE_START),
                submit(RecordingRequest.of(Operation.ZONE_SET_EXTENSION, 2 * ZONE + 512, bytes(64, 1)))
                        .result());
        assertEquals(
                Set.of(INTERNAL_ERROR),
                submit(RecordingRequest.of(Operation.ZONE_SET_EXTENSION, 2 * ZONE, bytes(128, 1)))
                        .result());
        assertEquals(Set.of(DONE), set(2, 1));
        assertEquals(Set.of(DONE), act(Operation.ZONE_OPEN, 3));
        assertEquals(Set.of(NOT_APPLICABLE), set(3, 1));
        assertEquals(Set.of(ACTIVE_LIMIT), set(4, 1));
        assertZone(4, ZoneCondition.EMPTY, 0);
        RecordingRequest all = RecordingRequest.of(Operation.ZONE_SET_EXTENSION, 0, bytes(64, 1));
        all.setAllZones(true);
        assertEquals(Set.of(UNSUPPORTED), submit(all).result());
        device = EngineDevice.open(
                DeviceIdentity.of("none"), new MemoryBackend(SHAPE.with(ZoneFeatures.NONE)), ZoneRules.ZNS);
        assertEquals(Set.of(UNSUPPORTED), set(2, 1));
    }

    @Test
    void readingIntoTooLittleRoom() {
        assertThrows(
                IndexOutOfBoundsException.class, () -> device.zoneExtension(1, MemorySegment.ofArray(new byte[63])));
        assertThrows(
                IndexOutOfBoundsException.class, () -> device.zoneExtension(5, MemorySegment.ofArray(new byte[64])));
    }

    @Test
    void withARandomWriteArea() {
        RecordingRequest both = RecordingRequest.of(Operation.ZONE_SET_EXTENSION, ZONE, bytes(64, 7));
        both.setRandomWriteArea(true);
        assertEquals(Set.of(DONE), submit(both).result());
        assertZone(1, ZoneCondition.CLOSED, 7);
        assertEquals(1, device.areasInUse());
        assertEquals(
                Set.of(DONE),
                submit(RecordingRequest.write(ZONE + 1024, 512, 1)).result());
        RecordingRequest other = RecordingRequest.of(Operation.ZONE_SET_EXTENSION, 2 * ZONE, bytes(64, 7));
        other.setRandomWriteArea(true);
        assertEquals(Set.of(Cause.NO_RANDOM_WRITE_AREA), submit(other).result());
        RecordingRequest again = RecordingRequest.of(Operation.ZONE_SET_EXTENSION, ZONE, bytes(64, 7));
        again.setRandomWriteArea(true);
        assertEquals(Set.of(NOT_APPLICABLE, AREA_NOT_APPLICABLE), submit(again).result());
    }

    @Test
    void anAreaInAZoneThatHasToBeClearedFirst() {
        medium.holding(operation -> true);
        submit(RecordingRequest.write(ZONE, 512, 0x77));
        medium.fail(0, MEDIUM_ERROR, 0);
        act(Operation.ZONE_CLOSE, 1);
        RecordingRequest both = RecordingRequest.of(Operation.ZONE_SET_EXTENSION, ZONE, bytes(64, 7));
        both.setRandomWriteArea(true);
        submit(both);
        assertEquals(List.of("ZONE_RESET 8192+64"), medium.waiting());
        medium.fail(0, MEDIUM_ERROR, 0);
        assertEquals(Set.of(MEDIUM_ERROR), both.result());
        assertZone(1, ZoneCondition.EMPTY, 0);
        assertEquals(0, device.areasInUse());
        RecordingRequest again = RecordingRequest.of(Operation.ZONE_SET_EXTENSION, ZONE, bytes(64, 8));
        again.setRandomWriteArea(true);
        submit(again);
        medium.carryOut(0);
        assertEquals(Set.of(DONE), again.result());
        assertEquals(Operation.ZONE_SET_EXTENSION, again.operation());
        assertZone(1, ZoneCondition.CLOSED, 8);
    }

    /** As when a guest's memory goes away under the request. */
    @Test
    void payloadThatIsGoneChangesNothing() {
        DeviceRequest request = new DeviceRequest() {
            @Override
            protected void onComplete() {}
        };
        request.prepare(Operation.ZONE_SET_EXTENSION, ZONE, 64);
        try (Arena arena = Arena.ofShared()) {
            request.data().add(arena.allocate(64), 0, 64);
        }
        device.submit(request);
        assertEquals(Set.of(INTERNAL_ERROR), Causes.toSet(request.causes()));
        assertZone(1, ZoneCondition.EMPTY, 0);
        assertEquals(0, device.resourceUse().active());
        assertEquals(0, device.inFlight());
        assertEquals(Set.of(DONE), set(1, 3));
    }

    @Test
    void settingWaitsForItsTurn() {
        medium.holding(operation -> true);
        submit(RecordingRequest.write(ZONE, 512, 1));
        submit(RecordingRequest.action(Operation.ZONE_RESET, ZONE));
        RecordingRequest setting = submit(RecordingRequest.of(Operation.ZONE_SET_EXTENSION, ZONE, bytes(64, 7)));
        RecordingRequest behind = submit(RecordingRequest.write(ZONE, 512, 2));
        medium.carryOut(0);
        assertFalse(setting.completed());
        medium.carryOut(0);
        assertTrue(setting.completed());
        assertZone(1, ZoneCondition.IMPLICIT_OPEN, 7);
        medium.carryOut(0);
        assertEquals(Set.of(DONE), behind.result());
    }
}
