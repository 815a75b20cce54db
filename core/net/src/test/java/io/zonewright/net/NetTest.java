package io.zonewright.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.api.buffer.SpanList;
import io.zonewright.posix.IoVecs;
import io.zonewright.posix.Linux;
import io.zonewright.posix.Posix;
import io.zonewright.posix.TcpConnection;
import io.zonewright.posix.TcpListener;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NetTest {
    /** The examples of RFC 3720, appendix B.4. */
    @Test
    void crc32cIsThatOfTheRfc() {
        Crc32c crc = new Crc32c();
        byte[] ascending = new byte[32];
        byte[] ones = new byte[32];
        for (int i = 0; i < 32; i++) {
            ascending[i] = (byte) i;
            ones[i] = (byte) 0xFF;
        }
        assertEquals(0x8A9136AA, crc.of(new byte[32], 0, 32));
        assertEquals(0x62A8AB43, crc.of(ones, 0, 32));
        assertEquals(0x46DD794E, crc.of(ascending, 0, 32));
        NetBuffer buffer = Objects.requireNonNull(new BufferPool().take(100));
        MemorySegment.copy(ascending, 0, buffer.segment(), ValueLayout.JAVA_BYTE, 7, 32);
        assertEquals(0x46DD794E, crc.of(buffer, 7, 32));
        assertThrows(IndexOutOfBoundsException.class, () -> crc.of(buffer, buffer.size() - 31, 32));
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1:4420, 127.0.0.1:4420, true",
        "localhost:1, 127.0.0.1:1, true",
        "[::1]:3260, [0:0:0:0:0:0:0:1]:3260, true",
        "0.0.0.0:0, 0.0.0.0:0, false",
        "192.0.2.1:65535, 192.0.2.1:65535, false"
    })
    void addresses(String text, String shown, boolean loopback) {
        NetAddress address = NetAddress.parse(text);
        assertEquals(shown, address.toString());
        assertEquals(loopback, address.loopback());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ":1",
                "127.0.0.1",
                "127.0.0.1:",
                "127.0.0.1:65536",
                "::1:4420",
                "[127.0.0.1]:1",
                "host:1",
                "1.2.3.4:+5"
            })
    void addressesThatAreNone(String text) {
        assertThrows(IllegalArgumentException.class, () -> NetAddress.parse(text));
    }

    @Test
    void buffersAreCountedAndBounded() {
        BufferPool pool = new BufferPool(0);
        NetBuffer large = Objects.requireNonNull(pool.take(BufferPool.MAX_BYTES));
        assertEquals(BufferPool.MAX_BYTES + BufferPool.SLACK, large.size());
        assertEquals(0, (large.segment().address() + 128) % 512, "data are aligned for disks");
        assertNull(pool.take(BufferPool.MAX_BYTES));
        assertFalse(pool.recovered());
        large.retain();
        large.release();
        assertFalse(pool.recovered());
        large.release();
        assertTrue(pool.recovered());
        assertFalse(pool.recovered());
        assertThrows(IllegalStateException.class, large::release);
        assertNotNull(pool.take(1 << 19));
        assertEquals(1, pool.lent());
        assertThrows(IllegalArgumentException.class, () -> pool.take(BufferPool.MAX_BYTES + 1));
    }

    @Test
    void whatCameBackIsNotForgottenWhenSomebodyElseFindsNothing() {
        BufferPool pool = new BufferPool(0);
        NetBuffer large = Objects.requireNonNull(pool.take(BufferPool.MAX_BYTES));
        List<NetBuffer> small = new ArrayList<>();
        for (NetBuffer buffer = pool.take(4096); buffer != null; buffer = pool.take(4096)) {
            small.add(buffer);
        }
        small.getFirst().release();
        assertNull(pool.take(BufferPool.MAX_BYTES));
        assertTrue(pool.recovered(), "one waits for 4 KiB, which are there");
        large.release();
        assertFalse(pool.recovered());
    }

    @Test
    void smallRequestsCannotTakeTheLargeBuffers() {
        BufferPool pool = new BufferPool();
        int taken = 0;
        while (pool.take(BufferPool.MAX_BYTES) != null) {
            taken++;
        }
        assertEquals(64, taken);
        assertNotNull(pool.take(4096));
    }

    @Test
    void handOffKeepsTheOrderAndWakesOnce() {
        List<Integer> delivered = new ArrayList<>();
        int[] wakes = new int[1];
        Handoff handoff = new Handoff(() -> wakes[0]++);
        for (int i = 0; i < 3; i++) {
            int number = i;
            handoff.post(new Handoff.Item() {
                @Override
                protected void deliver() {
                    delivered.add(number);
                }
            });
        }
        assertEquals(3, handoff.deliver());
        assertEquals(List.of(0, 1, 2), delivered);
        assertEquals(1, wakes[0]);
        assertTrue(handoff.isEmpty());
    }

    @Test
    void limitsCountPerAddressAndInAll() {
        ConnectionCount count = new ConnectionCount(new ConnectionLimits(3, 2));
        InetAddress one = InetAddress.ofLiteral("192.0.2.1");
        InetAddress two = InetAddress.ofLiteral("192.0.2.2");
        assertTrue(count.enter(one));
        assertTrue(count.enter(one));
        assertFalse(count.enter(one));
        assertTrue(count.enter(two));
        assertFalse(count.enter(two));
        count.leave(one);
        assertTrue(count.enter(two));
        assertEquals(3, count.total());
    }

    /** More than the kernel takes at once, in pieces of different sizes: nothing lost, nothing twice. */
    @Test
    void theSendQueueGoesOnWhereTheKernelStopped() {
        Posix posix = Posix.system();
        InetSocketAddress any = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0);
        try (Arena arena = Arena.ofConfined();
                TcpListener listener = TcpListener.bind(posix, any, 1);
                TcpConnection left = TcpConnection.connect(posix, listener.address(), 5_000);
                TcpConnection right = Objects.requireNonNull(listener.accept())) {
            int pieces = 100;
            MemorySegment memory = arena.allocate(8 << 20);
            for (int i = 0; i < 8 << 20; i += 4) {
                memory.set(ValueLayout.JAVA_INT, i, i);
            }
            SendQueue queue = new SendQueue();
            List<Integer> sent = new ArrayList<>();
            int at = 0;
            for (int i = 0; i < pieces; i++) {
                int number = i;
                Outgoing piece = new Outgoing() {
                    @Override
                    protected void sent() {
                        sent.add(number);
                    }
                };
                int length = i == pieces - 1 ? (8 << 20) - at : 4 * (1 + i * 193);
                if (i % 3 == 1) {
                    setAround(piece, arena, memory, at, length, i % 2 == 0);
                } else {
                    piece.set(memory, at, length);
                }
                queue.add(piece);
                assertThrows(IllegalStateException.class, () -> queue.add(piece));
                at += length;
            }
            IoVecs vectors = new IoVecs(7);
            MemorySegment in = arena.allocate(8 << 20);
            long got = 0;
            queue.flush(left, vectors);
            assertTrue(queue.blocked());
            while (got < 8 << 20) {
                assertEquals(Linux.POLLIN, right.poll(Linux.POLLIN, 5_000));
                got += Math.max(0, right.receive(in, got, (8 << 20) - got));
                queue.unblock();
                queue.flush(left, vectors);
            }
            assertEquals(-1, memory.mismatch(in));
            assertEquals(pieces, sent.size());
            assertEquals(0, queue.bytes());
            assertTrue(queue.isEmpty());
        }
    }

    /** The same bytes, of which those in the middle stay where they are, in two spans, and the others lie apart. */
    private static void setAround(
            Outgoing piece, Arena arena, MemorySegment memory, int at, int length, boolean withEnd) {
        int before = length / 4;
        int middle = withEnd ? length / 2 : length - before;
        SpanList payload = new SpanList();
        payload.add(memory.asSlice(at + before, middle / 3), 0, middle / 3);
        payload.add(memory, at + before + middle / 3, middle - middle / 3);
        assertEquals(2, payload.count());
        MemorySegment around = arena.allocate(length - middle);
        MemorySegment.copy(memory, at, around, 0, before);
        MemorySegment.copy(memory, at + before + middle, around, before, length - middle - before);
        piece.set(around, 0, length - middle, before, payload);
    }

    @Test
    void memoryIsScarceWhileSomebodyIsRefused() {
        BufferPool pool = new BufferPool(0);
        NetBuffer large = Objects.requireNonNull(pool.take(BufferPool.MAX_BYTES));
        assertFalse(pool.scarce());
        assertNull(pool.take(BufferPool.MAX_BYTES));
        assertTrue(pool.scarce());
        assertTrue(pool.scarce(), "whoever was refused still waits");
        large.release();
        assertTrue(pool.scarce());
        assertTrue(pool.recovered());
        assertFalse(pool.scarce());
        NetBuffer again = Objects.requireNonNull(pool.take(BufferPool.MAX_BYTES));
        assertNull(pool.take(BufferPool.MAX_BYTES));
        again.release();
        assertTrue(pool.recovered());
        assertTrue(pool.scarce(), "somebody was refused since this was last asked");
        assertFalse(pool.scarce());
    }
}
