package io.zonewright.backend.linuxzbd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.api.request.Operation;
import io.zonewright.api.result.Cause;
import io.zonewright.api.result.Causes;
import io.zonewright.api.spi.DeviceIdentity;
import io.zonewright.api.zone.ZoneDescriptor;
import io.zonewright.api.zone.ZoneRules;
import io.zonewright.backend.linuxzbd.LinuxZbdConfig.DiscardMode;
import io.zonewright.backend.linuxzbd.LinuxZbdConfig.IoMode;
import io.zonewright.backend.linuxzbd.open.Machine;
import io.zonewright.engine.EngineDevice;
import io.zonewright.posix.Errno;
import io.zonewright.posix.Linux;
import io.zonewright.posix.Posix;
import io.zonewright.posix.Syscalls;
import io.zonewright.posix.fake.ScriptedSyscalls;
import io.zonewright.testkit.kernel.FakeDisk;
import io.zonewright.testkit.kernel.FakeKernel;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every call that fails, falls short or is not there, and what the engine's clients hear of it. */
class MediumFaultsTest {
    private static final long ZONE = 65536;
    private static final int CONVENTIONAL = 2;

    private final Path directory;
    private final FakeKernel kernel;
    private @Nullable EngineDevice opened;

    MediumFaultsTest(@TempDir Path directory) {
        this.directory = directory;
        kernel = new FakeKernel(directory);
    }

    private EngineDevice device() {
        return Objects.requireNonNull(opened);
    }

    private void open(boolean zoned, boolean cached, DiscardMode discard) throws IOException {
        LinuxZbdConfig config =
                new LinuxZbdConfig("disk", Path.of("/dev/fake"), zoned, false, cached, discard, IoMode.THREADS, 4, 2);
        opened = EngineDevice.open(
                DeviceIdentity.of("disk"), LinuxZbdBackend.open(config, Machine.of(kernel)), ZoneRules.ZBC);
    }

    private FakeDisk zonedDisk() throws IOException {
        FakeDisk disk = kernel.zoned("/dev/fake", 16, ZONE, ZONE, CONVENTIONAL);
        open(true, false, DiscardMode.ZEROES);
        return disk;
    }

    @AfterEach
    void close() {
        assertTrue(device().close(Duration.ofSeconds(10)));
        assertEquals(0, kernel.openFiles());
        kernel.close();
    }

    private String zone(int index) {
        ZoneDescriptor zone = new ZoneDescriptor();
        device().zone(index, zone);
        return zone.condition() + " " + (zone.writePointer() - zone.start());
    }

    // --- every error of every call ---------------------------------------------------------------------------------

    /** What a client hears; the errors that mean a device is gone have a test of their own. */
    private static final Map<Errno, String> EXPECTED = new LinkedHashMap<>();

    static {
        for (Errno medium : List.of(
                Errno.EIO,
                Errno.ETIMEDOUT,
                Errno.ENOLINK,
                Errno.EREMOTEIO,
                Errno.EBADE,
                Errno.ENODATA,
                Errno.EILSEQ,
                Errno.ENOMEM,
                Errno.EBUSY,
                Errno.ETIME)) {
            EXPECTED.put(medium, "MEDIUM_ERROR");
        }
        EXPECTED.put(Errno.ENOSPC, "NO_SPACE");
        EXPECTED.put(Errno.ETOOMANYREFS, "OPEN_LIMIT");
        EXPECTED.put(Errno.EOVERFLOW, "ACTIVE_LIMIT");
        EXPECTED.put(Errno.EPERM, "DEVICE_READ_ONLY");
        EXPECTED.put(Errno.EROFS, "DEVICE_READ_ONLY");
        EXPECTED.put(Errno.ENOTTY, "UNSUPPORTED");
    }

    /** The request behind it shows that the thread lives. */
    @Test
    void whatThrowsOnAThreadOfTheDiskStillAnswersItsRequest() throws IOException {
        kernel.zoned("/dev/fake", 16, ZONE, ZONE, CONVENTIONAL);
        LinuxZbdConfig config = new LinuxZbdConfig(
                "disk", Path.of("/dev/fake"), true, false, false, DiscardMode.ZEROES, IoMode.THREADS, 4, 1);
        LinuxZbdBackend backend = LinuxZbdBackend.open(config, Machine.of(kernel));
        opened = EngineDevice.open(DeviceIdentity.of("disk"), backend, ZoneRules.ZBC);
        for (long zones : List.of(1L, 16L)) {
            Ask report = Ask.of(Operation.ZONE_REPORT, 0, zones * ZONE);
            report.setSink((index, type, condition, capacity, pointer) -> {
                throw new IllegalStateException("no room for zone " + index);
            });
            backend.submit(report);
            assertEquals(Cause.INTERNAL_ERROR, report.await().cause());
            Ask next = Ask.of(Operation.ZONE_REPORT, 0, zones * ZONE);
            next.setSink((index, type, condition, capacity, pointer) -> {});
            backend.submit(next);
            assertEquals(Cause.DONE, next.await().cause());
        }
    }

