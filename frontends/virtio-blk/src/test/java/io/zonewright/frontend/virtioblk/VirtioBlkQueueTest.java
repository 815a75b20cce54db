package io.zonewright.frontend.virtioblk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.zonewright.api.request.DeviceRequest;
import io.zonewright.api.spi.Capabilities;
import io.zonewright.api.spi.DeviceIdentity;
import io.zonewright.api.spi.DeviceListener;
import io.zonewright.api.spi.ZonedDevice;
import io.zonewright.api.zone.ZoneDescriptor;
import io.zonewright.api.zone.ZoneGeometry;
import io.zonewright.api.zone.ZoneLimits;
import io.zonewright.frontend.virtioblk.command.WriteCache;
import io.zonewright.runtime.CompletionMailbox;
import io.zonewright.runtime.Counters;
import io.zonewright.runtime.PollLoop;
import io.zonewright.virtio.QueueContext;
import io.zonewright.virtio.queue.ScriptedVirtqueue;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The queue handler, stepped by hand. */
class VirtioBlkQueueTest {
    private static final int FLUSH = 4;

    /** Completes at once, or keeps requests for the test. */
    private static final class Keeper implements ZonedDevice {
        final List<DeviceRequest> kept = new ArrayList<>();
        final List<DeviceRequest> seen = new ArrayList<>();
        final List<String> calls = new ArrayList<>();
        boolean keep;

        @Override
        public void beginBatch() {
            calls.add("begin");
        }

        @Override
        public void endBatch() {
            calls.add("end");
        }

        @Override
        public void clientLost() {
            calls.add("lost");
        }

        @Override
        public DeviceIdentity identity() {
            return DeviceIdentity.of("keeper");
        }

        @Override
        public ZoneGeometry geometry() {
            return ZoneGeometry.unzoned(1 << 20, 512);
        }

        @Override
        public ZoneLimits limits() {
            return ZoneLimits.NONE;
        }

        @Override
        public Capabilities capabilities() {
            return Capabilities.PLAIN;
        }

        @Override
        public void zone(int index, ZoneDescriptor into) {
            throw new IndexOutOfBoundsException(index);
        }

        @Override
        public void submit(DeviceRequest request) {
            seen.add(request);
            calls.add("submit");
            if (keep) {
                kept.add(request);
            } else {
                request.complete();
            }
        }

        @Override
        public void addListener(DeviceListener listener) {}

        @Override
        public void removeListener(DeviceListener listener) {}
    }

    private final Keeper device = new Keeper();
    private final Counters<BlkCounter> counters = new Counters<>(BlkCounter.class);
    private final PollLoop loop = PollLoop.byHand("test");
    private final CompletionMailbox mailbox = new CompletionMailbox(loop::wake);
    private final VirtioBlkQueue handler =
            new VirtioBlkQueue(device, new WriteCache(), new byte[20], counters, new QueueContext(0, loop, mailbox));
    private final ScriptedVirtqueue ring = new ScriptedVirtqueue(4);

    @BeforeEach
    void start() {
        handler.start(ring, 1L << 32);
    }

    private static MemorySegment header(int type) {
        MemorySegment header = Arena.ofAuto().allocate(16, 8);
        header.set(ValueLayout.JAVA_INT, 0, type);
        return header;
    }

    private MemorySegment offer(int id, int type, int room) {
        MemorySegment writable = Arena.ofAuto().allocate(room + 1L);
        writable.fill((byte) 0xee);
        ring.offer(id, header(type), writable);
        return writable;
    }

    @Test
    void completesInlineWhileProcessing() {
        MemorySegment status = offer(2, FLUSH, 0);
        assertEquals(2, handler.process(8));
        assertEquals(List.of("2:1"), ring.completed);
        assertEquals(0, status.get(ValueLayout.JAVA_BYTE, 0));
        assertEquals(0, handler.process(8));
        assertEquals(1, counters.get(BlkCounter.FLUSHES));
        assertEquals(0, counters.get(BlkCounter.ERRORS));
    }

    @Test
    void startsTheFirstAtOnceAndTheOthersAsABatch() {
        offer(0, FLUSH, 0);
        handler.process(8);
        assertEquals(List.of("lost", "submit"), device.calls);
        device.calls.clear();
        offer(1, FLUSH, 0);
        offer(2, FLUSH, 0);
        offer(3, FLUSH, 0);
        handler.process(8);
        assertEquals(List.of("submit", "begin", "submit", "submit", "end"), device.calls);
    }

