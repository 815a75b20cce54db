package io.zonewright.vfiouser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.posix.EventFd;
import io.zonewright.posix.Fd;
import io.zonewright.posix.Linux;
import io.zonewright.posix.Mapping;
import io.zonewright.posix.Posix;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The whole endpoint over its socket, with clients that behave and clients that do not. */
@Timeout(30)
class EndpointTest {
    private static final int DMA_MAP = 2;
    private static final int DMA_UNMAP = 3;
    private static final int REGION_INFO = 5;
    private static final int SET_IRQS = 8;
    private static final int READ = 9;
    private static final int WRITE = 10;
    private static final int RESET = 13;
    private static final int MULTI = 15;
    private static final int ENOENT = 2;
    private static final int EIO = 5;
    private static final int EEXIST = 17;
    private static final int EINVAL = 22;
    private static final int ENXIO = 6;
    private static final long MIB = 1L << 20;

    private final Posix posix = Posix.system();
    private final RecordingDevice device = new RecordingDevice();

    @TempDir
    Path directory;

    private VfioUserEndpoint endpoint;

    EndpointTest() {
        endpoint = new VfioUserEndpoint(device, VfioUserOptions.at(Path.of("/nowhere")), posix);
    }

    @BeforeEach
    void start() throws IOException {
        endpoint.close(Duration.ZERO);
        endpoint = new VfioUserEndpoint(
                device, VfioUserOptions.at(socket()).withMessageTimeout(Duration.ofMillis(500)), posix);
        endpoint.start();
    }

    @AfterEach
    void stop() {
        assertTrue(endpoint.close(Duration.ofSeconds(5)));
    }

    private Path socket() {
        return directory.resolve("s");
    }

    private TestClient connect() throws IOException {
        return TestClient.negotiated(posix, socket());
    }

    private Fd memory(long size) {
        Fd fd = posix.memfd("guest", Linux.MFD_ALLOW_SEALING);
        posix.ftruncate(fd, size);
        return fd;
    }