    @Test
    void everyErrorOfEveryCallHasItsCauseAndTheNextRequestWorks() throws IOException {
        FakeDisk disk = zonedDisk();
        Ask.write(4 * ZONE, 4096, 1).on(device());
        for (Map.Entry<Errno, String> entry : EXPECTED.entrySet()) {
            Errno errno = entry.getKey();
            String expected = entry.getValue();
            assertEquals(expected + " 0", failing(disk, "preadv2", errno, Ask.read(0, 4096)), "read " + errno);
            assertEquals(expected + " 0", failing(disk, "pwritev2", errno, Ask.write(0, 4096, 1)), "write " + errno);
            assertEquals(
                    expected + " 0",
                    failing(disk, "pwritev2", errno, Ask.write(4 * ZONE + 4096, 4096, 1)),
                    "sequential write " + errno);
            assertEquals("IMPLICIT_OPEN 4096", zone(4), "after " + errno);
            assertEquals(
                    expected + " 0",
                    failing(disk, "fdatasync", errno, Ask.of(Operation.FLUSH, 0, 0)),
                    "flush " + errno);
            assertEquals(
                    expected + " 0",
                    failing(disk, "BLKZEROOUT", errno, Ask.of(Operation.WRITE_ZEROES, 0, 4096)),
                    "zeroes " + errno);
            assertEquals(expected + " 0", failing(disk, "BLKOPENZONE", errno, act(Operation.ZONE_OPEN)), "" + errno);
            assertEquals(expected + " 0", failing(disk, "BLKCLOSEZONE", errno, act(Operation.ZONE_CLOSE)), "" + errno);
            assertEquals(
                    expected + " 0", failing(disk, "BLKFINISHZONE", errno, act(Operation.ZONE_FINISH)), "" + errno);
            assertEquals(expected + " 0", failing(disk, "BLKRESETZONE", errno, act(Operation.ZONE_RESET)), "" + errno);
            assertEquals(
                    expected + " 0",
                    failing(disk, "BLKREPORTZONE", errno, Ask.of(Operation.ZONE_REPORT, 0, 16 * ZONE)),
                    "report " + errno);
            assertEquals("IMPLICIT_OPEN 4096", zone(4), "after " + errno);
            assertEquals(0, disk.unmet(), "" + errno);
        }
        assertEquals(
                "DONE 4096", Ask.write(4 * ZONE + 4096, 4096, 1).on(device()).outcome());
        assertEquals("DONE 0", Ask.of(Operation.FLUSH, 0, 0).on(device()).outcome());
    }

    private static Ask act(Operation operation) {
        return Ask.action(operation, 4 * ZONE);
    }

    private String failing(FakeDisk disk, String call, Errno errno, Ask ask) {
        disk.fail(call, errno);
        return ask.on(device()).outcome();
    }

    // --- transfers that fall short ---------------------------------------------------------------------------------

    @Test
    void shortTransfersAreContinued() throws IOException {
        FakeDisk disk = zonedDisk();
        disk.clearLog();
        disk.shorten("pwritev2", 8192);
        assertEquals("DONE 16384", Ask.write(4 * ZONE, 16384, 3).on(device()).outcome());
        disk.shorten("preadv2", 512);
        assertArrayEquals(
                Ask.pattern(16384, 3), Ask.read(4 * ZONE, 16384).on(device()).bytes());
        assertEquals(
                List.of(
                        "pwritev2 262144+16384",
                        "pwritev2 270336+8192",
                        "preadv2 262144+16384",
                        "preadv2 262656+15872"),
                disk.log());
        assertEquals("IMPLICIT_OPEN 16384", zone(4));
    }

    @Test
    void aWriteOfWhichTheFirstPartLandedIsTheMediumsFailureAndThePointerIsTold() throws IOException {
        FakeDisk disk = zonedDisk();
        disk.shorten("pwritev2", 8192).fail("pwritev2", Errno.EIO);
        Ask write = Ask.write(4 * ZONE, 16384, 3).on(device());
        assertEquals("MEDIUM_ERROR 8192", write.outcome());
        assertEquals("IMPLICIT_OPEN 8192", zone(4));
        assertEquals(
                "DONE 8192", Ask.write(4 * ZONE + 8192, 8192, 1).on(device()).outcome());
    }