    @Test
    void takesNoMoreThanTheLimit() {
        offer(0, FLUSH, 0);
        offer(1, FLUSH, 0);
        offer(2, FLUSH, 0);
        handler.process(2);
        assertEquals(List.of("0:1", "1:1"), ring.completed);
        handler.process(2);
        assertEquals(List.of("0:1", "1:1", "2:1"), ring.completed);
    }

    @Test
    void completionsOutsideOfProcessingWaitForTheNextRound() {
        device.keep = true;
        offer(0, FLUSH, 0);
        offer(1, FLUSH, 0);
        assertEquals(2, handler.process(8));
        device.kept.get(1).complete();
        assertEquals(List.of(), ring.completed, "on the loop's thread, but another queue's turn");
        assertEquals(1, handler.process(8));
        assertEquals(List.of("1:1"), ring.completed);
        device.kept.get(0).complete();
        handler.process(8);
        assertEquals(List.of("1:1", "0:1"), ring.completed);
        assertEquals(0, ring.inFlight());
    }

    @Test
    void completionsFromAnotherThreadComeThroughTheMailbox() throws InterruptedException {
        device.keep = true;
        offer(3, FLUSH, 0);
        handler.process(8);
        Thread other = Thread.ofPlatform().start(() -> device.kept.getFirst().complete());
        other.join();
        assertEquals(List.of(), ring.completed);
        handler.process(8);
        assertEquals(List.of("3:1"), ring.completed);
    }

    @Test
    void requestObjectsAreUsedAgain() {
        for (int i = 0; i < 3; i++) {
            offer(0, FLUSH, 0);
            handler.process(8);
        }
        assertSame(device.seen.get(0), device.seen.get(1));
        assertSame(device.seen.get(0), device.seen.get(2));
        handler.stop();
        handler.start(ring, 1L << 32);
        offer(0, FLUSH, 0);
        handler.process(8);
        assertNotSame(device.seen.get(0), device.seen.get(3), "a driver's leftovers are not kept for the next");
    }

    @Test
    void aRingThatIsFullOverAndOverNeedsNoFurtherObjects() {
        device.keep = true;
        for (int round = 0; round < 10; round++) {
            for (int id = 0; id < 4; id++) {
                offer(id, FLUSH, 0);
            }
            handler.process(8);
            handler.process(8);
            assertEquals(4, device.kept.size());
            device.kept.forEach(DeviceRequest::complete);
            device.kept.clear();
            handler.process(8);
        }
        assertEquals(40, ring.completed.size());
        assertEquals(4, new HashSet<>(device.seen).size());
    }

    @Test
    void unknownRequestsAreAnsweredAndCounted() {
        MemorySegment status = offer(1, 99, 0);
        handler.process(8);
        assertEquals(2, status.get(ValueLayout.JAVA_BYTE, 0));
        assertEquals(1, counters.get(BlkCounter.OTHERS));
        assertEquals(1, counters.get(BlkCounter.ERRORS));
    }

    @Test
    void aRequestWithoutAStatusByteBreaksTheRingAndLeavesNothingInFlight() {
        ring.offer(0, header(FLUSH), MemorySegment.NULL);
        offer(1, FLUSH, 0);
        handler.process(8);
        assertEquals(List.of("a request has no writable byte for its status"), ring.failures);
        assertEquals(0, ring.inFlight());
        assertEquals(List.of(), device.seen);
    }

    @Test
    void memoryThatGoesAwayUnderAHeaderLeavesNothingInFlight() {
        try (Arena gone = Arena.ofConfined()) {
            ring.offer(0, gone.allocate(16), Arena.ofAuto().allocate(1));
        }
        assertThrows(IllegalStateException.class, () -> handler.process(8));
        assertEquals(0, ring.inFlight());
        offer(1, FLUSH, 0);
        handler.process(8);
        assertEquals(List.of("0:0", "1:1"), ring.completed);
    }

    @Test
    void memoryThatGoesAwayUnderAnAnswerLeavesNothingInFlight() {
        device.keep = true;
        try (Arena gone = Arena.ofConfined()) {
            ring.offer(0, header(FLUSH), gone.allocate(1));
            handler.process(8);
        }
        device.kept.getFirst().complete();
        assertThrows(IllegalStateException.class, () -> handler.process(8));
        assertEquals(0, ring.inFlight());
    }
}
