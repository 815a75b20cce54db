package io.zonewright.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.api.request.DeviceRequest;
import io.zonewright.api.request.Operation;
import io.zonewright.api.result.Cause;
import io.zonewright.api.spi.Capabilities;
import io.zonewright.api.spi.DeviceIdentity;
import io.zonewright.api.spi.ZonedBackend;
import io.zonewright.api.zone.ZoneCondition;
import io.zonewright.api.zone.ZoneGeometry;
import io.zonewright.api.zone.ZoneLimits;
import io.zonewright.api.zone.ZoneModel;
import io.zonewright.api.zone.ZoneRules;
import io.zonewright.api.zone.ZoneSink;
import io.zonewright.api.zone.ZoneType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Reads that borrow the medium's memory: what they show, and how long they count as in flight. */
class LoanTest {
    private static final int BLOCK = 512;
    private static final int ZONE = 8 * BLOCK;

    /** Zone 0 conventional, then sequential ones with a capacity of six blocks. What is stored is 5Ah throughout. */
    private static final class Lender implements ZonedBackend {
        private final ZoneGeometry geometry = new ZoneGeometry(ZoneModel.HOST_MANAGED, 4L * ZONE, BLOCK, BLOCK, ZONE);
        private final MemorySegment memory =
                MemorySegment.ofArray(new byte[4 * ZONE]).fill((byte) 0x5A);
        private final boolean lends;
        private int reads;
        private long surplus;
        private Cause failure = Cause.DONE;
        private boolean closed;
        private final StringBuilder batches = new StringBuilder();

        Lender(boolean lends) {
            this.lends = lends;
        }