    @Test
    void aTransferWithoutProgressEnds() throws IOException {
        FakeDisk disk = zonedDisk();
        disk.shorten("preadv2", 0);
        assertEquals("MEDIUM_ERROR 0", Ask.read(0, 4096).on(device()).outcome());
    }

    // --- resets of everything --------------------------------------------------------------------------------------

    @Test
    void allZonesAreResetByOneCall() throws IOException {
        FakeDisk disk = zonedDisk();
        for (int zone = CONVENTIONAL; zone < 10; zone++) {
            Ask.write(zone * ZONE, 4096, zone).on(device());
        }
        disk.breakZone(12, FakeDisk.OFFLINE);
        disk.clearLog();
        assertEquals("DONE 0", Ask.all(Operation.ZONE_RESET).on(device()).outcome());
        assertEquals(List.of("BLKRESETZONE 0+1048576", "BLKGETSIZE64", "BLKREPORTZONE 0 zones 16"), disk.log());
        for (int zone = CONVENTIONAL; zone < 10; zone++) {
            assertEquals("EMPTY 0", zone(zone));
            assertEquals(FakeDisk.EMPTY, disk.condition(zone));
        }
        assertEquals("OFFLINE", zone(12).substring(0, 7));
    }

    @Test
    void aResetOfAllThatFailsIsDoneZoneByZone() throws IOException {
        FakeDisk disk = zonedDisk();
        Ask.write(4 * ZONE, 4096, 1).on(device());
        Ask.write(5 * ZONE, 4096, 1).on(device());
        disk.clearLog();
        disk.fail("BLKRESETZONE", Errno.EIO);
        disk.fail("BLKRESETZONE", Errno.EREMOTEIO);
        assertEquals(
                "MEDIUM_ERROR 0", Ask.all(Operation.ZONE_RESET).on(device()).outcome());
        assertEquals("IMPLICIT_OPEN 4096", zone(4));
        assertEquals("EMPTY 0", zone(5));
        assertEquals(
                List.of("BLKRESETZONE 0+1048576", "BLKRESETZONE 262144+65536", "BLKRESETZONE 327680+65536"),
                disk.log().stream().filter(call -> call.startsWith("BLKRESET")).toList());
    }

    // --- what another program does ---------------------------------------------------------------------------------

    @Test
    void anAppendFindsRoomThatSomebodyElseMade() throws IOException {
        FakeDisk disk = zonedDisk();
        Ask.write(4 * ZONE, (int) ZONE, 1).on(device());
        Ask refused = Ask.append(4 * ZONE, 4096, 1).on(device());
        assertEquals(
                Set.of(Cause.ZONE_FULL, Cause.CROSSES_ZONE_BOUNDARY, Cause.BEYOND_ZONE_CAPACITY),
                Causes.toSet(refused.causes()));
        disk.movePointer(4, -ZONE + 8192);
        Ask append = Ask.append(4 * ZONE, 4096, 1).on(device());
        assertEquals("DONE 4096", append.outcome());
        assertEquals(4 * ZONE + 8192, append.placement());
    }

    // --- ranges without data ---------------------------------------------------------------------------------------

    @Test
    void aDiscardIsWhatTheSettingsSay() throws IOException {
        FakeDisk disk = kernel.ordinary("/dev/fake", 1 << 20);
        open(false, false, DiscardMode.TRIM);
        disk.clearLog();
        disk.fail("BLKDISCARD", Errno.EOPNOTSUPP);
        assertEquals(
                "UNSUPPORTED 0",
                Ask.of(Operation.DISCARD, 4096, 8192).on(device()).outcome());
        assertEquals(
                "DONE 0", Ask.of(Operation.DISCARD, 4096, 8192).on(device()).outcome());
        assertEquals(List.of("BLKDISCARD 4096+8192", "BLKDISCARD 4096+8192"), disk.log());
        assertTrue(device().close(Duration.ofSeconds(10)));

        open(false, false, DiscardMode.ZEROES);
        disk.clearLog();
        assertEquals(
                "DONE 0", Ask.of(Operation.DISCARD, 4096, 8192).on(device()).outcome());
        assertEquals(List.of("fallocate mode 3 4096+8192"), disk.log());
        assertTrue(device().close(Duration.ofSeconds(10)));

        open(false, false, DiscardMode.OFF);
        assertEquals(
                "UNSUPPORTED 0",
                Ask.of(Operation.DISCARD, 4096, 8192).on(device()).outcome());
    }

