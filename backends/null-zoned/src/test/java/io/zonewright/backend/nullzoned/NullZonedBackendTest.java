package io.zonewright.backend.nullzoned;

import static io.zonewright.api.request.Operation.DISCARD;
import static io.zonewright.api.request.Operation.FLUSH;
import static io.zonewright.api.request.Operation.READ;
import static io.zonewright.api.request.Operation.WRITE;
import static io.zonewright.api.request.Operation.WRITE_ZEROES;
import static io.zonewright.api.request.Operation.ZONE_FINISH;
import static io.zonewright.api.request.Operation.ZONE_RESET;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.api.request.Operation;
import io.zonewright.api.result.Cause;
import io.zonewright.api.spi.Capabilities;
import io.zonewright.api.spi.ZonedBackend;
import io.zonewright.api.zone.ZoneFeatures;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class NullZonedBackendTest {
    private static final String[] SMALL = {"size=16MiB", "zone-size=1MiB", "block-size=512", "conventional-zones=2"};
    private static final int MIB = 1 << 20;

    private static byte[] pattern(int length, int seed) {
        byte[] bytes = new byte[length];
        new SplittableRandom(seed).nextBytes(bytes);
        return bytes;
    }

    @Test
    void saysWhatItCan() throws IOException {
        try (ZonedBackend backend = Backends.open()) {
            assertEquals(new Capabilities(false, false, true, true, false, false), backend.capabilities());
        }
        try (ZonedBackend backend = Backends.open("read-only=true")) {
            assertEquals(new Capabilities(true, false, true, true, false, false), backend.capabilities());
        }
        try (ZonedBackend backend = Backends.open("random-write-area=64KiB", "random-write-areas=3")) {
            assertEquals(new ZoneFeatures(64, 3, 64 << 10, 4096), backend.features());
        }
    }

    @Test
    void isFoundByPf4j() throws IOException {
        List<String> found = new ArrayList<>();
        for (URL index :
                Collections.list(NullZonedExtension.class.getClassLoader().getResources("META-INF/extensions.idx"))) {
            try (InputStream in = index.openStream()) {
                new String(in.readAllBytes(), StandardCharsets.UTF_8)
                        .lines()
                        .filter(line -> line.startsWith("io.zonewright.backend."))
                        .forEach(found::add);
            }
        }
        assertEquals(List.of("io.zonewright.backend.nullzoned.NullZonedExtension"), found);
        assertEquals("null-zoned", new NullZonedExtension().type());
    }

    @Test
    void whatWasNeverWrittenReadsAsZero() throws IOException {
        try (ZonedBackend backend = Backends.open(SMALL)) {
            assertArrayEquals(new byte[3 * MIB], TestRequest.read(backend, MIB / 2, 3 * MIB));
        }
    }

    /** Spans of odd lengths at odd places, over borders of blocks, pages, pieces and zones. */
    @Test
    void dataSurvivesOddSpans() throws IOException {
        try (ZonedBackend backend = Backends.open("model=none", "size=8MiB", "block-size=512")) {
            byte[] model = new byte[8 * MIB];
            long seed = System.nanoTime();
            SplittableRandom random = new SplittableRandom(seed);
            MemorySegment arena = Arena.ofAuto().allocate(MIB);
            for (int step = 0; step < 400; step++) {
                int length = 512 * (1 + random.nextInt(random.nextBoolean() ? 4 : 400));
                int offset = 512 * random.nextInt((8 * MIB - length) / 512 + 1);
                switch (random.nextInt(5)) {
                    case 0, 1 -> {
                        byte[] bytes = new byte[length];
                        random.nextBytes(bytes);
                        TestRequest write = scattered(WRITE, offset, length, arena, random);
                        write.data().copyFrom(MemorySegment.ofArray(bytes), 0, 0, length);
                        assertEquals(Cause.DONE, write.run(backend).cause());
                        assertEquals(length, write.transferred());
                        System.arraycopy(bytes, 0, model, offset, length);
                    }
                    case 2 -> {
                        Operation operation = random.nextBoolean() ? DISCARD : WRITE_ZEROES;
                        assertEquals(Cause.DONE, TestRequest.run(backend, operation, offset, length));
                        Arrays.fill(model, offset, offset + length, (byte) 0);
                    }
                    default -> {
                        TestRequest read = scattered(READ, offset, length, arena, random);
                        arena.fill((byte) 0xEE);
                        assertEquals(Cause.DONE, read.run(backend).cause());
                        byte[] bytes = new byte[length];
                        read.data().copyTo(0, MemorySegment.ofArray(bytes), 0, length);
                        assertArrayEquals(
                                Arrays.copyOfRange(model, offset, offset + length),
                                bytes,
                                "seed " + seed + " step " + step);
                    }
                }
            }
            assertArrayEquals(model, TestRequest.read(backend, 0, 8 * MIB), "seed " + seed);
        }
    }

    /** A request over disjoint pieces of {@code memory}, of 1 to 5000 bytes each. */
    private static TestRequest scattered(
            Operation operation, int offset, int length, MemorySegment memory, SplittableRandom random) {
        TestRequest request = TestRequest.of(operation, offset, length);
        long at = random.nextInt(64);
        int left = length;
        while (left > 0) {
            int span = Math.min(left, 1 + random.nextInt(5000));
            request.data().add(memory, at, span);
            at += span + random.nextInt(3);
            left -= span;
        }
        return request;
    }

    @Test
    void aResetForgetsItsZoneAndNoOther() throws IOException {
        try (ZonedBackend backend = Backends.open(SMALL)) {
            byte[] three = pattern(3 * MIB, 1);
            TestRequest.write(backend, 4 * MIB, three);

            assertEquals(Cause.DONE, TestRequest.run(backend, ZONE_RESET, 5 * MIB, 0));

            Arrays.fill(three, MIB, 2 * MIB, (byte) 0);
            assertArrayEquals(three, TestRequest.read(backend, 4 * MIB, 3 * MIB));
        }
    }

    /** Zones that share pages, since the zone size is no multiple of one. */
    @Test
    void aResetOfAZoneInsideAPageForgetsItsZoneAndNoOther() throws IOException {
        try (ZonedBackend backend = Backends.open("size=30208", "zone-size=3KiB", "block-size=512", "max-append=0")) {
            byte[] all = pattern(30208, 2);
            TestRequest.write(backend, 0, all);
            for (int zone : new int[] {1, 2, 4, 9}) {
                assertEquals(Cause.DONE, TestRequest.run(backend, ZONE_RESET, zone * 3072L, 0));
                Arrays.fill(all, zone * 3072, Math.min(30208, (zone + 1) * 3072), (byte) 0);
                assertArrayEquals(all, TestRequest.read(backend, 0, 30208), "zone " + zone);
            }
        }
    }

    @Test
    void aSmallerLastZoneIsResetToTheDevicesEnd() throws IOException {
        try (SparseStore store = Backends.store("size=2560KiB", "zone-size=1MiB")) {
            byte[] bytes = pattern(MIB / 2, 3);
            ZonedBackend backend =
                    NullZonedBackend.start(Backends.config("size=2560KiB", "zone-size=1MiB"), store, System::nanoTime);
            TestRequest.write(backend, 2 * MIB, bytes);
            assertArrayEquals(bytes, TestRequest.read(backend, 2 * MIB, MIB / 2));
            assertEquals(MIB, store.heldBytes());

            assertEquals(Cause.DONE, TestRequest.run(backend, ZONE_RESET, 2 * MIB, 0));

            assertArrayEquals(new byte[MIB / 2], TestRequest.read(backend, 2 * MIB, MIB / 2));
            assertEquals(0, store.heldBytes());
            backend.close();
        }
    }

    @Test
    void finishAndFlushChangeNothing() throws IOException {
        try (ZonedBackend backend = Backends.open(SMALL)) {
            byte[] bytes = pattern(8192, 4);
            TestRequest.write(backend, 4 * MIB, bytes);
            assertEquals(Cause.DONE, TestRequest.run(backend, ZONE_FINISH, 4 * MIB, 0));
            assertEquals(Cause.DONE, TestRequest.run(backend, FLUSH, 0, 0));
            assertArrayEquals(bytes, TestRequest.read(backend, 4 * MIB, 8192));
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Operation.class,
            names = {
                "APPEND",
                "ZONE_OPEN",
                "ZONE_CLOSE",
                "ZONE_SET_EXTENSION",
                "ZONE_FLUSH_AREA",
                "ZONE_SET_READ_ONLY",
                "ZONE_SET_OFFLINE",
                "ZONE_REPORT"
            })
    void whatTheEngineDoesIsUnsupportedHere(Operation operation) throws IOException {
        try (ZonedBackend backend = Backends.open(SMALL)) {
            assertEquals(Cause.UNSUPPORTED, TestRequest.run(backend, operation, 4 * MIB, 0));
        }
    }

    @Test
    void allZonesAndZoneActionsWithoutZonesAreUnsupported() throws IOException {
        try (ZonedBackend backend = Backends.open(SMALL)) {
            TestRequest all = TestRequest.of(ZONE_RESET, 0, 0);
            all.setAllZones(true);
            assertEquals(Cause.UNSUPPORTED, all.run(backend).cause());
        }
        try (ZonedBackend backend = Backends.open("model=none")) {
            assertEquals(Cause.UNSUPPORTED, TestRequest.run(backend, ZONE_RESET, 0, 0));
            assertEquals(Cause.UNSUPPORTED, TestRequest.run(backend, ZONE_FINISH, 0, 0));
        }
    }

    @Test
    void aReadOnlyDeviceChangesNothing() throws IOException {
        try (ZonedBackend backend = Backends.open("read-only=true")) {
            assertEquals(
                    Cause.DEVICE_READ_ONLY,
                    TestRequest.write(backend, 0, pattern(4096, 5)).cause());
            assertEquals(Cause.DEVICE_READ_ONLY, TestRequest.run(backend, ZONE_RESET, 0, 0));
            assertEquals(Cause.DEVICE_READ_ONLY, TestRequest.run(backend, DISCARD, 0, 4096));
            assertEquals(Cause.DONE, TestRequest.run(backend, FLUSH, 0, 0));
            assertArrayEquals(new byte[4096], TestRequest.read(backend, 0, 4096));
        }
    }

    @Test
    void discardedDataReadsAsZero() throws IOException {
        try (ZonedBackend backend = Backends.open("data=discard", "size=4096TiB", "zone-size=1GiB")) {
            long offset = (3000L << 40) + 4096;
            TestRequest write = TestRequest.write(backend, offset, pattern(8192, 6));
            assertEquals(Cause.DONE, write.cause());
            assertEquals(8192, write.transferred());
            assertArrayEquals(new byte[8192], TestRequest.read(backend, offset, 8192));
            assertEquals(Cause.DONE, TestRequest.run(backend, ZONE_RESET, 3000L << 40, 0));
        }
    }

    @Test
    void theMemoryLimitRefusesTheRestOfAWriteUntilAReset() throws IOException {
        try (ZonedBackend backend = Backends.open("size=64MiB", "zone-size=8MiB", "max-memory=4MiB")) {
            byte[] bytes = pattern(6 * MIB, 7);
            TestRequest write = TestRequest.write(backend, MIB, bytes);
            assertEquals(Cause.NO_SPACE, write.cause());
            assertEquals(3 * MIB, write.transferred(), "two pieces of 2 MiB, the first from its middle");
            Arrays.fill(bytes, 3 * MIB, 6 * MIB, (byte) 0);
            assertArrayEquals(bytes, TestRequest.read(backend, MIB, 6 * MIB));
            TestRequest other = TestRequest.write(backend, 8 * MIB, pattern(4096, 8));
            assertEquals(Cause.NO_SPACE, other.cause());
            assertEquals(0, other.transferred());

            assertEquals(Cause.DONE, TestRequest.run(backend, ZONE_RESET, 0, 0));

            assertEquals(
                    Cause.DONE,
                    TestRequest.write(backend, 8 * MIB, pattern(4 * MIB, 9)).cause());
        }
    }

    @Test
    void zonesStartAsAsked() throws IOException {
        try (ZonedBackend backend = Backends.open(
                "size=7680KiB",
                "zone-size=1MiB",
                "zone-capacity=768KiB",
                "conventional-zones=1",
                "initial-zones.full=2",
                "initial-zones.read-only=3",
                "initial-zones.offline=4",
                "initial-zones.closed=5",
                "initial-zones.closed-bytes=8KiB")) {
            List<String> zones = new ArrayList<>();
            backend.loadZones((index, type, condition, capacity, pointer) ->
                    zones.add(index + " " + type + " " + condition + " " + capacity + " " + pointer));
            assertEquals(
                    List.of(
                            "0 CONVENTIONAL NOT_WRITE_POINTER 1048576 1048576",
                            "1 SEQUENTIAL_WRITE_REQUIRED EMPTY 786432 1048576",
                            "2 SEQUENTIAL_WRITE_REQUIRED FULL 786432 2883584",
                            "3 SEQUENTIAL_WRITE_REQUIRED READ_ONLY 786432 3932160",
                            "4 SEQUENTIAL_WRITE_REQUIRED OFFLINE 786432 4980736",
                            "5 SEQUENTIAL_WRITE_REQUIRED CLOSED 786432 5251072",
                            "6 SEQUENTIAL_WRITE_REQUIRED EMPTY 786432 6291456",
                            "7 SEQUENTIAL_WRITE_REQUIRED EMPTY 524288 7340032"),
                    zones);
            assertArrayEquals(new byte[MIB], TestRequest.read(backend, 2 * MIB, MIB));
        }
    }

    @Test
    void aHostAwareDeviceHasZonesThatPreferSequentialWrites() throws IOException {
        try (ZonedBackend backend = Backends.open("size=1MiB", "zone-size=1MiB", "model=host-aware")) {
            List<String> zones = new ArrayList<>();
            backend.loadZones((index, type, condition, capacity, pointer) ->
                    zones.add(index + " " + type + " " + condition + " " + capacity + " " + pointer));
            assertEquals(List.of("0 SEQUENTIAL_WRITE_PREFERRED EMPTY 1048576 0"), zones);
        }
    }

    @Test
    void smallWorkIsDoneByTheCallerAndLargeReleasesByAThreadOfTheirOwn() throws IOException {
        try (ZonedBackend backend = Backends.open("size=256MiB", "zone-size=64MiB")) {
            byte[] bytes = pattern(4 * MIB, 10);
            TestRequest.write(backend, 0, bytes);
            TestRequest small = TestRequest.of(ZONE_RESET, 0, 0).run(backend);
            assertSame(Thread.currentThread(), small.completedBy());

            for (int i = 0; i < 5; i++) {
                TestRequest.write(backend, (64L + 4L * i) * MIB, bytes);
            }
            TestRequest large = TestRequest.of(ZONE_RESET, 64L * MIB, 0).run(backend);
            assertEquals(Cause.DONE, large.cause());
            assertNotSame(Thread.currentThread(), large.completedBy());
            assertEquals("null-zoned-reclaim-test", large.completedBy().getName());
            assertArrayEquals(new byte[20 * MIB], TestRequest.read(backend, 64 * MIB, 20 * MIB));
        }
    }

    @Test
    void aPeersMemoryThatIsGoneFailsTheRequestAlone() throws IOException {
        try (ZonedBackend backend = Backends.open(SMALL)) {
            TestRequest write = TestRequest.of(WRITE, 4 * MIB, 4096);
            try (Arena arena = Arena.ofShared()) {
                write.data().add(arena.allocate(4096), 0, 4096);
            }
            assertEquals(Cause.INTERNAL_ERROR, write.run(backend).cause());
            assertEquals(0, write.transferred());
            assertEquals(
                    Cause.DONE,
                    TestRequest.write(backend, 4 * MIB, pattern(4096, 11)).cause());
        }
    }

    @Test
    void latenciesCompleteLaterOnAThreadOfTheDevice() throws IOException {
        try (ZonedBackend backend = Backends.open("latency.write=1ms", "size=1MiB", "zone-size=1MiB")) {
            long start = System.nanoTime();
            TestRequest write = TestRequest.write(backend, 0, pattern(4096, 12));
            assertTrue(System.nanoTime() - start >= 1_000_000);
            assertEquals(Cause.DONE, write.cause());
            assertEquals(4096, write.transferred());
            assertEquals("null-zoned-latency-test", write.completedBy().getName());
            MemorySegment memory = Arena.ofAuto().allocate(1);
            TestRequest read = TestRequest.of(READ, 0, 1);
            read.data().add(memory, 0, 1);
            assertSame(Thread.currentThread(), read.run(backend).completedBy());
        }
    }

    @Test
    void whatIsLentIsWhatIsReadAndFollowsTheMedium() throws IOException {
        // Pieces of 64 KiB: the first is written in part, the second never, the third at its start.
        try (ZonedBackend backend = Backends.open("model=none", "size=1MiB")) {
            byte[] first = pattern(8192, 1);
            byte[] third = pattern(4096, 2);
            TestRequest.write(backend, 40960, first);
            TestRequest.write(backend, 128 << 10, third);
            assertTrue(backend.lends());
            TestRequest read = TestRequest.of(Operation.READ, 4096, 200_704);
            read.setLend(true);
            assertEquals(Cause.DONE, read.run(backend).cause());
            assertEquals(200_704, read.transferred());
            byte[] expected = new byte[200_704];
            System.arraycopy(first, 0, expected, 40960 - 4096, 8192);
            System.arraycopy(third, 0, expected, (128 << 10) - 4096, 4096);
            assertArrayEquals(expected, bytes(read));
            assertEquals(4, read.data().count()); // two pieces with data, each with one without behind it

            byte[] later = pattern(4096, 3);
            TestRequest.write(backend, 40960, later);
            assertEquals(Cause.DONE, TestRequest.run(backend, Operation.DISCARD, 128 << 10, 64 << 10));
            System.arraycopy(later, 0, expected, 40960 - 4096, 4096);
            Arrays.fill(expected, (128 << 10) - 4096, 128 << 10, (byte) 0);
            assertArrayEquals(expected, bytes(read), "the memory is the medium's own");
        }
    }

    @Test
    void discardedDataIsLentAsZeroes() throws IOException {
        try (ZonedBackend backend = Backends.open("data=discard", "size=64MiB", "zone-size=1MiB")) {
            TestRequest read = TestRequest.of(Operation.READ, 4096, 100_000);
            read.setLend(true);
            assertEquals(Cause.DONE, read.run(backend).cause());
            assertArrayEquals(new byte[100_000], bytes(read));
        }
    }

    private static byte[] bytes(TestRequest read) {
        byte[] bytes = new byte[(int) read.data().bytes()];
        read.data().copyTo(0, MemorySegment.ofArray(bytes), 0, bytes.length);
        return bytes;
    }
}
