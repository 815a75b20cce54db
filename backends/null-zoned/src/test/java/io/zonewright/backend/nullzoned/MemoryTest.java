package io.zonewright.backend.nullzoned;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.zonewright.api.buffer.SpanList;
import io.zonewright.api.request.DeviceRequest;
import io.zonewright.api.request.Operation;
import io.zonewright.api.result.Cause;
import io.zonewright.api.spi.ZonedBackend;
import io.zonewright.posix.Errno;
import io.zonewright.posix.Posix;
import io.zonewright.posix.Syscalls;
import io.zonewright.posix.fake.ScriptedSyscalls;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Memory as the kernel counts it. */
class MemoryTest {
    private static final long MIB = 1 << 20;

    @BeforeAll
    static void numbersAreForSmallPages() {
        assumeTrue(Posix.system().pageSize() == 4096);
    }

    private static SpanList spans(long length, int value) {
        SpanList spans = new SpanList();
        spans.add(Arena.ofAuto().allocate(length).fill((byte) value), 0, length);
        return spans;
    }

    @Test
    void sixteenTebibytesStartInUnderASecondAndUnderSixtyFourMebibytes() throws IOException {
        String[] words = {"size=16TiB", "zone-size=256MiB"};
        Backends.open().close(); // loads the classes, which are not the device's
        long resident = Proc.status("VmRSS");
        long tables = Proc.status("VmPTE");
        long start = System.nanoTime();

        try (ZonedBackend backend = Backends.open(words)) {
            int[] zones = {0};
            backend.loadZones((index, type, condition, capacity, pointer) -> zones[0]++);
            long nanos = System.nanoTime() - start;

            assertEquals(65_536, zones[0]);
            assertEquals(65_536, backend.geometry().zoneCount());
            assertTrue(nanos < 1_000_000_000L, nanos + " ns");
            long used = Proc.status("VmRSS") - resident + Proc.status("VmPTE") - tables;
            assertTrue(used < 64 * MIB, used + " bytes");
            System.out.println("measured: 16 TiB opened in " + nanos / 1000 + " us with " + used / 1024 + " KiB");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aResetGivesAZonesMemoryBack(boolean hugePages) throws IOException {
        try (SparseStore store = Backends.store("zone-size=32MiB", "huge-pages=" + hugePages)) {
            SpanList data = spans(MIB, 7);
            for (long at = 0; at < 96 * MIB; at += MIB) {
                assertEquals(MIB, store.write(data, at, MIB));
            }
            assertEquals(96 * MIB, Proc.smaps(store.memory(), "Rss"));
            assertEquals(96 * MIB, store.heldBytes());
            long whole = Proc.status("VmRSS");

            store.release(32 * MIB, 32 * MIB);

            long freed = whole - Proc.status("VmRSS");
            assertEquals(64 * MIB, Proc.smaps(store.memory(), "Rss"));
            assertEquals(64 * MIB, store.heldBytes());
            assertTrue(freed > 28 * MIB, freed + " bytes less in the whole process");

            store.release(0, 32 * MIB);
            store.release(64 * MIB, 32 * MIB);
            assertEquals(0, Proc.smaps(store.memory(), "Rss"));
            assertEquals(0, store.heldBytes());
        }
    }

    @Test
    void memoryIsUsedForWhatIsWrittenOnly() throws IOException {
        try (SparseStore store = Backends.store("size=16TiB", "huge-pages=false")) {
            SpanList data = spans(8192, 7);
            for (long zone = 0; zone < 65_536; zone += 1024) {
                assertEquals(8192, store.write(data, zone * 256 * MIB, 8192));
            }
            assertEquals(64 * 8192, Proc.smaps(store.memory(), "Rss"));
        }
    }

    @Test
    void hugePagesAreForSequentialZonesOnly() throws IOException {
        try (SparseStore store = Backends.store("size=1GiB", "zone-size=64MiB", "conventional-zones=4")) {
            SpanList data = spans(8192, 7);
            for (long piece = 0; piece < 10; piece++) {
                store.write(data, piece * 2 * MIB, 8192);
            }
            assertEquals(10 * 8192, Proc.smaps(store.memory(), "Rss"));
            assertEquals(0, Proc.smaps(store.memory(), "AnonHugePages"));
        }
    }

    /** A guest that reads the whole device shall not fill page tables: 32 GiB of them for 16 TiB. */
    @Test
    void readingWhatWasNeverWrittenUsesNoMemory() throws IOException {
        try (SparseStore store = Backends.store("size=16TiB", "huge-pages=false")) {
            store.write(spans(4096, 7), 512 * MIB, 4096);
            SpanList target = spans(4 * MIB, 1);
            store.read(target, 0, MIB); // page tables of the target, and code
            long tables = Proc.status("VmPTE");
            long resident = Proc.smaps(store.memory(), "Rss");

            for (long at = 0; at < 4096 * MIB; at += 4 * MIB) {
                store.read(target, at, 4 * MIB);
            }

            assertEquals(resident, Proc.smaps(store.memory(), "Rss"));
            long grown = Proc.status("VmPTE") - tables;
            assertTrue(grown < MIB, grown + " bytes of page tables for reading 4 GiB"); // 8 MiB when touched
        }
    }

    @Test
    void aDiscardGivesWholePagesBack() throws IOException {
        try (SparseStore store = Backends.store("model=none", "size=1GiB", "block-size=512")) {
            store.write(spans(MIB, 7), 0, MIB);
            assertEquals(MIB, Proc.smaps(store.memory(), "Rss"));

            store.release(512, 12 * 4096);

            // [512, 49664): the pages 1 to 11 whole, the pages 0 and 12 in part.
            assertEquals(MIB - 11 * 4096, Proc.smaps(store.memory(), "Rss"));
            assertEquals(MIB, store.heldBytes(), "no piece of 64 KiB is free as a whole");
            store.release(0, 64 << 10);
            assertEquals(MIB - (64 << 10), store.heldBytes());
        }
    }

    @Test
    void piecesFollowTheZoneSize() {
        assertEquals(2 * MIB, SparseStore.pieceBytes(256 * MIB, 4096));
        assertEquals(MIB, SparseStore.pieceBytes(257 * MIB, 4096));
        assertEquals(32 << 10, SparseStore.pieceBytes(96 << 10, 4096));
        assertEquals(4096, SparseStore.pieceBytes(3072, 4096));
        assertEquals(64 << 10, SparseStore.pieceBytes(0, 4096));
        assertEquals(64 << 10, SparseStore.pieceBytes(4096, 64 << 10));
    }

    @Test
    void withoutAddressSpaceTheUserIsToldWhatToDo() {
        ScriptedSyscalls calls = ScriptedSyscalls.over(Syscalls.system());
        calls.pass("mmap").fail("mmap", Errno.ENOMEM);
        IOException failure =
                assertThrows(IOException.class, () -> new SparseStore(new Posix(calls), Backends.config("size=16TiB")));
        String message = String.valueOf(failure.getMessage());
        assertTrue(
                message.startsWith("no address space for the memory of a 16TiB device: mmap(length=17592188141568, "
                        + "protection=3, flags=0x4022, fd=-1, offset=0): ENOMEM (12): Cannot allocate memory. "),
                message);
        assertTrue(message.endsWith(". Otherwise make 'size' smaller, or set 'data: discard'"), message);
        assertEquals(1, calls.count("munmap"), "the map's memory is given back");
    }

    /** One warm-up, then no byte for a request: reads of data and of nothing, writes, resets. */
    @Test
    void requestsAllocateNothing() throws IOException {
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        try (ZonedBackend backend = Backends.open("size=1GiB", "zone-size=64MiB", "huge-pages=false")) {
            MemorySegment memory = Arena.ofAuto().allocate(65536);
            PooledRequest request = new PooledRequest();
            long rounds = 5_000;
            long allocated = 0;
            for (int pass = 0; pass < 6; pass++) {
                long before = threads.getCurrentThreadAllocatedBytes();
                for (int i = 0; i < rounds; i++) {
                    long zone = (i & 7) * 64L * MIB;
                    request.go(backend, Operation.WRITE, zone, 65536, memory);
                    request.go(backend, Operation.READ, zone + 4096, 8192, memory);
                    request.go(backend, Operation.READ, zone + 32 * MIB, 65536, memory);
                    request.go(backend, Operation.ZONE_RESET, zone, 0, memory);
                }
                allocated = threads.getCurrentThreadAllocatedBytes() - before;
            }
            assertEquals(6 * 4 * rounds, request.done);
            assertTrue(allocated < 4 * rounds, allocated + " bytes for " + 4 * rounds + " requests");
            System.out.println("measured: " + allocated + " bytes allocated for " + 4 * rounds + " requests");
        }
    }

    private static final class PooledRequest extends DeviceRequest {
        private int done;

        void go(ZonedBackend backend, Operation operation, long offset, long length, MemorySegment memory) {
            data().clear();
            data().add(memory, 0, length / 2);
            data().add(memory, length / 2, length - length / 2);
            prepare(operation, offset, length);
            backend.submit(this);
        }

        @Override
        protected void onComplete() {
            if (cause() == Cause.DONE) {
                done++;
            }
        }
    }
}
