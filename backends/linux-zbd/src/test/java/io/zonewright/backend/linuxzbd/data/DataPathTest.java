package io.zonewright.backend.linuxzbd.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.api.request.Operation;
import io.zonewright.backend.linuxzbd.data.DataPathOptions.Mode;
import io.zonewright.posix.Errno;
import io.zonewright.posix.Fd;
import io.zonewright.posix.Linux;
import io.zonewright.posix.MappedFile;
import io.zonewright.posix.Mapping;
import io.zonewright.posix.Posix;
import io.zonewright.posix.PosixException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What both mechanisms have to do alike, on a real file with direct I/O where the file system takes it. */
class DataPathTest {
    private static final int BLOCK = 512;
    private static final byte UNTOUCHED = 0x5A;
    private static final Posix POSIX = Posix.system();

    @TempDir
    Path directory;

    private Fd file(long size) throws IOException {
        Path path = directory.resolve("disk");
        byte[] content = new byte[(int) size];
        new SplittableRandom(size).nextBytes(content);
        Files.write(path, content);
        try {
            return POSIX.open(path, Linux.O_RDWR | Linux.O_DIRECT, 0);
        } catch (PosixException e) {
            if (e.is(Errno.EINVAL)) { // a file system without direct I/O
                return POSIX.open(path, Linux.O_RDWR, 0);
            }
            throw e;
        }
    }

    private byte[] content() throws IOException {
        return Files.readAllBytes(directory.resolve("disk"));
    }

    private static DataPathOptions options(Mode mode) {
        return DataPathOptions.of(BLOCK, "test").withMode(mode).withQueue(8, 2).withBounce(2, 4096);
    }

    /** Three spans with odd splits that start {@code at} bytes into their own blocks. */
    private static MemorySegment[] oddSpans(MemorySegment memory, int at, int length) {
        int first = 1 + at % 97;
        int second = 3 + at % 301;
        return new MemorySegment[] {
            memory.asSlice(at, first),
            memory.asSlice(4096 + at, second),
            memory.asSlice(8192 + at, length - first - second)
        };
    }

