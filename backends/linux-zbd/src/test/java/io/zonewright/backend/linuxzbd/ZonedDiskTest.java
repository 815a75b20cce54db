package io.zonewright.backend.linuxzbd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.api.request.Operation;
import io.zonewright.api.spi.DeviceIdentity;
import io.zonewright.api.zone.ZoneDescriptor;
import io.zonewright.api.zone.ZoneRules;
import io.zonewright.backend.linuxzbd.LinuxZbdConfig.DiscardMode;
import io.zonewright.backend.linuxzbd.LinuxZbdConfig.IoMode;
import io.zonewright.backend.linuxzbd.open.Machine;
import io.zonewright.engine.EngineDevice;
import io.zonewright.posix.Errno;
import io.zonewright.testkit.kernel.FakeDisk;
import io.zonewright.testkit.kernel.FakeKernel;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A zoned disk of a fake kernel, through the engine. */
class ZonedDiskTest {
    private static final long ZONE = 65536;
    private static final int CAPACITY = 49152;

    private final FakeKernel kernel;
    private final FakeDisk disk;
    private final EngineDevice device;

    ZonedDiskTest(@TempDir Path directory) throws IOException {
        kernel = new FakeKernel(directory);
        disk = kernel.zoned("/dev/fake", 16, ZONE, CAPACITY, 2, "max_open_zones=3", "max_active_zones=4")
                .limits(3, 4);
        LinuxZbdConfig config = new LinuxZbdConfig(
                "disk", Path.of("/dev/fake"), true, false, false, DiscardMode.ZEROES, IoMode.THREADS, 4, 2);
        device = EngineDevice.open(
                DeviceIdentity.of("disk"), LinuxZbdBackend.open(config, Machine.of(kernel)), ZoneRules.ZBC);
    }

    @AfterEach
    void close() {
        assertTrue(device.close(Duration.ofSeconds(10)));
        assertEquals(0, kernel.openFiles());
        assertEquals(0, disk.unmet());
        kernel.close();
    }

    private String zone(int index) {
        ZoneDescriptor zone = new ZoneDescriptor();
        device.zone(index, zone);
        return zone.condition() + " " + (zone.writePointer() - zone.start());
    }

    @Test
    void isWhatTheKernelSays() {
        assertEquals(
                "ZoneGeometry[model=HOST_MANAGED, deviceBytes=1048576, blockSize=512, writeGranularity=4096, zoneSize=65536]",
                device.geometry().toString());
        assertEquals(
                "ZoneLimits[maxOpen=3, maxActive=4, maxAppendBytes=65536]",
                device.limits().toString());
        assertEquals("NOT_WRITE_POINTER 65536", zone(1));
        assertEquals("EMPTY 0", zone(2));
    }

    @Test
    void writesAppendsAndActionsReachTheDisk() {
        assertEquals("DONE 8192", Ask.write(2 * ZONE, 8192, 1).on(device).outcome());
        Ask append = Ask.append(2 * ZONE, 4096, 2).on(device);
        assertEquals("DONE 4096", append.outcome());
        assertEquals(2 * ZONE + 8192, append.placement());
        assertEquals("IMPLICIT_OPEN 12288", zone(2));
        assertEquals(12288, disk.written(2));
        assertArrayEquals(
                Ask.pattern(4096, 2), Ask.read(2 * ZONE + 8192, 4096).on(device).bytes());
        assertEquals(
                "DONE",
                Ask.action(Operation.ZONE_FINISH, 2 * ZONE).on(device).cause().name());
        assertEquals("FULL 65536", zone(2));
        assertEquals(FakeDisk.FULL, disk.condition(2));
        assertEquals(
                "DONE",
                Ask.action(Operation.ZONE_RESET, 2 * ZONE).on(device).cause().name());
        assertEquals("EMPTY 0", zone(2));
        assertEquals("DONE 4096", Ask.write(5 * 512, 4096, 9).on(device).outcome());
    }

    @Test
    void aboveTheWritePointerIsZeroWhateverTheDiskGives() {
        Ask.write(2 * ZONE, 4096, 1).on(device);
        byte[] expected = new byte[16384];
        System.arraycopy(Ask.pattern(4096, 1), 0, expected, 0, 4096);
        assertArrayEquals(expected, Ask.read(2 * ZONE, 16384).on(device).bytes());
        assertArrayEquals(new byte[8192], Ask.read(3 * ZONE, 8192).on(device).bytes());
        assertArrayEquals(
                new byte[16384], Ask.read(3 * ZONE + 57344, 16384).on(device).bytes());
    }

    @Test
    void aZoneThatTheDiskTakesOfflineIsKnownByTheFirstAccess() {
        Ask.write(4 * ZONE, 4096, 1).on(device);
        disk.breakZone(4, FakeDisk.OFFLINE);
        disk.breakZone(5, FakeDisk.READ_ONLY);
        Ask.write(4 * ZONE + 4096, 4096, 1).on(device);
        Ask.write(5 * ZONE, 4096, 1).on(device);
        assertEquals("OFFLINE", zone(4).substring(0, 7));
        assertEquals("READ_ONLY", zone(5).substring(0, 9));
        assertEquals(
                "ZONE_OFFLINE 0",
                Ask.action(Operation.ZONE_OPEN, 4 * ZONE).on(device).outcome());
        assertEquals(
                "ZONE_READ_ONLY 0",
                Ask.action(Operation.ZONE_RESET, 5 * ZONE).on(device).outcome());
    }

