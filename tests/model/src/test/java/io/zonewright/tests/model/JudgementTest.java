package io.zonewright.tests.model;

import static io.zonewright.api.result.Cause.ALREADY_SO;
import static io.zonewright.api.result.Cause.APPEND_TOO_LONG;
import static io.zonewright.api.result.Cause.APPEND_UNSUPPORTED;
import static io.zonewright.api.result.Cause.BEYOND_ZONE_CAPACITY;
import static io.zonewright.api.result.Cause.CROSSES_ZONE_BOUNDARY;
import static io.zonewright.api.result.Cause.DEVICE_READ_ONLY;
import static io.zonewright.api.result.Cause.DONE;
import static io.zonewright.api.result.Cause.INTERNAL_ERROR;
import static io.zonewright.api.result.Cause.NOT_APPLICABLE;
import static io.zonewright.api.result.Cause.NOT_AT_WRITE_POINTER;
import static io.zonewright.api.result.Cause.NOT_ZONE_START;
import static io.zonewright.api.result.Cause.OUT_OF_RANGE;
import static io.zonewright.api.result.Cause.READ_CROSSES_ZONES;
import static io.zonewright.api.result.Cause.UNALIGNED_BLOCK;
import static io.zonewright.api.result.Cause.UNALIGNED_WRITE;
import static io.zonewright.api.result.Cause.UNSUPPORTED;
import static io.zonewright.api.result.Cause.WRONG_ZONE_TYPE;
import static io.zonewright.api.result.Cause.ZONE_FULL;
import static io.zonewright.api.result.Cause.ZONE_OFFLINE;
import static io.zonewright.api.result.Cause.ZONE_READ_ONLY;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

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
import io.zonewright.api.zone.ZoneModel;
import io.zonewright.api.zone.ZoneRules;
import io.zonewright.api.zone.ZoneSink;
import io.zonewright.engine.EngineDevice;
import io.zonewright.testkit.backend.MemoryBackend;
import io.zonewright.testkit.backend.RecordingRequest;
import io.zonewright.testkit.backend.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What one request is told, literally. Zone 0 is conventional; zones of 16 blocks, 12 usable, 4 KiB granularity. */
class JudgementTest {
    private static final int SIZE = 16384;
    private static final Shape SHAPE = new Shape(
            "judged",
            new ZoneGeometry(ZoneModel.HOST_MANAGED, 5 * SIZE, 512, 4096, SIZE),
            new ZoneLimits(0, 0, 8192),
            12288,
            1,
            Shape.ABLE);

    private EngineDevice device = open(SHAPE);

    private static EngineDevice open(Shape shape) {
        return EngineDevice.open(DeviceIdentity.of("judged"), new MemoryBackend(shape), ZoneRules.ZBC);
    }

    private Set<Cause> submit(RecordingRequest request) {
        device.submit(request);
        return request.result();
    }

    private Set<Cause> write(long offset, int length) {
        return submit(RecordingRequest.write(offset, length, 1));
    }

    private Set<Cause> append(long offset, int length) {
        return submit(RecordingRequest.append(offset, length, 1));
    }

    private Set<Cause> act(Operation action, long offset) {
        return submit(RecordingRequest.action(action, offset));
    }

    private ZoneCondition condition(int zone) {
        ZoneDescriptor descriptor = new ZoneDescriptor();
        device.zone(zone, descriptor);
        return descriptor.condition();
    }

    @Test
    void everyCauseOfAHopelessWrite() {
        assertEquals(Set.of(DONE), act(Operation.ZONE_FINISH, SIZE));
        assertEquals(
                Set.of(ZONE_FULL, NOT_AT_WRITE_POINTER, BEYOND_ZONE_CAPACITY, CROSSES_ZONE_BOUNDARY, UNALIGNED_WRITE),
                write(SIZE + 8192 + 512, SIZE));
        assertEquals(Set.of(UNALIGNED_BLOCK, UNALIGNED_WRITE, ZONE_FULL, NOT_AT_WRITE_POINTER), write(SIZE + 1, 512));
    }

