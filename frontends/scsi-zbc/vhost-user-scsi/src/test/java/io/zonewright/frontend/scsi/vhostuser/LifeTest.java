package io.zonewright.frontend.scsi.vhostuser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.testkit.scsi.ScsiFlight;
import io.zonewright.testkit.scsi.ScsiRequest;
import io.zonewright.testkit.scsi.virtio.ChainQueue;
import io.zonewright.testkit.scsi.virtio.VirtioScsi;
import io.zonewright.testkit.scsi.virtio.VirtioScsiDriver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Adapters, disks and drivers that come and go, and drivers that misbehave. */
@Timeout(60)
class LifeTest {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    @TempDir
    Path directory;

    @Test
    void disksBehindOneAdapterAreSeparate() throws IOException {
        try (Adapter adapter = new Adapter(directory, 3, Map.of());
                VirtioScsiDriver driver = adapter.ready(3)) {
            driver.must(Adapter.write(0, 3).to(1));
            assertEquals(0x05_2104, driver.run(Adapter.write(3, 1)).code(), "LUN 0 has its own write pointer");
            driver.must(Adapter.write(3, 1).to(1));
            byte[] luns = driver.must(ScsiRequest.reportLuns(0, 64)).in();
            assertEquals(8 + 3 * 8, luns.length);
            assertEquals(
                    0x05_2500, driver.run(ScsiRequest.testUnitReady().to(3)).code());
        }
    }

    @Test
    void itListensOnlyWhenAllThatWereOpenedHaveStarted() throws IOException {
        try (Adapter adapter = new Adapter(directory, 0, Map.of())) {
            adapter.open(0, adapter.newDevice());
            adapter.open(1, adapter.newDevice());
            adapter.frontend(0).start();
            assertFalse(Files.exists(adapter.socket));
            adapter.frontend(1).start();
            assertTrue(Files.exists(adapter.socket));
        }
    }

    @Test
    void aDiskThatComesLaterIsPluggedIn() throws IOException {
        try (Adapter adapter = new Adapter(directory, 1, Map.of());
                VirtioScsiDriver driver = adapter.ready(1)) {
            ChainQueue.Chain event = driver.events().send(new byte[0], VirtioScsi.EVENT_BYTES);
            adapter.open(300, adapter.newDevice()).start();
            Adapter.await(driver.events(), event);
            // TRANSPORT RESET of LUN 300 in flat addressing, RESCAN
            assertEquals("01 00 00 00 01 00 41 2c 00 00 00 00 01 00 00 00", Adapter.hex(event, 0, 16));
            assertEquals(0x06_3F0E, driver.run(ScsiRequest.testUnitReady()).code(), "REPORTED LUNS DATA HAS CHANGED");
            driver.clearAttentions(300);
            driver.must(Adapter.write(0, 1).to(300));
        }
    }

    @Test
    void aDriverWithoutHotplugHearsOfItByAttentionOnly() throws IOException {
        try (Adapter adapter = new Adapter(directory, 1, Map.of());
                VirtioScsiDriver driver =
                        adapter.connect(VirtioScsiDriver.Options.DEFAULT.withFeatures(VirtioScsi.F_VERSION_1))) {
            driver.clearAttentions(0);
            ChainQueue.Chain event = driver.events().send(new byte[0], VirtioScsi.EVENT_BYTES);
            adapter.open(1, adapter.newDevice()).start();
            assertEquals(0x06_3F0E, driver.run(ScsiRequest.testUnitReady()).code());
            assertFalse(driver.events().await(event, 50));
        }
    }

    @Test
    void theAdapterEndsWithTheFirstOfItsDisks() throws IOException {
        try (Adapter adapter = new Adapter(directory, 2, Map.of());
                VirtioScsiDriver driver = adapter.ready(2)) {
            ChainQueue.Chain event = driver.events().send(new byte[0], VirtioScsi.EVENT_BYTES);
            adapter.frontend(1).stop(PATIENCE);
            assertTrue(driver.device().awaitHangUp(10_000));
            assertFalse(Files.exists(adapter.socket));
            driver.events().collect();
            assertFalse(event.done(), "nothing was unplugged");
            IOException refused = assertThrows(IOException.class, () -> adapter.open(2, adapter.newDevice()));
            assertEquals("scsi-zbc " + adapter.socket + " is just being closed", refused.getMessage());
        }
        try (Adapter again = new Adapter(directory, 2, Map.of());
                VirtioScsiDriver driver = again.ready(2)) {
            driver.must(Adapter.write(0, 1).to(1));
        }
    }

    @Test
    void stoppingWaitsForWhatIsInFlight() throws Exception {
        try (Adapter adapter = new Adapter(directory, 1, Map.of());
                VirtioScsiDriver driver = adapter.ready(1)) {
            driver.must(Adapter.write(0, 1));
            adapter.media.getFirst().holding(operation -> true);
            ScsiFlight flight = driver.submit(0, ScsiRequest.read(0, 1, 512));
            awaitHeld(adapter, 1);
            Thread stopping = Thread.ofVirtual().start(() -> adapter.frontend(0).stop(PATIENCE));
            assertFalse(stopping.join(Duration.ofMillis(50)));
            adapter.media.getFirst().carryOut(0);
            assertTrue(stopping.join(PATIENCE));
            driver.collect(0);
            assertEquals(0, driver.await(0, flight).code());
        }
    }

