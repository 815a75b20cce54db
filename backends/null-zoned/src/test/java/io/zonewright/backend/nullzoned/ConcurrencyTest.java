package io.zonewright.backend.nullzoned;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.api.buffer.SpanList;
import io.zonewright.api.request.Operation;
import io.zonewright.api.result.Cause;
import io.zonewright.api.spi.ZonedBackend;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class ConcurrencyTest {
    private static final int BLOCK = 4096;

    private static void await(List<Future<?>> futures) throws InterruptedException, ExecutionException {
        for (Future<?> future : futures) {
            try {
                future.get(60, TimeUnit.SECONDS);
            } catch (TimeoutException e) {
                throw new AssertionError("a thread did not end", e);
            }
        }
    }

    /** Neighbouring small zones share pages, words of the map and, in part, pieces: nobody sees a neighbour's work. */
    @Test
    void neighboursDoNotDisturbEachOther() throws Exception {
        for (String zoneSize : List.of("4608", "64KiB", "24MiB")) {
            try (ZonedBackend backend = Backends.open(
                            "size=" + (zoneSize.equals("4608") ? "4608000" : "96MiB"),
                            "zone-size=" + zoneSize,
                            "block-size=512");
                    var threads = Executors.newFixedThreadPool(4)) {
                List<Future<?>> futures = new ArrayList<>();
                for (int zone = 0; zone < 4; zone++) {
                    int mine = zone;
                    futures.add(threads.submit(() -> writeReadReset(backend, mine)));
                }
                await(futures);
            }
        }
    }

    private static void writeReadReset(ZonedBackend backend, int zone) {
        long start = backend.geometry().zoneStart(zone);
        int length = (int) Math.min(backend.geometry().zoneSize(), 20 << 20);
        int rounds = length > (1 << 20) ? 6 : 400;
        for (int round = 1; round <= rounds; round++) {
            byte[] bytes = new byte[length];
            Arrays.fill(bytes, (byte) (round * 4 + zone));
            assertEquals(Cause.DONE, TestRequest.write(backend, start, bytes).cause());
            assertEquals(-1, Arrays.mismatch(bytes, TestRequest.read(backend, start, length)));
            assertEquals(Cause.DONE, TestRequest.run(backend, Operation.ZONE_RESET, start, 0));
            assertEquals(-1, Arrays.mismatch(new byte[length], TestRequest.read(backend, start, length)));
        }
    }

    /** Reads that race with resets and writes of their zone see a block's old bytes, new bytes or zeroes, and are safe. */
    @Test
    void readsDuringAResetAreSafe() throws Exception {
        try (ZonedBackend backend = Backends.open("size=64MiB", "zone-size=4MiB");
                var threads = Executors.newFixedThreadPool(2)) {
            AtomicBoolean stop = new AtomicBoolean();
            List<Future<?>> futures = new ArrayList<>();
            futures.add(threads.submit(() -> {
                long reads = 0;
                while (!stop.get()) {
                    byte[] bytes = TestRequest.read(backend, 0, 1 << 20);
                    for (int i = 0; i < bytes.length; i += 512) {
                        assertTrue(bytes[i] == 0 || bytes[i] == 5, "byte " + bytes[i]);
                    }
                    reads++;
                }
                assertTrue(reads > 0);
            }));
            byte[] fives = new byte[1 << 20];
            Arrays.fill(fives, (byte) 5);
            for (int i = 0; i < 300; i++) {
                TestRequest.write(backend, 0, fives);
                TestRequest.run(backend, Operation.ZONE_RESET, 0, 0);
            }
            stop.set(true);
            await(futures);
        }
    }

    /**
     * Discards that overlap writes, as only a careless client does: whichever comes out on top, what is read stays so.
     */
    @Test
    void dataThatADiscardTookNeverReappears() throws Exception {
        try (SparseStore store = Backends.store("model=none", "size=1MiB");
                var threads = Executors.newFixedThreadPool(2)) {
            for (int round = 1; round < 2000; round++) {
                byte value = (byte) (round % 100 + 1);
                Future<?> discard = threads.submit(() -> store.release(0, 64 << 10));
                Future<?> write = threads.submit(() -> store.write(spans(value), BLOCK, BLOCK));
                await(List.of(discard, write));
                byte[] first = readBlock(store);
                for (byte each : first) {
                    assertTrue(each == 0 || each == value, "round " + round + ": " + each);
                }
                store.write(spans((byte) 101), 0, BLOCK); // marks the piece again, whoever won
                assertArrayEquals(first, readBlock(store), "round " + round);
            }
        }
    }

    private static SpanList spans(byte value) {
        SpanList spans = new SpanList();
        spans.add(Arena.ofAuto().allocate(BLOCK).fill(value), 0, BLOCK);
        return spans;
    }

    private static byte[] readBlock(SparseStore store) {
        SpanList spans = new SpanList();
        MemorySegment memory = Arena.ofAuto().allocate(BLOCK);
        spans.add(memory, 0, BLOCK);
        store.read(spans, BLOCK, BLOCK);
        return memory.toArray(ValueLayout.JAVA_BYTE);
    }
}