    @Test
    void writePastTheDevice() {
        assertEquals(Set.of(OUT_OF_RANGE), write(5 * SIZE, 4096));
        assertEquals(Set.of(OUT_OF_RANGE), write(-4096, 4096));
        assertEquals(
                Set.of(OUT_OF_RANGE, CROSSES_ZONE_BOUNDARY, BEYOND_ZONE_CAPACITY, NOT_AT_WRITE_POINTER),
                write(5 * SIZE - 4096, 8192));
        assertEquals(
                Set.of(OUT_OF_RANGE),
                submit(RecordingRequest.plain(Operation.WRITE_ZEROES, Long.MAX_VALUE - 511, 512)));
        assertEquals(
                Set.of(OUT_OF_RANGE), submit(RecordingRequest.plain(Operation.DISCARD, 512, Long.MAX_VALUE - 511)));
        assertEquals(Set.of(OUT_OF_RANGE), submit(RecordingRequest.read(5 * SIZE - 512, 1024)));
        assertEquals(Set.of(OUT_OF_RANGE), submit(RecordingRequest.plain(Operation.ZONE_REPORT, 5 * SIZE, 512)));
    }

    @Test
    void writeBetweenCapacityAndSize() {
        assertEquals(Set.of(DONE), write(SIZE, 8192));
        assertEquals(Set.of(BEYOND_ZONE_CAPACITY), write(SIZE + 8192, 8192));
        assertEquals(Set.of(BEYOND_ZONE_CAPACITY, NOT_AT_WRITE_POINTER), write(SIZE + 12288, 4096));
        assertEquals(Set.of(DONE), write(SIZE + 8192, 4096));
        assertEquals(ZoneCondition.FULL, condition(1));
        assertArrayEquals(new byte[4096], read(SIZE + 12288, 4096));
    }

    private byte[] read(long offset, int length) {
        RecordingRequest read = RecordingRequest.read(offset, length);
        assertEquals(Set.of(DONE), submit(read));
        assertEquals(length, read.transferred());
        return read.payload();
    }

    @Test
    void writeWithHalfAGranule() {
        assertEquals(Set.of(UNALIGNED_WRITE), write(SIZE, 512));
        assertEquals(Set.of(UNALIGNED_WRITE, NOT_AT_WRITE_POINTER), write(SIZE + 512, 4096));
        assertEquals(ZoneCondition.EMPTY, condition(1));
        assertEquals(Set.of(DONE), write(512, 512));
    }

    @Test
    void writeOverTwoZones() {
        assertEquals(Set.of(CROSSES_ZONE_BOUNDARY), write(SIZE - 4096, 8192));
        assertEquals(
                Set.of(CROSSES_ZONE_BOUNDARY, BEYOND_ZONE_CAPACITY, NOT_AT_WRITE_POINTER),
                write(2 * SIZE - 4096, 8192));
    }

    @Test
    void emptyWritesOpenNothing() {
        assertEquals(Set.of(DONE), write(SIZE, 0));
        assertEquals(Set.of(NOT_AT_WRITE_POINTER), write(SIZE + 4096, 0));
        RecordingRequest append = RecordingRequest.append(SIZE, 0, 1);
        assertEquals(Set.of(DONE), submit(append));
        assertEquals(SIZE, append.placement());
        assertEquals(ZoneCondition.EMPTY, condition(1));
        assertEquals(Set.of(DONE), write(5 * SIZE, 0));
        assertEquals(Set.of(DONE), submit(RecordingRequest.read(0, 0)));
    }

    @Test
    void appends() {
        assertEquals(Set.of(APPEND_TOO_LONG), append(SIZE, 12288));
        assertEquals(Set.of(APPEND_TOO_LONG, BEYOND_ZONE_CAPACITY), append(SIZE, SIZE));
        assertEquals(Set.of(APPEND_TOO_LONG, BEYOND_ZONE_CAPACITY, CROSSES_ZONE_BOUNDARY), append(SIZE, SIZE + 4096));
        assertEquals(Set.of(NOT_ZONE_START), append(SIZE + 4096, 4096));
        assertEquals(Set.of(UNALIGNED_WRITE), append(SIZE, 512));
        assertEquals(Set.of(WRONG_ZONE_TYPE), append(0, 4096));
        assertEquals(Set.of(OUT_OF_RANGE), append(5 * SIZE, 4096));
        assertEquals(Set.of(DONE), append(SIZE, 8192));
        assertEquals(Set.of(BEYOND_ZONE_CAPACITY), append(SIZE, 8192));
        assertEquals(Set.of(DONE), append(SIZE, 4096));
        assertEquals(Set.of(ZONE_FULL, BEYOND_ZONE_CAPACITY), append(SIZE, 4096));
        device = open(SHAPE.with(ZoneLimits.NONE));
        assertEquals(Set.of(APPEND_UNSUPPORTED), append(SIZE, 4096));
    }

