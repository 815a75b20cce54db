package io.zonewright.backend.linuxzbd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.testkit.config.TestSettings;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SettingsReaderTest {
    private List<String> problems = List.of();

    private Optional<LinuxZbdConfig> read(String... words) {
        Map<String, String> values = new LinkedHashMap<>();
        for (String word : words) {
            values.put(word.substring(0, word.indexOf('=')), word.substring(word.indexOf('=') + 1));
        }
        TestSettings settings = TestSettings.of(LinuxZbdKeys.ALL, values);
        Optional<LinuxZbdConfig> config = SettingsReader.read(settings, "disk");
        problems = settings.problems();
        assertEquals(config.isPresent(), problems.isEmpty() && values.containsKey("path"));
        return config;
    }

    @Test
    void aPathIsEnough() {
        assertEquals(
                "LinuxZbdConfig[device=disk, path=/dev/sdz, zoned=true, readOnly=false, cachedReports=false, "
                        + "discard=ZEROES, io=AUTO, queueDepth=128, threads=4]",
                read("path=/dev/sdz").orElseThrow().toString());
    }

    @Test
    void everyKeyCounts() {
        assertEquals(
                "LinuxZbdConfig[device=disk, path=/dev/sdz, zoned=true, readOnly=true, cachedReports=true, "
                        + "discard=TRIM, io=IO_URING, queueDepth=4096, threads=64]",
                read(
                                "path=/dev/sdz",
                                "read-only=true",
                                "reports=cached",
                                "discard=trim",
                                "io=io_uring",
                                "queue-depth=4096",
                                "threads=64")
                        .orElseThrow()
                        .toString());
        assertEquals(
                "LinuxZbdConfig[device=disk, path=/x, zoned=false, readOnly=false, cachedReports=false, discard=OFF, "
                        + "io=THREADS, queueDepth=64, threads=4]",
                read("path=/x", "model=none", "discard=off", "io=threads")
                        .orElseThrow()
                        .toString());
    }

    @Test
    void withoutAPathThereIsNothingButTheHostsOwnMessage() {
        assertTrue(read("queue-depth=0").isEmpty());
        assertEquals(List.of(), problems);
    }

    @Test
    void numbersOutOfRangeAreToldWithTheNearest() {
        read("path=/x", "queue-depth=0", "threads=65");
        assertEquals(
                List.of(
                        "queue-depth: a queue depth of 0 is not within 1 to 4096; the nearest is 1",
                        "threads: a number of threads of 65 is not within 1 to 64; the nearest is 64"),
                problems);
        read("path=/x", "queue-depth=65", "io=threads");
        assertEquals(List.of("queue-depth: a queue depth of 65 is not within 1 to 64; the nearest is 64"), problems);
    }

    @Test
    void reportsSayNothingAboutAnOrdinaryDisk() {
        read("path=/x", "model=none", "reports=cached");
        assertEquals(
                List.of(
                        "reports: 'reports' says nothing about a device with 'model: none'; remove it, or set 'model: auto'"),
                problems);
    }
}