    @Test
    void aDriverThatGoesWithCommandsInFlightLeavesNothingBehind() throws IOException {
        try (Adapter adapter = new Adapter(directory, 1, Map.of())) {
            try (VirtioScsiDriver driver = adapter.ready(1)) {
                driver.must(Adapter.write(0, 1));
                adapter.media.getFirst().holding(operation -> true);
                for (int i = 0; i < 30; i++) {
                    driver.submit(0, ScsiRequest.read(0, 1, 512));
                }
                awaitHeld(adapter, 30);
                // Its memory stays mapped until the medium is done with it.
                Thread.ofVirtual().start(() -> {
                    adapter.media.getFirst().holding(operation -> false);
                    adapter.media.getFirst().carryOutAll();
                });
            }
            try (VirtioScsiDriver next = adapter.connect()) {
                // A new nexus: it hears of power on, once.
                assertEquals(1, next.clearAttentions(0));
                assertEquals(0, next.run(ScsiRequest.read(0, 1, 512)).code());
            }
        }
    }

    @Test
    void entriesOfOneSocketMustAgree() throws IOException {
        try (Adapter adapter = new Adapter(directory, 1, Map.of());
                Adapter other = new Adapter(directory, 0, Map.of("queues", "2"))) {
            IOException refused = assertThrows(IOException.class, () -> other.open(1, other.newDevice()));
            assertEquals(
                    "scsi-zbc " + adapter.socket
                            + " is shared by several devices, which must agree on queues, queue-size,"
                            + " threads, spin, packed, socket-mode and socket-group",
                    refused.getMessage());
            IOException taken = assertThrows(
                    IOException.class,
                    () -> adapter.open(0, adapter.newDevice()).start());
            assertEquals("scsi-zbc " + adapter.socket + " has a LUN 0 already", taken.getMessage());
        }
    }

    /** The device stops until it is reset; its neighbour goes on. */
    @Test
    void brokenRequestsStopTheirDeviceAlone() throws IOException {
        Path elsewhere = Files.createDirectory(directory.resolve("n"));
        try (Adapter adapter = new Adapter(directory, 1, Map.of());
                Adapter neighbour = new Adapter(elsewhere, 1, Map.of());
                VirtioScsiDriver fine = neighbour.ready(1)) {
            byte[] command = VirtioScsi.command(VirtioScsi.lun(0), 1, 0, new byte[6], 32, new byte[0]);
            // header one byte short; room one byte short; no room; nothing to read
            breaks(adapter, 2, Arrays.copyOf(command, 50), Adapter.RESPONSE);
            breaks(adapter, 2, command, Adapter.RESPONSE - 1);
            breaks(adapter, 2, command, 0);
            breaks(adapter, 2, new byte[0], Adapter.RESPONSE);
            // control: no type; no room; a function one byte short; a query without room
            breaks(adapter, 0, new byte[3], 1);
            breaks(adapter, 0, VirtioScsi.function(0, VirtioScsi.lun(0), 0), 0);
            breaks(adapter, 0, new byte[23], 1);
            breaks(adapter, 0, VirtioScsi.notification(1, VirtioScsi.lun(0), 0), 4);
            fine.must(Adapter.write(0, 1));
            try (VirtioScsiDriver driver = adapter.ready(1)) {
                driver.must(Adapter.write(0, 1));
            }
        }
    }

    private static void breaks(Adapter adapter, int queue, byte[] out, int inBytes) {
        try (VirtioScsiDriver driver = adapter.connect()) {
            ChainQueue bad = queue == 0 ? driver.control() : driver.requests(0);
            bad.send(out, inBytes);
            awaitStopped(adapter);
            assertEquals(0, bad.collect(), "a stopped device completes nothing");
            ChainQueue.Chain next = driver.requests(0)
                    .send(VirtioScsi.command(VirtioScsi.lun(0), 2, 0, new byte[6], 32, new byte[0]), Adapter.RESPONSE);
            assertFalse(driver.requests(0).await(next, 20));
        }
    }

    @Test
    void aShortBufferForEventsStopsTheDevice() throws IOException {
        try (Adapter adapter = new Adapter(directory, 1, Map.of());
                VirtioScsiDriver driver = adapter.ready(1)) {
            driver.events().send(new byte[0], VirtioScsi.EVENT_BYTES - 1);
            assertEquals("", adapter.frontend(0).stats().get("stopped-because"), "nobody looked at it yet");
            adapter.open(1, adapter.newDevice()).start();
            awaitStopped(adapter);
        }
    }

    private static void awaitStopped(Adapter adapter) {
        await(() -> !"".equals(adapter.frontend(0).stats().get("stopped-because")));
    }

    private static void awaitHeld(Adapter adapter, int count) {
        await(() -> adapter.media.getFirst().held() == count);
    }

    private static void await(BooleanSupplier done) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!done.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException("not in time");
            }
            Thread.onSpinWait();
        }
    }
}