    @Test
    void actionsOnTheWrongPlace() {
        assertEquals(Set.of(WRONG_ZONE_TYPE), act(Operation.ZONE_RESET, 0));
        assertEquals(Set.of(WRONG_ZONE_TYPE, NOT_ZONE_START), act(Operation.ZONE_OPEN, 512));
        assertEquals(Set.of(NOT_ZONE_START), act(Operation.ZONE_OPEN, SIZE + 1));
        assertEquals(Set.of(NOT_ZONE_START, NOT_APPLICABLE), act(Operation.ZONE_CLOSE, SIZE + 512));
        assertEquals(Set.of(OUT_OF_RANGE), act(Operation.ZONE_OPEN, 5 * SIZE));
        assertEquals(Set.of(OUT_OF_RANGE), act(Operation.ZONE_OPEN, -1));
        assertEquals(Set.of(NOT_APPLICABLE), act(Operation.ZONE_CLOSE, SIZE));
        assertEquals(Set.of(ALREADY_SO), act(Operation.ZONE_RESET, SIZE));
    }

    @Test
    void readOnlyAndOfflineZones() {
        List<Integer> changed = new ArrayList<>();
        DeviceListener listener = new DeviceListener() {
            @Override
            public void zoneChanged(int zone) {
                changed.add(zone);
            }
        };
        device.addListener(listener);
        assertEquals(Set.of(DONE), write(SIZE, 4096));
        assertEquals(Set.of(DONE), act(Operation.ZONE_SET_READ_ONLY, SIZE));
        assertEquals(Set.of(ALREADY_SO), act(Operation.ZONE_SET_READ_ONLY, SIZE));
        assertEquals(Set.of(ZONE_READ_ONLY), write(SIZE + 4096, 4096));
        assertEquals(Set.of(ZONE_READ_ONLY), append(SIZE, 4096));
        assertEquals(Set.of(ZONE_READ_ONLY), act(Operation.ZONE_RESET, SIZE));
        byte[] written = new byte[8192];
        Arrays.fill(written, 0, 4096, (byte) 1);
        assertArrayEquals(written, read(SIZE, 8192));

        assertEquals(Set.of(DONE), act(Operation.ZONE_SET_OFFLINE, SIZE));
        assertEquals(Set.of(ZONE_OFFLINE), act(Operation.ZONE_SET_READ_ONLY, SIZE));
        assertEquals(Set.of(ZONE_OFFLINE), submit(RecordingRequest.read(SIZE, 512)));
        assertEquals(Set.of(ZONE_OFFLINE), submit(RecordingRequest.read(0, 3 * SIZE)));
        assertEquals(Set.of(ZONE_OFFLINE, UNALIGNED_WRITE), write(SIZE, 512));
        device.removeListener(listener);
        act(Operation.ZONE_SET_OFFLINE, 2 * SIZE);
        assertEquals(List.of(1, 1), changed);
    }

    @Test
    void readsAcrossZonesAreTheFrontEndsChoice() {
        assertEquals(Set.of(DONE), submit(RecordingRequest.read(SIZE - 512, 1024)));
        RecordingRequest picky = RecordingRequest.read(SIZE - 512, 1024);
        picky.setRefuseCrossing(true);
        assertEquals(Set.of(READ_CROSSES_ZONES), submit(picky));
        assertEquals(0, picky.transferred());
        device = open(SHAPE.withConventional(2));
        RecordingRequest conventional = RecordingRequest.read(SIZE - 512, 1024);
        conventional.setRefuseCrossing(true);
        assertEquals(Set.of(DONE), submit(conventional));
    }