    private static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + 10_000_000_000L;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("waited in vain until " + what);
            }
            LockSupport.parkNanos(100_000);
        }
    }

    private PciHost host() {
        return Objects.requireNonNull(device.host);
    }

    @Test
    void nothingGoesBeforeTheVersionAndNoSecondVersion() throws IOException {
        try (TestClient early = new TestClient(posix, socket())) {
            assertEquals(EINVAL, early.errno(4, Bytes.u32(16, 0, 0, 0)));
            early.expectClosed();
        }
        await("it is gone", () -> !endpoint.connected());
        try (TestClient client = connect()) {
            assertEquals(EINVAL, client.errno(1, Bytes.of("0000 0000")));
            client.request(4, Bytes.u32(16, 0, 0, 0));
        }
    }

    @Test
    void memoryIsSeenOnceTheFunctionIsBusMaster() throws IOException {
        try (TestClient client = connect();
                Fd fd = memory(4 * MIB);
                Mapping guest = Mapping.ofFile(posix, fd.duplicate(), 0, 4 * MIB, true)) {
            assertEquals(
                    0,
                    client.request(DMA_MAP, TestClient.dmaMap(3, MIB, 0, 2 * MIB), fd)
                            .limit());
            assertEquals(List.of("attached"), device.events);
            client.enable();
            assertEquals(List.of("attached", "memory 1"), device.events);
            MemorySegment seen = device.memory.regions().getFirst().memory();
            assertEquals(2 * MIB, seen.byteSize());
            guest.segment().set(ValueLayout.JAVA_BYTE, MIB + 5, (byte) 42);
            assertEquals(42, seen.get(ValueLayout.JAVA_BYTE, 5));
            client.write(TestClient.CONFIG, 4, "0200");
            assertEquals("memory 0", device.events.getLast());
        }
    }

    @Test
    void rangesDoNotOverlapAndGoAsAWhole() throws IOException {
        try (TestClient client = connect();
                Fd fd = memory(4 * MIB)) {
            client.enable();
            client.request(DMA_MAP, TestClient.dmaMap(3, 0, 0x10000, 0x10000), fd);
            assertEquals(EEXIST, client.errno(DMA_MAP, TestClient.dmaMap(3, 0, 0x10000, 0x10000), fd));
            assertEquals(EEXIST, client.errno(DMA_MAP, TestClient.dmaMap(3, 0, 0xF000, 0x2000), fd));
            assertEquals(EEXIST, client.errno(DMA_MAP, TestClient.dmaMap(3, 0, 0x1F000, 0x1000)));
            client.request(DMA_MAP, TestClient.dmaMap(3, 0x10000, 0x20000, 0x10000), fd);
            assertEquals(ENOENT, client.errno(DMA_UNMAP, TestClient.dmaUnmap(0, 0x10000, 0x8000)));
            assertEquals(ENOENT, client.errno(DMA_UNMAP, TestClient.dmaUnmap(0, 0x10000, 0x18000)));
            assertEquals(2, device.memory.regions().size());
            ByteBuffer reply = client.request(DMA_UNMAP, TestClient.dmaUnmap(0, 0x10000, 0x10000));
            assertEquals("18000000" + "00000000" + "0000010000000000" + "0000010000000000", Bytes.hex(reply, 24));
            assertEquals(1, device.memory.regions().size());
            reply = client.request(DMA_UNMAP, TestClient.dmaUnmap(0, 0x10000, 0x10000));
            assertEquals(
                    "18000000" + "00000000" + "0000010000000000" + "0000000000000000",
                    Bytes.hex(reply, 24),
                    "nothing was there");
            reply = client.request(DMA_UNMAP, TestClient.dmaUnmap(2, 0, 0));
            assertEquals("18000000" + "02000000" + "0000000000000000" + "0000010000000000", Bytes.hex(reply, 24));
            assertEquals(0, device.memory.regions().size());
        }
    }

    @Test
    void anUnmapMayNameMoreThanWasMapped() throws IOException {
        try (TestClient client = connect();
                Fd fd = memory(4 * MIB)) {
            client.enable();
            client.request(DMA_MAP, TestClient.dmaMap(3, 0, 0x1000, 0x1000), fd);
            client.request(DMA_MAP, TestClient.dmaMap(3, 0, 0xFEF0_0000L, 0x1000), fd);
            client.request(DMA_MAP, TestClient.dmaMap(3, 0, 0xFFFF_F000L, 0x2000), fd);
            assertEquals(3, device.memory.regions().size());
            ByteBuffer reply = client.request(DMA_UNMAP, TestClient.dmaUnmap(0, 0xFEF0_0000L, -0xFEF0_0000L));
            assertEquals("18000000" + "00000000" + "0000f0fe00000000" + "0030000000000000", Bytes.hex(reply, 24));
            assertEquals(1, device.memory.regions().size());
            client.request(DMA_MAP, TestClient.dmaMap(3, 0, 0xFEF0_0000L, 0x1000), fd);
            assertEquals(EINVAL, client.errno(DMA_UNMAP, TestClient.dmaUnmap(0, 0x1000, -0x1000L + 0x1000)));
            assertEquals(EINVAL, client.errno(DMA_UNMAP, TestClient.dmaUnmap(0, 0x2000, -0x1000L)));
            assertEquals(EINVAL, client.errno(DMA_UNMAP, TestClient.dmaUnmap(0, 0x1000, 0x1800)));
            assertEquals(2, device.memory.regions().size());
        }
    }

    @Test
    void whatCannotBeReachedIsRememberedAllTheSame() throws IOException {
        try (TestClient client = connect();
                Fd fd = memory(MIB)) {
            client.enable();
            client.request(DMA_MAP, TestClient.dmaMap(3, 0, 0, 0x10000)); // no descriptor
            client.request(DMA_MAP, TestClient.dmaMap(1, 0, 0x10000, 0x10000), fd); // not writable
            assertEquals(0, device.memory.regions().size());
            client.request(DMA_UNMAP, TestClient.dmaUnmap(0, 0, 0x10000));
            client.request(DMA_UNMAP, TestClient.dmaUnmap(0, 0x10000, 0x10000));
        }
    }

    @Test
    void filesThatAreTooShortOrNoFilesAreRefused() throws IOException {
        try (TestClient client = connect();
                Fd fd = memory(MIB);
                EventFd eventFd = EventFd.create(posix)) {
            assertEquals(ENXIO, client.errno(DMA_MAP, TestClient.dmaMap(3, MIB, 0, 0x1000), fd));
            assertEquals(EINVAL, client.errno(DMA_MAP, TestClient.dmaMap(3, 0, 0, 0x1000), eventFd.fd()));
            assertEquals(EINVAL, client.errno(DMA_MAP, TestClient.dmaMap(3, 0, 0, 0x1000), fd, fd));
            client.request(DMA_MAP, TestClient.dmaMap(3, MIB - 0x1000, 0, 0x1000), fd);
        }
    }

    @Test
    void unmappingWaitsUntilTheDeviceIsAtRest() throws IOException {
        try (TestClient client = connect();
                Fd fd = memory(MIB)) {
            client.enable();
            client.request(DMA_MAP, TestClient.dmaMap(3, 0, 0, MIB), fd);
            MemorySegment seen = device.memory.regions().getFirst().memory();
            device.slow = true;
            client.send(DMA_UNMAP, 0, TestClient.dmaUnmap(0, 0, MIB));
            await("the device is asked", () -> device.waiting != null);
            assertTrue(seen.scope().isAlive());
            seen.set(ValueLayout.JAVA_BYTE, 0, (byte) 1);
            device.slow = false;
            Objects.requireNonNull(device.waiting).reached();
            assertEquals(0, client.errno(DMA_UNMAP));
            assertEquals(false, seen.scope().isAlive());
        }
    }

    @Test
    void memoryOfLostRequestsStaysMapped() throws IOException {
        MemorySegment seen;
        try (TestClient client = connect();
                Fd fd = memory(MIB)) {
            client.enable();
            client.request(DMA_MAP, TestClient.dmaMap(3, 0, 0, MIB), fd);
            seen = device.memory.regions().getFirst().memory();
            device.slow = true;
            client.send(DMA_UNMAP, 0, TestClient.dmaUnmap(0, 0, MIB));
            await("the device is asked", () -> device.waiting != null);
            device.slow = false;
            Objects.requireNonNull(device.waiting).abandoned();
            assertEquals(0, client.errno(DMA_UNMAP));
        }
        await("it is gone", () -> !endpoint.connected());
        seen.set(ValueLayout.JAVA_BYTE, 0, (byte) 1);
    }

    @Test
    void aFileCutShortEndsTheConnectionAndTheNextClientIsServed() throws IOException {
        try (TestClient client = connect();
                Fd fd = memory(MIB)) {
            client.enable();
            client.request(DMA_MAP, TestClient.dmaMap(3, 0, 0, MIB), fd);
            posix.ftruncate(fd, 0x1000);
            client.send(4, 0, Bytes.u32(16, 0, 0, 0));
            client.expectClosed();
        }
        await("it is gone", () -> !endpoint.connected());
        try (TestClient next = connect()) {
            assertEquals("3412", next.read(TestClient.CONFIG, 0, 2));
        }
    }

    @Test
    void aFaultOfOursCostsOneMessage() throws IOException {
        try (TestClient client = connect()) {
            client.enable();
            device.fault = new IllegalStateException("a fault, says the test");
            assertEquals(EIO, client.errno(WRITE, TestClient.write(2, 0x100L, "01")));
            device.fault = new IllegalStateException("another");
            assertEquals(EIO, client.errno(READ, TestClient.access(2, 0x100, 1)));
            // One that wants no reply gets none: the next answer is that to the read.
            device.fault = new IllegalStateException("a third");
            client.send(WRITE, 0x10, TestClient.write(2, 0x100L, "22"));
            client.write(2, 0x100, "33");
            assertEquals("34", client.read(2, 0x100, 1));
            assertEquals(
                    List.of("write 2 256 1", "read 2 256 1"),
                    device.events.stream()
                            .filter(event -> event.contains(" 256 "))
                            .toList());
        }
    }

    /** What the device uses is not known any more: only the end of the connection is safe. */
    @Test
    void aFaultWhileTheMemoryChangesCostsTheConnection() throws IOException {
        try (TestClient client = connect();
                Fd fd = memory(MIB)) {
            client.request(DMA_MAP, TestClient.dmaMap(3, 0, 0, MIB), fd);
            client.enable();
            device.fault = new IllegalStateException("a fault, says the test");
            client.send(WRITE, 0, TestClient.write(TestClient.CONFIG, 4L, "0200"));
            client.expectClosed();
        }
        await("it is gone", () -> !endpoint.connected());
        try (TestClient client = connect();
                Fd fd = memory(MIB)) {
            client.enable();
            device.fault = new IllegalStateException("another");
            client.send(DMA_MAP, 0, TestClient.dmaMap(3, 0, 0, MIB), fd);
            client.expectClosed();
        }
    }

    /** A device that throws when a client comes loses that client, not its endpoint. */
    @Test
    void aClientThatCannotBeAttachedIsSentAway() throws IOException {
        device.refusing = true;
        try (TestClient client = new TestClient(posix, socket())) {
            client.expectClosed();
        }
        device.refusing = false;
        try (TestClient next = connect()) {
            assertEquals("3412", next.read(TestClient.CONFIG, 0, 2));
        }
    }

    @Test
    void barsAreReadAndWrittenOnceTheyAreDecoded() throws IOException {
        try (TestClient client = connect()) {
            assertEquals(EIO, client.errno(READ, TestClient.access(0, 0, 4)));
            assertEquals(EIO, client.errno(WRITE, TestClient.write(0, 0L, "01020304")));
            client.enable();
            client.write(0, 0x10, "01020304");
            assertEquals("02030405", client.read(0, 0x10, 4));
            assertEquals(List.of("attached", "write 0 16 4", "read 0 16 4"), device.events);
            assertEquals("", client.read(0, 0x4000, 0));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0x3ffd, 4",
        "0, 0x4000, 1",
        "0, -1, 1",
        "1, 0, 4",
        "2, 0x2000, 1",
        "6, 0, 4",
        "7, 0xffd, 4",
        "8, 0, 1",
        "9, 0, 1"
    })
    void accessesOutsideAreRefused(int region, String offset, int count) throws IOException {
        try (TestClient client = connect()) {
            client.enable();
            assertEquals(EINVAL, client.errno(READ, TestClient.access(region, Long.decode(offset), count)));
            assertEquals(
                    EINVAL,
                    client.errno(WRITE, TestClient.write(region, (long) Long.decode(offset), "00".repeat(count))));
        }
    }

    @Test
    void mappedAreasAreSharedAndStillSeenByMessage() throws IOException {
        try (TestClient client = connect()) {
            client.enable();
            ByteBuffer request = Bytes.zeroed(32).putInt(0, 32).putInt(8, 0);
            assertEquals(64, client.request(REGION_INFO, request).getInt(0));
            assertEquals(0, client.descriptors().size());
            client.request(REGION_INFO, request.putInt(0, 64));
            assertEquals(1, client.descriptors().size());
            try (Mapping page = Mapping.ofFile(posix, client.descriptors().take(0), 0x1000, 0x2000, true)) {
                assertTrue(page.isSealed());
                page.segment().set(ValueLayout.JAVA_INT, 8, 0x04030201);
                assertEquals(0x04030201, host().shared(0).get(ValueLayout.JAVA_INT, 0x1008));
                assertEquals("01020304", client.read(0, 0x1008, 4));
                client.write(0, 0x100C, "0a0b0c0d");
                assertEquals(0x0D0C0B0A, page.segment().get(ValueLayout.JAVA_INT, 12));
                assertEquals("write 0 4108 4", device.events.getLast());
                // Across the border: the first two bytes are the device's own, the others shared.
                assertEquals("01010000", client.read(0, 0xFFE, 4));
            }
        }
    }

    @Test
    void theVectorTableIsServedByTheLibraryAndInterruptsReachTheClient() throws IOException {
        try (TestClient client = connect();
                EventFd eventFd = EventFd.create(posix)) {
            client.enable();
            client.write(2, 12, "00000000");
            assertEquals("00000000", client.read(2, 12, 4));
            assertEquals("01000000", client.read(2, 28, 4));
            client.write(TestClient.CONFIG, 0x4A, "0080");
            assertTrue(host().msixEnabled());
            host().interrupt(1);
            assertEquals("0200000000000000", client.read(2, 0x1000, 8));
            client.write(2, 0x1000, "00");
            assertEquals("02", client.read(2, 0x1000, 1)); // read-only
            client.request(SET_IRQS, Bytes.u32(20, 0x24, 2, 1, 1), eventFd.fd());
            assertEquals(1, eventFd.drain());
            assertEquals("0000000000000000", client.read(2, 0x1000, 8));
            assertEquals(List.of("attached"), device.events);
            try (Fd file = memory(0x1000)) {
                assertEquals(EINVAL, client.errno(SET_IRQS, Bytes.u32(20, 0x24, 2, 0, 1), file));
            }
        }
    }

    @Test
    void manyWritesInOneMessageWithoutAReply() throws IOException {
        try (TestClient client = connect()) {
            client.enable();
            ByteBuffer two = Bytes.of("0200000000000000"
                    + "1000000000000000 00000000 02000000 aabb000000000000"
                    + "1800000000000000 00000000 08000000 0102030405060708");
            client.send(MULTI, 0x10, two);
            assertEquals(2, client.request(MULTI, two).getLong(0));
            assertEquals("abbc", client.read(0, 0x10, 2));
            assertEquals(
                    4, device.events.stream().filter(e -> e.startsWith("write")).count());
            client.send(99, 0x10, Bytes.zeroed(0)); // wrong, and nobody wants to know
            assertEquals("0203040506070809", client.read(0, 0x18, 8));
        }
    }

    @Test
    void bothWaysOfResetTakeTheFunctionBackToPowerOn() throws IOException {
        try (TestClient client = connect();
                Fd fd = memory(MIB)) {
            client.request(DMA_MAP, TestClient.dmaMap(3, 0, 0, MIB), fd);
            client.enable();
            client.request(RESET, Bytes.zeroed(0));
            assertEquals(List.of("attached", "memory 1", "reset", "memory 0"), device.events);
            assertEquals("0000", client.read(TestClient.CONFIG, 4, 2));
            client.enable();
            client.write(TestClient.CONFIG, 0x5C, "1080");
            assertEquals(List.of("memory 1", "reset", "memory 0"), device.events.subList(4, 7));
            client.enable();
            assertEquals("memory 1", device.events.getLast()); // memory was announced and stays
        }
    }

    @ParameterizedTest
    @CsvSource({"0, 22", "19, 22", "6, 95", "11, 22", "12, 22", "14, 95", "17, 95", "18, 95"})
    void whatIsNotOfferedIsRefusedByName(int command, int errno) throws IOException {
        try (TestClient client = connect()) {
            assertEquals(errno, client.errno(command, Bytes.zeroed(16)));
            assertEquals("3412", client.read(TestClient.CONFIG, 0, 2));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "'6400 0400 0f000000 00000000 00000000'", // shorter than its header
        "'6400 0400 ffffffff 00000000 00000000'",
        "'6400 0400 21000100 00000000 00000000'", // one byte more than any message has
        "'6400 0400 10000000 01000000 00000000'", // a reply
        "'6400 0400 10000000 40000000 00000000'" // a flag that does not exist
    })
    void aHeaderThatIsWrongIsAnsweredAndEndsTheConnection(String header) throws IOException {
        try (TestClient client = new TestClient(posix, socket())) {
            client.sendRaw(Bytes.of(header));
            assertEquals(EINVAL, client.errno(4));
            client.expectClosed();
        }
        await("it is gone", () -> !endpoint.connected());
        connect().close();
    }

    @Test
    void aMessageThatDoesNotEndIsNotWaitedForForEver() throws IOException {
        try (TestClient half = connect()) {
            half.sendRaw(Bytes.of("0100 0400 20000000 00000000 00000000 1000"));
            half.expectClosed();
        }
        await("it is gone", () -> !endpoint.connected());
        connect().close();
    }

    @Test
    void descriptorsThatNobodyAskedForAreClosed() throws IOException {
        try (TestClient client = connect();
                Fd fd = memory(MIB)) {
            long before = openDescriptors();
            Fd[] many = new Fd[16];
            Arrays.fill(many, fd);
            for (int i = 0; i < 10; i++) {
                assertEquals(EINVAL, client.errno(4, Bytes.u32(16, 0, 0, 0), many));
                assertEquals(EINVAL, client.errno(SET_IRQS, Bytes.u32(20, 0x24, 2, 0, 4), many));
            }
            client.request(4, Bytes.u32(16, 0, 0, 0));
            assertEquals(before, openDescriptors());
        }
    }

    @Test
    void oneClientAtATimeAndTheNextFindsEverythingAnew() throws IOException {
        try (TestClient first = connect();
                Fd fd = memory(MIB)) {
            first.enable();
            first.request(DMA_MAP, TestClient.dmaMap(3, 0, 0, MIB), fd);
            try (TestClient second = new TestClient(posix, socket())) {
                second.expectClosed();
            }
            assertEquals("0600", first.read(TestClient.CONFIG, 4, 2));
        }
        await("it is gone", () -> !endpoint.connected());
        assertEquals("detached", device.events.getLast());
        try (TestClient next = connect()) {
            assertEquals("0000", next.read(TestClient.CONFIG, 4, 2));
            next.enable();
            assertEquals(0, host().memory().regions().size());
            assertEquals(0, host().shared(0).get(ValueLayout.JAVA_INT, 0x1008));
        }
        assertEquals(1L, endpoint.stats().get("connections-refused"));
    }

    private static long openDescriptors() throws IOException {
        try (var entries = Files.list(Path.of("/proc/self/fd"))) {
            return entries.count();
        }
    }
}
