package io.zonewright.backend.linuxzbd;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.zonewright.api.request.DeviceRequest;
import io.zonewright.api.request.Operation;
import io.zonewright.api.result.Cause;
import io.zonewright.api.zone.ZoneGeometry;
import io.zonewright.api.zone.ZoneModel;
import io.zonewright.backend.linuxzbd.order.WriteOrder;
import io.zonewright.backend.linuxzbd.order.WriteTarget;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The order of writes, step by step: nothing starts or ends but by the test's hand. */
class WriteOrderTest {
    private static final long ZONE = 1 << 20;
    private static final int B = 4096;
    private static final int EIO = 5;

    private final List<String> events = new ArrayList<>();
    private final Deque<DeviceRequest> started = new ArrayDeque<>();
    private final WriteOrder order = new WriteOrder(
            new ZoneGeometry(ZoneModel.HOST_MANAGED, 200 * ZONE, 4096, 4096, ZONE),
            new WriteTarget() {
                @Override
                public void start(DeviceRequest request) {
                    events.add("start " + (request.offset() / B) + "+" + (request.length() / B)
                            + (request.forceUnitAccess() ? " fua" : "")
                            + (request.operation() == Operation.WRITE ? "" : " zeroes"));
                    started.add(request);
                }

                @Override
                public void refresh(int zone) {
                    events.add("ask for zone " + zone);
                }

                @Override
                public void finish(DeviceRequest request, long bytesMoved, int errno) {
                    events.add("end " + (request.offset() / B) + ": " + bytesMoved + ", errno " + errno);
                }

                @Override
                public void refuse(DeviceRequest request, Cause cause) {
                    events.add("end " + (request.offset() / B) + ": " + cause);
                }
            },
            4 * B,
            16);

    private void enter(long... blocks) {
        for (long block : blocks) {
            order.enter(Ask.write(block * B, B, 1));
        }
    }

    private void done(long bytes, int errno) {
        order.done(started.remove(), bytes, errno);
    }

    private List<String> events() {
        List<String> seen = List.copyOf(events);
        events.clear();
        return seen;
    }

    @Test
    void oneWriteOfAZoneIsAtTheKernelAndWhatWaitsGoesTogether() {
        enter(0, 1, 2, 3);
        assertEquals(List.of("start 0+1"), events());
        done(B, 0);
        assertEquals(List.of("end 0: 4096, errno 0", "start 1+3"), events());
        done(3 * B, 0);
        assertEquals(List.of("end 1: 4096, errno 0", "end 2: 4096, errno 0", "end 3: 4096, errno 0"), events());
        enter(4);
        assertEquals(List.of("start 4+1"), events());
    }

    @Test
    void zonesDoNotWaitForEachOther() {
        enter(0, 256, 512, 1, 64 * 256);
        assertEquals(List.of("start 0+1", "start 256+1", "start 512+1", "start 16384+1"), events());
    }

    @Test
    void aJoinedWriteHasAtMostOneTransferAndNoGapsAndOneKindOfStability() {
        enter(0, 1, 2, 3, 4, 5);
        done(B, 0);
        assertEquals(List.of("start 0+1", "end 0: 4096, errno 0", "start 1+4"), events());
        enter(7);
        order.enter(Ask.write(8L * B, B, 1).fua());
        order.enter(Ask.of(Operation.WRITE_ZEROES, 9L * B, B));
        enter(10);
        done(4 * B, 0);
        events();
        done(B, 0);
        assertEquals("start 7+1", events().getLast());
        done(B, 0);
        assertEquals("start 8+1 fua", events().getLast());
        done(B, 0);
        assertEquals("start 9+1 zeroes", events().getLast());
        done(B, 0);
        assertEquals(List.of("end 9: 4096, errno 0", "start 10+1"), events());
    }

    @Test
    void aFailedWriteHasTheZoneAskedForBeforeTheNextGoes() {
        enter(0, 9);
        done(0, EIO);
        assertEquals(List.of("start 0+1", "end 0: 0, errno 5", "ask for zone 0"), events());
        enter(10);
        assertEquals(List.of(), events());
        order.refreshed(0);
        assertEquals(List.of("start 9+2"), events());
    }

    @Test
    void afterAFailureWithNothingBehindNobodyAsks() {
        enter(0);
        done(0, EIO);
        assertEquals(List.of("start 0+1", "end 0: 0, errno 5"), events());
        enter(1);
        assertEquals(List.of("start 1+1"), events());
    }

    @Test
    void writesJoinedToAFailedOneGoOneByOne() {
        enter(0, 1, 2, 3);
        done(B, 0);
        events();
        done(0, EIO);
        assertEquals(List.of("ask for zone 0"), events());
        order.refreshed(0);
        assertEquals(List.of("start 1+1"), events());
        done(B, 0);
        assertEquals(List.of("end 1: 4096, errno 0", "start 2+1"), events());
        done(0, EIO);
        assertEquals(List.of("end 2: 0, errno 5", "end 3: PREDECESSOR_FAILED"), events());
        enter(2, 3, 4);
        done(B, 0);
        assertEquals(List.of("start 2+1", "end 2: 4096, errno 0", "start 3+2"), events());
    }

    @Test
    void aJoinedWriteThatCameHalfWayIsSharedOut() {
        enter(0, 1, 2, 3, 9);
        done(B, 0);
        events();
        done(B + 512, EIO);
        assertEquals(
                List.of("end 1: 4096, errno 0", "end 2: 512, errno 5", "end 3: PREDECESSOR_FAILED", "ask for zone 0"),
                events());
        order.refreshed(0);
        assertEquals(List.of("start 9+1"), events());
    }

    @Test
    void aJoinedWriteThatEndsBetweenTwoIsSharedOutAndTheRestGoesOneByOne() {
        enter(0, 1, 2, 3);
        done(B, 0);
        events();
        done(B, EIO);
        assertEquals(List.of("end 1: 4096, errno 0", "ask for zone 0"), events());
        order.refreshed(0);
        done(B, 0);
        done(B, 0);
        assertEquals(List.of("start 2+1", "end 2: 4096, errno 0", "start 3+1", "end 3: 4096, errno 0"), events());
    }
}
