package io.zonewright.frontend.scsi.vhostuser;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.zonewright.api.spi.FrontendExtension;
import io.zonewright.testkit.scsi.ScsiRequest;
import io.zonewright.testkit.scsi.virtio.VirtioScsi;
import io.zonewright.testkit.scsi.virtio.VirtioScsiDriver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Drivers that come and go by the hundred, in all ways of going, leave nothing of theirs in this process. */
@Timeout(120)
class AttachCyclesTest {
    private static final int WARM_UP = 12;
    private static final int CYCLES = 200;
    private static final int QUIET_READINGS = 8;
    private static final long READING_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"vhost-user", "vfio-user"})
    void nothingIsLeftBehind(String transport) throws IOException {
        FrontendExtension extension = transport.equals("vhost-user") ? new ScsiVhostUser() : new ScsiVfioUser();
        try (Adapter adapter =
                new Adapter(directory, 2, Map.of("queues", "2", "threads", "2", "packed", "true"), extension)) {
            for (int i = 0; i < WARM_UP; i++) {
                cycle(adapter, i);
            }
            Map<String, Long> before = quiet();
            for (int i = 0; i < CYCLES; i++) {
                cycle(adapter, i);
            }
            assertEquals(before, settled(before));
            assertEquals(
                    "",
                    adapter.frontend(0).stats().getOrDefault("stopped-because", ""),
                    "the last one was well behaved");
        }
    }

    /** Attaches, works a little, and goes: with all done, with commands in flight, after a reset, with an event waiting. */
    private static void cycle(Adapter adapter, int turn) {
        VirtioScsiDriver.Options options =
                VirtioScsiDriver.Options.DEFAULT.withQueues(2).withDataBytes(1 << 16);
        try (VirtioScsiDriver driver = adapter.connect(turn % 3 == 0 ? options.packed() : options)) {
            driver.clearAttentions(turn % 2);
            driver.must(ScsiRequest.inquiry(36).to(turn % 2));
            driver.events().send(new byte[0], VirtioScsi.EVENT_BYTES);
            switch (turn % 4) {
                case 1 -> {
                    for (int i = 0; i < 10; i++) {
                        driver.submit(i % 2, ScsiRequest.read(0, 8, 512).to(turn % 2));
                    }
                }
                case 2 ->
                    assertEquals(
                            VirtioScsi.S_OK, driver.manage(VirtioScsi.TMF_LOGICAL_UNIT_RESET, VirtioScsi.lun(0), 0));
                case 3 ->
                    driver.control().send(VirtioScsi.function(VirtioScsi.TMF_I_T_NEXUS_RESET, VirtioScsi.lun(0), 0), 1);
                default -> {}
            }
        }
    }

    /** What is held once the last driver has been forgotten. */
    private static Map<String, Long> quiet() throws IOException {
        Map<String, Long> now = held();
        for (int same = 0; same < QUIET_READINGS; same++) {
            LockSupport.parkNanos(READING_NANOS);
            Map<String, Long> next = held();
            if (!next.equals(now)) {
                now = next;
                same = 0;
            }
        }
        return now;
    }

    private static Map<String, Long> settled(Map<String, Long> expected) throws IOException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        Map<String, Long> now = held();
        while (!now.equals(expected) && System.nanoTime() < end) {
            LockSupport.parkNanos(READING_NANOS);
            now = held();
        }
        return now;
    }

    /** Descriptors that have to do with clients, mappings of their memory, threads of adapters. */
    private static Map<String, Long> held() throws IOException {
        Map<String, Long> held = new TreeMap<>();
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
            descriptors.map(AttachCyclesTest::kind).forEach(kind -> held.merge(kind, 1L, Long::sum));
        }
        try (Stream<String> maps = Files.lines(Path.of("/proc/self/maps"))) {
            held.put("mappings", maps.filter(line -> line.contains("memfd:")).count());
        }
        held.put(
                "threads",
                Thread.getAllStackTraces().keySet().stream()
                        .filter(thread -> thread.getName().contains("scsi-zbc"))
                        .count());
        held.remove("");
        return held;
    }

    private static String kind(Path descriptor) {
        try {
            String target = Files.readSymbolicLink(descriptor).toString();
            return Stream.of("memfd", "eventfd", "socket", "eventpoll")
                    .filter(target::contains)
                    .findFirst()
                    .orElse("");
        } catch (NoSuchFileException e) {
            return "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