    @ParameterizedTest
    @EnumSource(
            value = Mode.class,
            names = {"IO_URING", "THREADS"})
    void writesFromEachAddressModulo512ChangeExactlyTheirBytes(Mode mode) throws Exception {
        int length = 3 * BLOCK;
        try (Arena arena = Arena.ofShared();
                Fd fd = file(16 * BLOCK);
                DataPath path = DataPaths.open(POSIX, fd, options(mode), Asked::done)) {
            MemorySegment memory = arena.allocate(3 * 4096, 4096);
            byte[] expected = content();
            SplittableRandom random = new SplittableRandom(1);
            byte[] payload = new byte[length];
            for (int at = 0; at < 512; at++) {
                random.nextBytes(payload);
                MemorySegment[] spans = oddSpans(memory, at, length);
                scatter(payload, spans);
                long offset = (long) BLOCK * (1 + at % 12);
                Asked write = Asked.of(Operation.WRITE, offset, spans);
                path.submit(write);
                assertEquals(length + " bytes, errno 0", write.await().result());
                System.arraycopy(payload, 0, expected, (int) offset, length);
                if (at % 32 == 31) {
                    assertArrayEquals(expected, content(), "up to address " + at);
                }
            }
            assertEquals(512, path.counters().bouncedRequests());
            assertEquals(512L * length, path.counters().bouncedBytes());
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Mode.class,
            names = {"IO_URING", "THREADS"})
    void readsToEachAddressModulo512ChangeExactlyTheirBytes(Mode mode) throws Exception {
        int length = 3 * BLOCK;
        try (Arena arena = Arena.ofShared();
                Fd fd = file(16 * BLOCK);
                DataPath path = DataPaths.open(POSIX, fd, options(mode), Asked::done)) {
            MemorySegment memory = arena.allocate(3 * 4096, 4096);
            byte[] disk = content();
            byte[] expected = new byte[(int) memory.byteSize()];
            for (int at = 0; at < 512; at++) {
                memory.fill(UNTOUCHED);
                Arrays.fill(expected, UNTOUCHED);
                int offset = BLOCK * (1 + at % 12);
                MemorySegment[] spans = oddSpans(memory, at, length);
                Asked read = Asked.of(Operation.READ, offset, spans);
                path.submit(read);
                assertEquals(length + " bytes, errno 0", read.await().result());
                int from = offset;
                for (MemorySegment span : spans) {
                    int place = (int) (span.address() - memory.address());
                    System.arraycopy(disk, from, expected, place, (int) span.byteSize());
                    from += (int) span.byteSize();
                }
                assertArrayEquals(expected, memory.toArray(ValueLayout.JAVA_BYTE), "address " + at);
            }
            assertEquals(512, path.counters().bouncedRequests());
        }
    }

    private static void scatter(byte[] payload, MemorySegment... spans) {
        int from = 0;
        for (MemorySegment span : spans) {
            MemorySegment.copy(payload, from, span, ValueLayout.JAVA_BYTE, 0, (int) span.byteSize());
            from += (int) span.byteSize();
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Mode.class,
            names = {"IO_URING", "THREADS"})
    void alignedMemoryGoesDirectlyHoweverManyPieces(Mode mode) throws Exception {
        int pieces = 600; // more than one call takes
        try (Arena arena = Arena.ofShared();
                Fd fd = file((long) pieces * BLOCK);
                DataPath path =
                        DataPaths.open(POSIX, fd, options(mode).withMaxTransferBytes(100 * BLOCK), Asked::done)) {
            MemorySegment memory = arena.allocate(pieces * 2L * BLOCK, 4096);
            byte[] payload = new byte[pieces * BLOCK];
            new SplittableRandom(3).nextBytes(payload);
            MemorySegment[] spans = new MemorySegment[pieces];
            for (int i = 0; i < pieces; i++) {
                spans[i] = memory.asSlice(i * 2L * BLOCK, BLOCK);
            }
            scatter(payload, spans);
            Asked write = Asked.of(Operation.WRITE, 0, spans);
            path.submit(write);
            assertEquals(payload.length + " bytes, errno 0", write.await().result());
            assertArrayEquals(payload, content());
            memory.fill((byte) 0);
            Asked read = Asked.of(Operation.READ, 0, spans);
            path.submit(read);
            assertEquals(payload.length + " bytes, errno 0", read.await().result());
            for (int i = 0; i < pieces; i++) {
                assertEquals(
                        -1,
                        MemorySegment.mismatch(
                                MemorySegment.ofArray(payload), (long) i * BLOCK, (i + 1L) * BLOCK, spans[i], 0, BLOCK),
                        "piece " + i);
            }
            assertEquals(0, path.counters().bouncedRequests());
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Mode.class,
            names = {"IO_URING", "THREADS"})
    void aRequestLongerThanItsBounceBufferGoesThroughItInPieces(Mode mode) throws Exception {
        int length = 5 * 4096 + BLOCK;
        try (Arena arena = Arena.ofShared();
                Fd fd = file(2L * length);
                DataPath path = DataPaths.open(POSIX, fd, options(mode), Asked::done)) {
            MemorySegment memory = arena.allocate(2L * length, 4096);
            byte[] payload = new byte[length];
            new SplittableRandom(4).nextBytes(payload);
            MemorySegment[] spans = {memory.asSlice(1, 5000), memory.asSlice(6007, length - 5000)};
            scatter(payload, spans);
            Asked write = Asked.of(Operation.WRITE, BLOCK, spans);
            path.submit(write);
            assertEquals(length + " bytes, errno 0", write.await().result());
            byte[] disk = content();
            assertEquals(-1, Arrays.mismatch(payload, 0, length, disk, BLOCK, BLOCK + length));
            memory.fill((byte) 0);
            Asked read = Asked.of(Operation.READ, BLOCK, spans);
            path.submit(read);
            assertEquals(length + " bytes, errno 0", read.await().result());
            assertEquals(-1, MemorySegment.mismatch(MemorySegment.ofArray(payload), 0, 5000, spans[0], 0, 5000));
            assertEquals(
                    -1,
                    MemorySegment.mismatch(MemorySegment.ofArray(payload), 5000, length, spans[1], 0, length - 5000L));
            assertEquals(2, path.counters().bouncedRequests());
            assertEquals(2L * length, path.counters().bouncedBytes());
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Mode.class,
            names = {"IO_URING", "THREADS"})
    void memoryCutAwayIsAnErrorOfTheRequest(Mode mode) throws Exception {
        try (Fd fd = file(16 * 4096);
                Mapping guest = MappedFile.inMemory(POSIX, "guest", 4 * 4096);
                DataPath path = DataPaths.open(POSIX, fd, options(mode), Asked::done)) {
            POSIX.ftruncate(guest.fd(), 0);
            MemorySegment memory = guest.segment();
            byte[] before = content();
            for (Operation operation : List.of(Operation.READ, Operation.WRITE)) {
                for (int shift : new int[] {0, 1}) {
                    Asked asked = Asked.of(operation, 0, memory.asSlice(shift, 8192));
                    path.submit(asked);
                    assertEquals("0 bytes, errno 14", asked.await().result(), operation + " at " + shift);
                }
            }
            assertArrayEquals(before, content());
            Asked flush = Asked.of(Operation.FLUSH, 0);
            path.submit(flush);
            assertEquals("0 bytes, errno 0", flush.await().result());
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Mode.class,
            names = {"IO_URING", "THREADS"})
    void aFileThatEndsEarlyGivesLessWithoutAnError(Mode mode) throws Exception {
        try (Arena arena = Arena.ofShared();
                Fd fd = file(2 * 4096 + 100);
                DataPath path = DataPaths.open(POSIX, fd, options(mode), Asked::done)) {
            MemorySegment memory = arena.allocate(4 * 4096, 4096);
            Asked tail = Asked.of(Operation.READ, 4096, memory);
            path.submit(tail);
            assertEquals("4196 bytes, errno 0", tail.await().result());
            Asked behind = Asked.of(Operation.READ, 8 * 4096, memory);
            path.submit(behind);
            assertEquals("0 bytes, errno 0", behind.await().result());
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Mode.class,
            names = {"IO_URING", "THREADS"})
    void theKernelsErrnoComesUp(Mode mode) throws Exception {
        file(4096).close();
        try (Arena arena = Arena.ofShared();
                Fd readOnly = POSIX.open(directory.resolve("disk"), Linux.O_RDONLY, 0);
                DataPath path = DataPaths.open(POSIX, readOnly, options(mode), Asked::done)) {
            Asked write = Asked.of(Operation.WRITE, 0, arena.allocate(4096, 4096));
            path.submit(write);
            assertEquals("0 bytes, errno 9", write.await().result());
            Asked reset = new Asked();
            reset.prepare(Operation.ZONE_RESET, 0, 0);
            path.submit(reset);
            assertEquals("0 bytes, errno 95", reset.await().result());
            Asked heap = Asked.of(Operation.READ, 0, MemorySegment.ofArray(new byte[4096]));
            path.submit(heap);
            assertEquals("0 bytes, errno 14", heap.await().result());
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Mode.class,
            names = {"IO_URING", "THREADS"})
    void manyThreadsAtOnce(Mode mode) throws Exception {
        int threads = 4;
        int rounds = 200;
        int batch = 24; // more than the kernel is given at once
        try (Arena arena = Arena.ofShared();
                Fd fd = file((long) threads * batch * BLOCK);
                DataPath path = DataPaths.open(POSIX, fd, options(mode), Asked::done)) {
            List<Thread> running = new ArrayList<>();
            List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
            for (int t = 0; t < threads; t++) {
                int mine = t;
                MemorySegment memory = arena.allocate(batch * 1024L, 4096);
                running.add(Thread.ofPlatform().start(() -> {
                    try {
                        batches(path, memory, (long) mine * batch * BLOCK, rounds, batch);
                    } catch (Throwable e) {
                        failures.add(e);
                    }
                }));
            }
            for (Thread thread : running) {
                thread.join();
            }
            assertEquals(List.of(), failures);
        }
    }

    /** Writes own blocks, half of them from odd addresses, reads them back, and looks. */
    private static void batches(DataPath path, MemorySegment memory, long offset, int rounds, int batch)
            throws InterruptedException {
        for (int round = 0; round < rounds; round++) {
            for (Operation operation : List.of(Operation.WRITE, Operation.READ)) {
                List<Asked> all = new ArrayList<>();
                path.beginBatch();
                for (int i = 0; i < batch; i++) {
                    MemorySegment span = memory.asSlice(i * 1024L + (i & 1) * 7L, BLOCK);
                    span.fill(operation == Operation.WRITE ? (byte) (round + i) : 0);
                    Asked asked = Asked.of(operation, offset + (long) i * BLOCK, span);
                    all.add(asked);
                    path.submit(asked);
                }
                path.endBatch();
                for (int i = 0; i < batch; i++) {
                    assertEquals("512 bytes, errno 0", all.get(i).await().result());
                    MemorySegment span = memory.asSlice(i * 1024L + (i & 1) * 7L, BLOCK);
                    assertTrue(operation == Operation.WRITE || filled(span, (byte) (round + i)), "block " + i);
                }
            }
        }
    }

    private static boolean filled(MemorySegment memory, byte value) {
        for (long i = 0; i < memory.byteSize(); i++) {
            if (memory.get(ValueLayout.JAVA_BYTE, i) != value) {
                return false;
            }
        }
        return true;
    }

    @Test
    void impossibleOptionsAreRefused() {
        DataPathOptions good = DataPathOptions.of(4096, "x");
        assertThrows(IllegalArgumentException.class, () -> DataPathOptions.of(513, "x"));
        assertThrows(IllegalArgumentException.class, () -> good.withMaxTransferBytes(512));
        assertThrows(IllegalArgumentException.class, () -> good.withDmaAlignment(3));
        assertThrows(IllegalArgumentException.class, () -> good.withBounce(1, 512));
        assertThrows(IllegalArgumentException.class, () -> good.withQueue(0, 1));
    }
}