    @Test
    void aFileSystemWithoutZeroRangesGetsHolesFromThenOn() throws IOException {
        zonedDisk();
        ScriptedSyscalls script = ScriptedSyscalls.over(Syscalls.system()).fail("fallocate", Errno.EOPNOTSUPP);
        Posix posix = new Posix(script);
        Path file = directory.resolve("file");
        byte[] ones = new byte[16384];
        Arrays.fill(ones, (byte) 1);
        Files.write(file, ones);
        try (var fd = posix.open(file, Linux.O_RDWR, 0)) {
            FileStore store = new FileStore(posix, fd);
            store.zero(4096, 4096);
            store.zero(8192, 4096);
        }
        Arrays.fill(ones, 4096, 12288, (byte) 0);
        assertArrayEquals(ones, Files.readAllBytes(file));
        assertEquals(
                3,
                script.log().stream()
                        .filter(call -> call.startsWith("fallocate"))
                        .count());
    }

    // --- reports ---------------------------------------------------------------------------------------------------

    @Test
    void aCachedReportAsksTheDiskForActiveZonesOnly() throws IOException {
        FakeDisk disk = kernel.zoned("/dev/fake", 16, ZONE, ZONE, CONVENTIONAL);
        open(true, true, DiscardMode.ZEROES);
        Ask.write(4 * ZONE, 4096, 1).on(device());
        Ask.action(Operation.ZONE_OPEN, 5 * ZONE).on(device());
        Ask.write(9 * ZONE, 4096, 1).on(device());
        Ask.action(Operation.ZONE_CLOSE, 9 * ZONE).on(device());
        disk.movePointer(9, 4096);
        disk.clearLog();
        assertEquals(
                "DONE 0",
                Ask.of(Operation.ZONE_REPORT, 0, 16 * ZONE).on(device()).outcome());
        assertEquals(
                List.of(
                        "BLKGETSIZE64",
                        "BLKREPORTZONEV2 0 zones 16",
                        "BLKREPORTZONE 262144 zones 2",
                        "BLKREPORTZONE 589824 zones 1"),
                disk.log());
        assertEquals("IMPLICIT_OPEN 4096", zone(4));
        assertEquals("EXPLICIT_OPEN 0", zone(5));
        assertEquals("IMPLICIT_OPEN 8192", zone(9));
        assertEquals("EMPTY 0", zone(10));
    }

    @Test
    void aReportOf100000ZonesIsOnePassAndDelaysNobody() throws IOException {
        int zones = 100_000;
        FakeDisk disk = kernel.zoned("/dev/fake", zones, 1 << 20, 1 << 20, CONVENTIONAL);
        open(true, false, DiscardMode.ZEROES);
        Ask report = Ask.of(Operation.ZONE_REPORT, 0, (long) zones << 20);
        disk.clearLog();
        long began = System.nanoTime();
        assertEquals("DONE 0", report.on(device()).outcome());
        System.out.printf("a report of 100,000 zones: %d us%n", (System.nanoTime() - began) / 1000);
        assertEquals(
                25,
                disk.log().stream()
                        .filter(call -> call.startsWith("BLKREPORTZONE"))
                        .count());

        Semaphore gate = disk.hold("BLKREPORTZONE");
        List<Ask> reports = new ArrayList<>();
        for (int i = 0; i < 8; i++) { // more than there are threads
            Ask next = Ask.of(Operation.ZONE_REPORT, 0, (long) zones << 20);
            device().submit(next);
            reports.add(next);
        }
        assertEquals("DONE 4096", Ask.write(4L << 20, 4096, 1).on(device()).outcome());
        assertEquals(
                "DONE 0",
                Ask.action(Operation.ZONE_RESET, 4L << 20).on(device()).outcome());
        assertEquals("DONE 4096", Ask.read(0, 4096).on(device()).outcome());
        gate.release(1_000_000);
        for (Ask next : reports) {
            assertEquals("DONE 0", next.outcome());
        }
    }

    // --- memory that is not aligned --------------------------------------------------------------------------------

    @Test
    void memoryAtEveryOffsetOfASectorIsServed() throws IOException {
        zonedDisk();
        MemorySegment memory = Arena.ofAuto().allocate(8192, 4096);
        for (int offset = 0; offset < 512; offset++) {
            MemorySegment slice = memory.asSlice(offset, 4096);
            byte[] pattern = Ask.pattern(4096, offset);
            slice.copyFrom(MemorySegment.ofArray(pattern));
            assertEquals("DONE 4096", over(slice, Operation.WRITE).outcome(), "write at " + offset);
            memory.fill((byte) 0);
            assertEquals("DONE 4096", over(slice, Operation.READ).outcome(), "read at " + offset);
            assertEquals(-1, slice.mismatch(MemorySegment.ofArray(pattern)), "offset " + offset);
        }
    }

    private Ask over(MemorySegment slice, Operation operation) {
        Ask ask = Ask.of(operation, 8192, slice.byteSize());
        ask.data().add(slice, 0, slice.byteSize());
        return ask.on(device());
    }
}