    @Test
    void zeroesAndDiscard() {
        assertEquals(Set.of(DONE), submit(RecordingRequest.plain(Operation.WRITE_ZEROES, SIZE, 8192)));
        assertEquals(ZoneCondition.IMPLICIT_OPEN, condition(1));
        assertEquals(Set.of(NOT_AT_WRITE_POINTER), submit(RecordingRequest.plain(Operation.WRITE_ZEROES, SIZE, 4096)));
        assertEquals(Set.of(WRONG_ZONE_TYPE), submit(RecordingRequest.plain(Operation.DISCARD, SIZE - 512, 1024)));
        assertEquals(Set.of(DONE), write(0, 512));
        assertEquals(Set.of(DONE), submit(RecordingRequest.plain(Operation.DISCARD, 0, 512)));
        assertArrayEquals(new byte[512], read(0, 512));
        device = open(SHAPE.with(Capabilities.PLAIN));
        assertEquals(Set.of(UNSUPPORTED), submit(RecordingRequest.plain(Operation.DISCARD, 0, 512)));
        assertEquals(Set.of(UNSUPPORTED), submit(RecordingRequest.plain(Operation.WRITE_ZEROES, 0, 512)));
        assertEquals(Set.of(DONE), submit(RecordingRequest.plain(Operation.FLUSH, 0, 0)));
    }

    @Test
    void readOnlyDevice() {
        device = open(SHAPE.with(new Capabilities(true, false, true, true, false, false)));
        assertEquals(Set.of(DEVICE_READ_ONLY), write(0, 512));
        assertEquals(Set.of(DEVICE_READ_ONLY), write(SIZE, 4096));
        assertEquals(Set.of(DEVICE_READ_ONLY), append(SIZE, 4096));
        assertEquals(Set.of(DEVICE_READ_ONLY), act(Operation.ZONE_OPEN, SIZE));
        assertEquals(Set.of(DEVICE_READ_ONLY), submit(RecordingRequest.all(Operation.ZONE_RESET)));
        assertEquals(Set.of(DONE), submit(RecordingRequest.read(0, 512)));
        assertEquals(Set.of(DONE), submit(RecordingRequest.plain(Operation.ZONE_REPORT, 0, 5 * SIZE)));
    }

    @Test
    void deviceWithoutZones() {
        device =
                open(new Shape("ordinary", ZoneGeometry.unzoned(8192, 512), ZoneLimits.NONE, 0, 0, Capabilities.PLAIN));
        assertEquals(Set.of(DONE), write(512, 7680));
        assertEquals(Set.of(OUT_OF_RANGE), write(8192, 512));
        assertEquals(Set.of(UNSUPPORTED), act(Operation.ZONE_RESET, 0));
        assertEquals(Set.of(UNSUPPORTED), submit(RecordingRequest.all(Operation.ZONE_RESET)));
        assertEquals(Set.of(UNSUPPORTED), submit(RecordingRequest.plain(Operation.ZONE_REPORT, 0, 512)));
        assertEquals(Set.of(APPEND_UNSUPPORTED), append(0, 512));
        assertEquals(1, read(512, 512)[0]);
    }

    @Test
    void spansThatDoNotAddUp() {
        RecordingRequest wrong = RecordingRequest.plain(Operation.WRITE, 0, 512);
        assertEquals(Set.of(INTERNAL_ERROR), submit(wrong));
    }

    @Test
    void mediumThatThrowsFailsItsRequestOnly() {
        device = EngineDevice.open(DeviceIdentity.of("throws"), new Throwing(new MemoryBackend(SHAPE)), ZoneRules.ZBC);
        assertEquals(Set.of(INTERNAL_ERROR), write(SIZE, 4096));
        assertEquals(Set.of(INTERNAL_ERROR), write(SIZE, 4096));
        assertEquals(0, device.inFlight());
    }

    /** What a guest's truncated memory looks like to a copy. */
    private record Throwing(ZonedBackend inner) implements ZonedBackend {
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
            throw new InternalError("a fault occurred in an unsafe memory access operation");
        }

        @Override
        public void close() {}
    }
}
