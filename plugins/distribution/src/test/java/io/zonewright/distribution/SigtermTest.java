package io.zonewright.distribution;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.posix.Posix;
import io.zonewright.testkit.blk.BlkLayout;
import io.zonewright.testkit.blk.BlkQueue;
import io.zonewright.testkit.blk.BlkRequest;
import io.zonewright.testkit.blk.BlkResult;
import io.zonewright.testkit.blk.DriverOptions;
import io.zonewright.testkit.blk.VirtioBlkDriver;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What SIGTERM does to a process that is busy. */
@Timeout(90)
class SigtermTest {
    private static final int OK = 0;
    private static final int BYTES = 4096;
    private static final int ZONE_SECTORS = 8192;
    private static final int READS = 8;
    private static final int WRITES = 16;

    @TempDir
    Path work;

    private static byte[] pattern(int seed) {
        byte[] data = new byte[BYTES];
        new Random(seed).nextBytes(data);
        return data;
    }

    /**
     * Reads take one second and writes three; they are in flight when the signal comes. Requests that come when the
     * first of them complete, well after the daemon has begun to stop, find nobody.
     */
    @Test
    void requestsInFlightAreFinishedAndNoneIsTakenAfterwards() throws Exception {
        Path socket = work.resolve("disk.sock");
        Path control = work.resolve("control.sock");
        Path config = Files.writeString(work.resolve("zonewright.yaml"), """
                devices:
                  disk:
                    backend: { type: null-zoned, size: 64MiB, zone-size: 4MiB, latency: { read: 1s, write: 3s } }
                    frontends: [ { type: virtio-blk, transport: vhost-user, socket: disk.sock } ]
                control: { socket: control.sock }
                """);
        try (Program daemon = Program.start(work, "serve", config.toString())) {
            daemon.awaitReady();
            try (VirtioBlkDriver driver = VirtioBlkDriver.connect(Posix.system(), socket, DriverOptions.DEFAULT)) {
                BlkQueue queue = driver.queue(0);
                assertEquals(OK, driver.run(BlkRequest.write(0, pattern(0))).status());

                List<BlkQueue.Flight> reads = new ArrayList<>();
                List<BlkQueue.Flight> writes = new ArrayList<>();
                for (int i = 0; i < WRITES; i++) {
                    // Four writes one behind the other in each of four zones.
                    long sector = (1 + i % 4L) * ZONE_SECTORS + i / 4 * (BYTES / 512L);
                    writes.add(queue.stage(BlkRequest.write(sector, pattern(100 + i)), BlkLayout.PLAIN));
                }
                for (int i = 0; i < READS; i++) {
                    reads.add(queue.stage(BlkRequest.read(0, BYTES), BlkLayout.PLAIN));
                }
                queue.submit();
                // Asked a few times at most, since the first requests must not complete meanwhile.
                long taken = 0;
                for (int i = 0; i < 50 && taken < 1 + READS + WRITES; i++) {
                    taken = Stats.now(control).number("chains-taken");
                }
                assertEquals(1 + READS + WRITES, taken, "requests that the daemon has taken");
                int completedBefore = queue.splitRing().usedIndex();
                assertEquals(1, completedBefore, "requests that had completed when the signal was sent");

                long signalled = System.nanoTime();
                daemon.terminate();
                daemon.awaitError("disconnects: the daemon stops");
                for (BlkQueue.Flight read : reads) {
                    BlkResult result = driver.await(read);
                    assertEquals(OK, result.status());
                    assertArrayEquals(pattern(0), result.in());
                }
                assertTrue(writes.stream().allMatch(write -> write.result() == null), "the writes are still in flight");
                List<BlkQueue.Flight> late = new ArrayList<>();
                late.add(driver.submit(BlkRequest.read(0, BYTES), BlkLayout.PLAIN));
                late.add(driver.submit(BlkRequest.flush(), BlkLayout.PLAIN));
                queue.kick().signal();

                for (BlkQueue.Flight write : writes) {
                    assertEquals(OK, driver.await(write).status());
                }
                Program.Result end = daemon.end();
                long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - signalled);
                assertEquals(0, end.status(), end.err());
                assertTrue(seconds < 10, "the end took " + seconds + " s, longer than the patience of 10 s");

                queue.collect(); // a second completion of any request would make this fail
                late.forEach(flight -> assertNull(flight.result(), "a request taken after the signal"));
                assertEquals(1 + READS + WRITES, queue.splitRing().usedIndex(), "completions altogether");
                assertTrue(driver.device().hungUp());
                assertFalse(Files.exists(socket), "the front-end's socket");
                assertFalse(Files.exists(control), "the control socket");
                assertFalse(end.err().contains("ERROR"), end.err());
            }
        }
    }

    /** A medium that opens when it is told to, and fails if it is told that. */
    private Program startSlowly() throws Exception {
        Path project = Files.createDirectory(work.resolve("slow"));
        Path sources = Files.createDirectory(project.resolve("src"));
        Files.writeString(project.resolve("MANIFEST.MF"), """
                Plugin-Id: slow
                Plugin-Version: 1.0.0
                Plugin-Requires: >=1.0.0 & <2.0.0
                """);
        Files.writeString(sources.resolve("Slow.java"), """
                package slow;
                import io.zonewright.api.config.*;
                import io.zonewright.api.request.DeviceRequest;
                import io.zonewright.api.spi.*;
                import io.zonewright.api.zone.*;
                import java.io.IOException;
                import java.nio.file.*;
                import java.util.*;
                @org.pf4j.Extension
                public final class Slow implements BackendExtension, BackendPlan {
                    static final Path DIR = Path.of("%s");
                    public String type() { return "slow"; }
                    public String summary() { return ""; }
                    public List<Key> keys() { return List.of(); }
                    public BackendPlan plan(Settings settings, DeviceIdentity device) { return this; }
                    public Optional<ZoneGeometry> geometry() { return Optional.empty(); }
                    public Optional<ZoneLimits> limits() { return Optional.empty(); }
                    public Optional<ZoneRules> zoneRules() { return Optional.empty(); }
                    public ZonedBackend open() throws IOException {
                        Files.createFile(DIR.resolve("opening"));
                        while (!Files.exists(DIR.resolve("go")) && !Files.exists(DIR.resolve("fail"))) {
                            try { Thread.sleep(5); } catch (InterruptedException e) { throw new IOException(e); }
                        }
                        if (Files.exists(DIR.resolve("fail"))) { throw new IOException("there is no medium"); }
                        return new Nothing();
                    }
                    static final class Nothing implements ZonedBackend {
                        public ZoneGeometry geometry() { return ZoneGeometry.unzoned(1 << 20, 512); }
                        public ZoneLimits limits() { return ZoneLimits.NONE; }
                        public Capabilities capabilities() { return Capabilities.PLAIN; }
                        public void loadZones(ZoneSink sink) {}
                        public void submit(DeviceRequest request) { request.complete(); }
                        public void close() {}
                    }
                }
                """.formatted(work));
        Path drop = Files.createDirectory(work.resolve("drop"));
        Archives.build(project, work, drop.resolve("slow.jar"));
        Path config = Files.writeString(work.resolve("slow.yaml"), """
                devices:
                  disk:
                    backend: { type: slow }
                    frontends: [ { type: virtio-blk, transport: vhost-user, socket: disk.sock } ]
                plugins: { dirs: drop }
                control: { socket: control.sock }
                """);
        Program daemon = Program.start(work, "serve", config.toString());
        Program.await("the medium is being opened", () -> Files.exists(work.resolve("opening")));
        return daemon;
    }

    private void assertNoSockets() {
        assertFalse(Files.exists(work.resolve("disk.sock")), "the front-end's socket");
        assertFalse(Files.exists(work.resolve("control.sock")), "the control socket");
    }

    @Test
    void aStartThatFailsAfterTheSignalIsStillAFailure() throws Exception {
        try (Program daemon = startSlowly()) {
            daemon.terminate();
            daemon.awaitError("told to stop");
            Files.createFile(work.resolve("fail"));
            Program.Result end = daemon.end();
            assertEquals(1, end.status(), end.err());
            assertEquals("", end.out());
            assertTrue(
                    end.err().lines().anyMatch("zonewright: device disk: back-end slow: there is no medium"::equals),
                    end.err());
            assertNoSockets();
        }
    }

    @Test
    void aSlowStartThatIsToldToStopNeverSaysReady() throws Exception {
        try (Program daemon = startSlowly()) {
            daemon.terminate();
            daemon.awaitError("told to stop");
            Files.createFile(work.resolve("go"));
            Program.Result end = daemon.end();
            assertEquals(0, end.status(), end.err());
            assertEquals("", end.out());
            assertNoSockets();
        }
    }
}
