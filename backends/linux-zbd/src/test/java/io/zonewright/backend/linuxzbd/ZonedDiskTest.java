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
import io.zonewright.backend.linuxzbd.fake.FakeDisk;
import io.zonewright.backend.linuxzbd.fake.FakeKernel;
import io.zonewright.engine.EngineDevice;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
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
                DeviceIdentity.of("disk"), LinuxZbdBackend.open(config, kernel.host()), ZoneRules.ZBC);
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
}
