package io.zonewright.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReceiveBufferTest {
    private static final int PIECE = 1000;

    private final BufferPool pool = new BufferPool(1.0 / 64);
    private final ReceiveBuffer input = new ReceiveBuffer(pool, PIECE);

    /** As if so many bytes had come, the last of which are 0, 1, 2. */
    private void arrive(int bytes) {
        int end = input.start() + input.bytes() + bytes;
        for (int i = 0; i < 3; i++) {
            input.segment().set(ValueLayout.JAVA_BYTE, end - 3L + i, (byte) i);
        }
        input.received(bytes);
    }

    private int first() {
        return input.segment().get(ValueLayout.JAVA_BYTE, input.start());
    }

    @Test
    void holdsNothingUntilThereIsSomething() {
        assertEquals(0, input.held());
        assertEquals(0, input.room());
        assertTrue(input.isEmpty());
        assertThrows(IllegalStateException.class, input::buffer);
        assertTrue(input.makeRoom());
        assertEquals(input.held(), input.room());
        assertEquals(1, pool.lent());
        input.release();
        assertEquals(0, pool.lent());
    }

    @Test
    void whatHasBegunMovesToTheFront() {
        input.makeRoom();
        NetBuffer buffer = input.buffer();
        int all = input.room();
        arrive(all - 10);
        input.consume(all - 13);
        assertEquals(3, input.bytes());
        assertEquals(0, first());
        assertTrue(input.makeRoom());
        assertSame(buffer, input.buffer());
        assertEquals(0, input.start());
        assertEquals(3, input.bytes());
        assertEquals(all - 3, input.room());
        assertEquals(0, first());
        input.consume(2);
        assertEquals(2, first());
        // Enough for a piece behind it: nothing moves.
        assertTrue(input.makeRoom());
        assertEquals(2, input.start());
    }

    @Test
    void whatOthersUseStays() {
        input.makeRoom();
        NetBuffer buffer = input.buffer();
        buffer.retain();
        arrive(input.room());
        input.consume(input.bytes() - 2);
        assertTrue(input.makeRoom());
        assertNotSame(buffer, input.buffer());
        assertEquals(1, first());
        assertEquals(2, input.bytes());
        assertEquals(2, pool.lent());
        input.buffer().retain();
        NetBuffer second = input.buffer();
        assertTrue(input.clear());
        assertNotSame(second, input.buffer());
        assertTrue(input.isEmpty());
        buffer.release();
        second.release();
        input.release();
        assertEquals(0, pool.lent());
    }

    @Test
    void starves() {
        List<NetBuffer> all = new ArrayList<>();
        for (NetBuffer taken = pool.take(ReceiveBuffer.BYTES); taken != null; taken = pool.take(ReceiveBuffer.BYTES)) {
            all.add(taken);
        }
        assertFalse(input.makeRoom());
        assertTrue(input.starved());
        input.retry();
        assertFalse(input.starved());
        assertFalse(input.clear());
        assertTrue(input.starved());
        all.forEach(NetBuffer::release);
        assertTrue(input.makeRoom());
        assertFalse(input.starved());
    }
}
