package io.zonewright.backend.linuxzbd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.api.request.Operation;
import io.zonewright.api.spi.DeviceIdentity;
import io.zonewright.api.spi.ZonedBackend;
import io.zonewright.api.zone.ZoneModel;
import io.zonewright.api.zone.ZoneRules;
import io.zonewright.engine.EngineDevice;
import io.zonewright.testkit.config.TestSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A regular file of the running kernel as an ordinary disk, through the engine. */
class FileDiskTest {
    private static final int MIB = 1 << 20;

    private final Path file;
    private EngineDevice device;

    FileDiskTest(@TempDir Path directory) throws IOException {
        file = directory.resolve("disk");
        Files.write(file, new byte[8 * MIB]);
        device = open();
    }

    private EngineDevice open(String... words) throws IOException {
        Map<String, String> values = new LinkedHashMap<>(Map.of("path", file.toString(), "model", "none"));
        for (String word : words) {
            values.put(word.substring(0, word.indexOf('=')), word.substring(word.indexOf('=') + 1));
        }
        LinuxZbdExtension extension = new LinuxZbdExtension();
        ZonedBackend backend = extension
                .plan(TestSettings.of(extension.keys(), values), DeviceIdentity.of("disk"))
                .open();
        return EngineDevice.open(DeviceIdentity.of("disk"), backend, ZoneRules.ZBC);
    }

    @BeforeEach
    void isAnOrdinaryDisk() {
        assertEquals(ZoneModel.NONE, device.geometry().model());
        assertEquals(8L * MIB, device.geometry().deviceBytes());
    }

    @AfterEach
    void close() {
        assertTrue(device.close(Duration.ofSeconds(10)));
    }

    @Test
    void whatIsWrittenIsInTheFileByteForByte() throws IOException {
        int block = device.geometry().blockSize();
        assertEquals(
                "DONE " + 3 * block,
                Ask.write(5L * block, 3 * block, 1).on(device).outcome());
        assertEquals("DONE " + MIB, Ask.write(4L * MIB, MIB, 2).fua().on(device).outcome());
        assertEquals("DONE 0", Ask.of(Operation.FLUSH, 0, 0).on(device).outcome());

        byte[] expected = new byte[8 * MIB];
        System.arraycopy(Ask.pattern(3 * block, 1), 0, expected, 5 * block, 3 * block);
        System.arraycopy(Ask.pattern(MIB, 2), 0, expected, 4 * MIB, MIB);
        assertArrayEquals(expected, Files.readAllBytes(file));
        assertArrayEquals(
                Arrays.copyOfRange(expected, 4 * block, 10 * block),
                Ask.read(4L * block, 6 * block).on(device).bytes());
    }

    @Test
    void zeroesAndDiscardsReadAsZeroes() throws IOException {
        Ask.write(0, MIB, 3).on(device);
        assertEquals(
                "DONE 65536",
                Ask.of(Operation.WRITE_ZEROES, 65536, 65536).on(device).outcome());
        assertEquals(
                "DONE",
                Ask.of(Operation.DISCARD, 262144, 131072).on(device).cause().name());
        byte[] expected = new byte[8 * MIB];
        System.arraycopy(Ask.pattern(MIB, 3), 0, expected, 0, MIB);
        Arrays.fill(expected, 65536, 131072, (byte) 0);
        Arrays.fill(expected, 262144, 393216, (byte) 0);
        assertArrayEquals(expected, Files.readAllBytes(file));
    }
}