    @Test
    void aReportShowsWhatTheDiskDidByItself() {
        disk.breakZone(6, FakeDisk.OFFLINE);
        disk.movePointer(7, 8192);
        assertEquals("EMPTY 0", zone(7));
        assertEquals(
                "DONE",
                Ask.of(Operation.ZONE_REPORT, 0, 16 * ZONE).on(device).cause().name());
        assertEquals("OFFLINE", zone(6).substring(0, 7));
        assertEquals("IMPLICIT_OPEN 8192", zone(7));
    }

    @Test
    void aWriteBehindOurBackIsNoticedByTheFailingWriteAndHealed() {
        disk.movePointer(7, 8192);
        assertEquals(0, Ask.write(7 * ZONE, 4096, 1).on(device).transferred());
        assertEquals("IMPLICIT_OPEN 8192", zone(7));
        assertEquals("DONE 4096", Ask.write(7 * ZONE + 8192, 4096, 1).on(device).outcome());
        assertEquals(12288, disk.written(7));
    }

    @Test
    void limitsOfTheDiskAreTold() {
        for (int zone = 2; zone < 5; zone++) {
            assertEquals(
                    "DONE",
                    Ask.action(Operation.ZONE_OPEN, zone * ZONE)
                            .on(device)
                            .cause()
                            .name());
        }
        assertEquals(
                "OPEN_LIMIT 0",
                Ask.action(Operation.ZONE_OPEN, 5 * ZONE).on(device).outcome());
        assertEquals("OPEN_LIMIT 0", Ask.write(5 * ZONE, 4096, 1).on(device).outcome());
        Ask.write(2 * ZONE, 4096, 1).on(device);
        assertEquals(
                "DONE",
                Ask.action(Operation.ZONE_CLOSE, 2 * ZONE).on(device).cause().name());
        assertEquals("CLOSED 4096", zone(2));
        assertEquals(
                "DONE",
                Ask.action(Operation.ZONE_OPEN, 5 * ZONE).on(device).cause().name());
        assertEquals("ACTIVE_LIMIT 0", Ask.write(6 * ZONE, 4096, 1).on(device).outcome());
    }

    @Test
    void actionsThatAZonesConditionForbidsAreNotApplicable() {
        assertEquals(
                "NOT_APPLICABLE 0",
                Ask.action(Operation.ZONE_CLOSE, 2 * ZONE).on(device).outcome());
        Ask.action(Operation.ZONE_FINISH, 2 * ZONE).on(device);
        assertEquals(
                "NOT_APPLICABLE 0",
                Ask.action(Operation.ZONE_OPEN, 2 * ZONE).on(device).outcome());
        disk.fail("BLKRESETZONE", Errno.EIO);
        assertEquals(
                "MEDIUM_ERROR 0",
                Ask.action(Operation.ZONE_RESET, 2 * ZONE).on(device).outcome());
        assertEquals(
                "DONE 0", Ask.action(Operation.ZONE_RESET, 2 * ZONE).on(device).outcome());
    }

    @Test
    void allZonesAreResetAndConventionalOnesStay() {
        Ask.write(0, 4096, 7).on(device);
        for (int zone = 2; zone < 5; zone++) {
            Ask.write(zone * ZONE, 4096, zone).on(device);
        }
        assertEquals("DONE", Ask.all(Operation.ZONE_RESET).on(device).cause().name());
        for (int zone = 2; zone < 5; zone++) {
            assertEquals("EMPTY 0", zone(zone));
            assertEquals(FakeDisk.EMPTY, disk.condition(zone));
        }
        assertArrayEquals(Ask.pattern(4096, 7), Ask.read(0, 4096).on(device).bytes());
    }

    @Test
    void zeroesAreWrittenAtThePointerAndAnywhereInConventionalZones() {
        Ask.write(0, 16384, 7).on(device);
        assertEquals(
                "DONE 4096",
                Ask.of(Operation.WRITE_ZEROES, 4096, 4096).on(device).outcome());
        assertArrayEquals(new byte[4096], Ask.read(4096, 4096).on(device).bytes());
        assertEquals(
                "DONE 8192",
                Ask.of(Operation.WRITE_ZEROES, 2 * ZONE, 8192).on(device).outcome());
        assertEquals("IMPLICIT_OPEN 8192", zone(2));
        assertEquals("DONE 4096", Ask.write(2 * ZONE + 8192, 4096, 1).on(device).outcome());
        assertEquals(
                "UNSUPPORTED",
                Ask.of(Operation.DISCARD, 0, 4096).on(device).cause().name());
    }

    @Test
    void aDeviceThatGoesFailsEverythingAndHangsNothing() throws IOException {
        Semaphore gate = disk.hold("pwritev2");
        Ask first = Ask.write(2 * ZONE, 4096, 1);
        device.submit(first);
        List<Ask> waiting = new ArrayList<>();
        for (int i = 1; i < 8; i++) {
            Ask next = Ask.write(2 * ZONE + i * 4096L, 4096, 1);
            device.submit(next);
            waiting.add(next);
        }
        disk.remove();
        gate.release(1000);
        assertEquals("MEDIUM_ERROR 0", first.outcome());
        for (Ask next : waiting) {
            assertEquals(0, next.await().transferred());
            assertEquals("MEDIUM_ERROR", next.cause().name());
        }
        disk.clearLog();
        assertEquals("MEDIUM_ERROR 0", Ask.read(0, 4096).on(device).outcome());
        assertEquals(
                "MEDIUM_ERROR 0",
                Ask.action(Operation.ZONE_RESET, 2 * ZONE).on(device).outcome());
        assertEquals(
                "MEDIUM_ERROR", Ask.of(Operation.FLUSH, 0, 0).on(device).cause().name());
        assertEquals(List.of(), disk.log());
    }
}
