package io.zonewright.backend.linuxzbd;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.zonewright.api.spi.BackendPlan;
import io.zonewright.api.spi.DeviceIdentity;
import io.zonewright.backend.linuxzbd.open.Machine;
import io.zonewright.testkit.config.TestSettings;
import io.zonewright.testkit.kernel.FakeKernel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is known of a device before it is opened, for {@code zonewright check}; nothing is an error there. */
class LinuxZbdPlanTest {
    private final Path root;
    private final FakeKernel kernel;

    LinuxZbdPlanTest(@TempDir Path root) {
        this.root = root;
        kernel = new FakeKernel(root);
    }

    @AfterEach
    void nothingStaysOpen() {
        assertEquals(0, kernel.openFiles());
        kernel.close();
    }

    private BackendPlan plan(String path, String... words) {
        Map<String, String> values = new LinkedHashMap<>(Map.of("path", path));
        for (String word : words) {
            values.put(word.substring(0, word.indexOf('=')), word.substring(word.indexOf('=') + 1));
        }
        LinuxZbdExtension extension = new LinuxZbdExtension(() -> Machine.of(kernel));
        return extension.plan(TestSettings.of(extension.keys(), values), DeviceIdentity.of("disk"));
    }

    @Test
    void aZonedDiskIsKnownFromSysfsWithoutACallToIt() {
        var disk = kernel.zoned(
                "/dev/fake",
                16,
                3 * 65536,
                65536,
                2,
                "max_open_zones=3",
                "max_active_zones=4",
                "zone_append_max_bytes=4096");
        BackendPlan plan = plan("/dev/fake");
        assertEquals(
                "ZoneGeometry[model=HOST_MANAGED, deviceBytes=3145728, blockSize=512, writeGranularity=4096, zoneSize=196608]",
                plan.geometry().orElseThrow().toString());
        assertEquals(3, plan.limits().orElseThrow().maxOpen());
        assertEquals(4, plan.limits().orElseThrow().maxActive());
        assertEquals(List.of(), disk.log());
    }

    @Test
    void aFileIsKnownIfItsFileSystemTellsTheBlock() throws IOException {
        Path file = root.resolve("file");
        Files.write(file, new byte[100_000]);
        kernel.directAlignment(4, 4096);
        assertEquals(
                "ZoneGeometry[model=NONE, deviceBytes=98304, blockSize=4096, writeGranularity=4096, zoneSize=0]",
                plan(file.toString(), "model=none").geometry().orElseThrow().toString());
        kernel.directAlignment(-1, -1);
        assertEquals(Optional.empty(), plan(file.toString(), "model=none").geometry());
    }

    @Test
    void whatIsNotThereOrNotTheKindOrMakesNoSenseIsJustNotKnown() throws IOException {
        kernel.ordinary("/dev/plain", 1 << 20);
        kernel.zoned("/dev/odd", 4, 65536, 65536, 0, "logical_block_size=0");
        Files.write(root.resolve("file"), new byte[8192]);
        assertEquals(Optional.empty(), plan("/dev/nowhere").geometry());
        assertEquals(Optional.empty(), plan("/dev/plain").geometry());
        assertEquals(Optional.empty(), plan("/dev/odd").geometry());
        assertEquals(Optional.empty(), plan(root.toString()).geometry());
        assertEquals(Optional.empty(), plan(root.resolve("file").toString()).limits());
        assertEquals(
                1 << 20,
                plan("/dev/plain", "model=none").geometry().orElseThrow().deviceBytes());
    }
}
