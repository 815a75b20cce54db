package io.zonewright.frontend.virtioblk.command;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.zonewright.api.buffer.SpanList;
import io.zonewright.api.spi.ZonedDevice;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Plays the driver without a queue: readable bytes in, writable bytes and status out, split as a test likes. */
final class Driver {
    /** All features that a modern zoned driver takes: VERSION_1, ZONED, CONFIG_WCE, FLUSH. */
    static final long ZONED_FEATURES = 0x1_0002_0a00L;

    /** What the driver's memory holds before the device writes: shows which bytes it left alone. */
    static final byte UNTOUCHED = (byte) 0xee;

    static final HexFormat HEX = HexFormat.of();

    private final BlkExecutor executor;

    Driver(ZonedDevice device, long features) {
        this(device, features, new WriteCache());
    }

    Driver(ZonedDevice device, long features, WriteCache cache) {
        executor = new BlkExecutor(device, features, cache, "0123456789ABCDEF0123".getBytes(StandardCharsets.US_ASCII));
    }

    /** What came back. */
    static final class Reply {
        private final byte[] writable;
        private final long used;

        Reply(byte[] writable, long used) {
            this.writable = writable;
            this.used = used;
        }

        /** All that the device could write. */
        byte[] writable() {
            return writable;
        }

        /** What the used ring would say. */
        long used() {
            return used;
        }

        /** The very last writable byte. */
        int status() {
            return writable[writable.length - 1];
        }

        /** Everything before the status. */
        byte[] data() {
            return Arrays.copyOf(writable, writable.length - 1);
        }

        String hex(int from, int to) {
            return HEX.formatHex(writable, from, to);
        }

        /** Little-endian 64-bit number. */
        long le64(int at) {
            return ByteBuffer.wrap(writable).order(ByteOrder.LITTLE_ENDIAN).getLong(at);
        }
    }

    /** A request under way. */
    static final class Sent extends BlkRequest {
        final byte[] writableBytes;
        final AtomicInteger ended = new AtomicInteger();
        private final Semaphore done = new Semaphore(0);

        Sent(SpanList readable, SpanList writable, byte[] writableBytes) {
            super(readable, writable);
            this.writableBytes = writableBytes;
        }

        @Override
        protected void ended() {
            ended.incrementAndGet();
            done.release();
        }

        void await() {
            try {
                if (!done.tryAcquire(10, TimeUnit.SECONDS)) {
                    throw new AssertionError("request did not end: " + this);
                }
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    /** Header and nothing else to read, {@code room} bytes to write before the status. */
    Reply send(int type, long sector, int room) {
        return send(header(type, sector), new byte[0], room);
    }

    Reply write(int type, long sector, byte[] data, int room) {
        return send(header(type, sector), data, room);
    }

    Reply send(byte[] header, byte[] rest, int room) {
        return finish(start(concat(header, rest), new int[0], room + 1, new int[0]));
    }

    /** Hexadecimal, blanks ignored: everything that the device may read. */
    Reply sendHex(String readable, int room) {
        return send(hex(readable), new byte[0], room);
    }

    /** Starts a request whose parts are cut at the given lengths; what is left is one last piece. */
    Sent start(byte[] readable, int[] readableCuts, int writable, int[] writableCuts) {
        byte[] target = new byte[writable];
        Arrays.fill(target, UNTOUCHED);
        Sent sent = new Sent(cut(readable, readableCuts), cut(target, writableCuts), target);
        executor.start(sent);
        return sent;
    }

    Reply finish(Sent sent) {
        sent.await();
        assertEquals(1, sent.ended.get(), "ended more than once");
        long used = executor.finish(sent);
        SpanList spans = sent.writable();
        spans.copyTo(0, MemorySegment.ofArray(sent.writableBytes), 0, spans.bytes());
        return new Reply(sent.writableBytes, used);
    }

    static byte[] header(int type, long sector) {
        return ByteBuffer.allocate(16)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(type)
                .putInt(0)
                .putLong(sector)
                .array();
    }

    static byte[] hex(String text) {
        return HEX.parseHex(text.replace(" ", ""));
    }

    static byte[] concat(byte[] first, byte[] second) {
        byte[] all = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, all, first.length, second.length);
        return all;
    }

    /** Each piece in memory of its own, off heap, so that no two of them merge. */
    private static SpanList cut(byte[] bytes, int[] lengths) {
        SpanList list = new SpanList();
        int at = 0;
        for (int i = 0; i <= lengths.length; i++) {
            int length = i < lengths.length ? lengths[i] : bytes.length - at;
            MemorySegment piece = Arena.ofAuto().allocate(length + 2L);
            piece.fill(UNTOUCHED);
            MemorySegment.copy(MemorySegment.ofArray(bytes), at, piece, 1, length);
            list.add(piece, 1, length);
            at += length;
        }
        return list;
    }
}