        @Override
        public ZoneGeometry geometry() {
            return geometry;
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
        public boolean lends() {
            return lends;
        }

        @Override
        public void loadZones(ZoneSink sink) {
            sink.zone(0, ZoneType.CONVENTIONAL, ZoneCondition.NOT_WRITE_POINTER, ZONE, ZONE);
            ZoneType type = ZoneType.SEQUENTIAL_WRITE_REQUIRED;
            sink.zone(1, type, ZoneCondition.FULL, 6L * BLOCK, ZONE + 6L * BLOCK);
            sink.zone(2, type, ZoneCondition.CLOSED, 6L * BLOCK, 2L * ZONE + 2 * BLOCK);
            sink.zone(3, type, ZoneCondition.OFFLINE, 6L * BLOCK, 3L * ZONE);
        }

        @Override
        public void submit(DeviceRequest request) {
            if (request.operation() != Operation.READ) {
                request.complete();
                return;
            }
            reads++;
            if (request.lend()) {
                request.data().add(memory, request.offset(), request.length() + surplus);
            }
            request.setTransferred(request.length());
            request.complete(failure);
        }

        @Override
        public void beginBatch() {
            batches.append(closed ? "begun when closed " : "begun ");
        }

        @Override
        public void endBatch() {
            batches.append(closed ? "ended when closed " : "ended ");
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    private final Lender medium = new Lender(true);
    private final EngineDevice device = EngineDevice.open(DeviceIdentity.of("loan"), medium, ZoneRules.ZBC);

    private InstantMedium.Probe borrow(long offset, long length) {
        InstantMedium.Probe read = new InstantMedium.Probe().ask(Operation.READ, offset, length);
        read.setLend(true);
        device.submit(read);
        assertEquals(1, read.completions);
        return read;
    }

    /** The first byte of each block. */
    private static byte[] shown(DeviceRequest read) {
        assertEquals(Cause.DONE, read.cause());
        assertTrue(read.lend());
        assertEquals(read.length(), read.transferred());
        byte[] bytes = new byte[(int) read.data().bytes()];
        read.data().copyTo(0, MemorySegment.ofArray(bytes), 0, bytes.length);
        byte[] firsts = new byte[bytes.length / BLOCK];
        for (int block = 0; block < firsts.length; block++) {
            firsts[block] = bytes[block * BLOCK];
            for (int i = 0; i < BLOCK; i++) {
                assertEquals(firsts[block], bytes[block * BLOCK + i], "block " + block + " byte " + i);
            }
        }
        return firsts;
    }

    private static byte[] blocks(String marks) {
        byte[] firsts = new byte[marks.length()];
        for (int i = 0; i < firsts.length; i++) {
            firsts[i] = (byte) (marks.charAt(i) == 'x' ? 0x5A : 0);
        }
        return firsts;
    }

    @Test
    void dataBelowTheWritePointerIsTheMediums() {
        DeviceRequest read = borrow(2 * ZONE, 2 * BLOCK);
        assertArrayEquals(blocks("xx"), shown(read));
        assertEquals(1, read.data().count());
        assertEquals(medium.memory, read.data().segment(0));
        assertEquals(2 * ZONE, read.data().offset(0));
        device.endLoan(read);
    }

    @Test
    void whatLiesAboveReadsAsZeroes() {
        DeviceRequest over = borrow(2 * ZONE + BLOCK, 4 * BLOCK);
        assertArrayEquals(blocks("x000"), shown(over));
        DeviceRequest above = borrow(2 * ZONE + 2 * BLOCK, 6 * BLOCK);
        assertArrayEquals(blocks("000000"), shown(above));
        assertEquals(1, medium.reads, "what lies wholly above is no matter for the medium");
        device.endLoan(over);
        device.endLoan(above);
        assertEquals(0, device.inFlight());
    }

    @Test
    void zonesAreLookedAtOneByOne() {
        DeviceRequest read = borrow(ZONE - BLOCK, 2 * ZONE - BLOCK);
        // the end of the conventional zone; six blocks and a gap; two blocks, and nothing above the pointer
        assertArrayEquals(blocks("x" + "xxxxxx00" + "xx0000"), shown(read));
        assertEquals(1, device.inFlight());
        device.endLoan(read);
        assertEquals(0, device.inFlight());
    }

    @Test
    void aLoanKeepsTheMediumOpenAndNothingElseWaitsForIt() {
        DeviceRequest read = borrow(ZONE, BLOCK);
        InstantMedium.Probe reset = new InstantMedium.Probe().ask(Operation.ZONE_RESET, ZONE, 0);
        device.submit(reset);
        assertEquals(1, reset.completions);
        assertEquals(Cause.DONE, reset.cause());
        assertFalse(device.close(Duration.ofMillis(1)));
        assertFalse(medium.closed);
        device.endLoan(read);
        assertFalse(read.lend());
        assertTrue(device.close(Duration.ofSeconds(5)));
        assertTrue(medium.closed);
        assertThrows(IllegalStateException.class, () -> device.endLoan(read));
    }

    @Test
    void whatFailsLendsNothing() {
        DeviceRequest offline = borrow(3 * ZONE, BLOCK);
        assertEquals(Cause.ZONE_OFFLINE, offline.cause());
        DeviceRequest beyond = borrow(4 * ZONE, BLOCK);
        assertEquals(Cause.OUT_OF_RANGE, beyond.cause());
        medium.failure = Cause.MEDIUM_ERROR;
        DeviceRequest failed = borrow(0, BLOCK);
        assertEquals(Cause.MEDIUM_ERROR, failed.cause());
        DeviceRequest second = borrow(ZONE, 2 * ZONE);
        assertEquals(Cause.MEDIUM_ERROR, second.cause());
        for (DeviceRequest read : new DeviceRequest[] {offline, beyond, failed, second}) {
            assertFalse(read.lend());
            assertEquals(0, read.data().bytes());
        }
        assertEquals(0, device.inFlight());
    }

    @Test
    void aMediumThatLendsTooMuchHasFailed() {
        medium.surplus = BLOCK;
        assertEquals(Cause.INTERNAL_ERROR, borrow(0, BLOCK).cause());
        assertEquals(Cause.INTERNAL_ERROR, borrow(2 * ZONE, 4 * BLOCK).cause());
        assertEquals(0, device.inFlight());
    }

    @Test
    void onlyReadsBorrowAndOnlyFromMediaThatLend() {
        InstantMedium.Probe write = new InstantMedium.Probe().ask(Operation.WRITE, 0, BLOCK);
        write.setLend(true);
        device.submit(write);
        assertEquals(Cause.INTERNAL_ERROR, write.cause());
        assertFalse(write.lend());
        EngineDevice other = EngineDevice.open(DeviceIdentity.of("other"), new Lender(false), ZoneRules.ZBC);
        assertTrue(device.lends());
        assertFalse(other.lends());
        InstantMedium.Probe read = new InstantMedium.Probe().ask(Operation.READ, 0, BLOCK);
        read.setLend(true);
        other.submit(read);
        assertEquals(Cause.INTERNAL_ERROR, read.cause());
        assertEquals(0, other.inFlight());
    }

    @Test
    void aClosedDeviceLendsNothing() {
        device.close(Duration.ofSeconds(5));
        DeviceRequest read = borrow(0, BLOCK);
        assertEquals(Cause.ABORTED, read.cause());
        assertFalse(read.lend());
    }

    @Test
    void anOrdinaryReadIsAsBefore() {
        InstantMedium.Probe read = new InstantMedium.Probe().ask(Operation.READ, 2 * ZONE, 4 * BLOCK);
        MemorySegment memory = MemorySegment.ofArray(new byte[4 * BLOCK]).fill((byte) 7);
        read.data().add(memory, 0, 4 * BLOCK);
        device.submit(read);
        assertEquals(Cause.DONE, read.cause());
        assertEquals(7, memory.get(ValueLayout.JAVA_BYTE, 0)); // this medium moves nothing by itself
        assertEquals(0, memory.get(ValueLayout.JAVA_BYTE, 2 * BLOCK));
        assertEquals(0, device.inFlight());
    }

    /** A front-end that is a little late finds no medium that could gather anything. */
    @Test
    void aBatchAfterTheEndDoesNotReachTheMedium() {
        device.beginBatch();
        device.endBatch();
        assertTrue(device.close(Duration.ofSeconds(1)));
        device.beginBatch();
        device.endBatch();
        assertEquals("begun ended ", medium.batches.toString());
    }
}
