package io.zonewright.frontend.scsi.vhostuser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.testkit.scsi.ScsiFlight;
import io.zonewright.testkit.scsi.ScsiRequest;
import io.zonewright.testkit.scsi.virtio.ChainQueue;
import io.zonewright.testkit.scsi.virtio.VirtioScsi;
import io.zonewright.testkit.scsi.virtio.VirtioScsiDriver;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Devices that change under a driver. */
@Timeout(60)
class ChangesTest {
    private static final long HOTPLUG_ONLY = VirtioScsi.F_HOTPLUG | VirtioScsi.F_VERSION_1;

    @TempDir
    Path directory;

    @Test
    void aNewCapacityIsAnEventAndAnAttention() throws IOException {
        PlainDevice device = new PlainDevice();
        try (Adapter adapter = new Adapter(directory, 0, Map.of())) {
            adapter.open(2, device).start();
            // As QEMU does it: CHANGE is never passed on.
            try (VirtioScsiDriver driver =
                    adapter.connect(VirtioScsiDriver.Options.DEFAULT.withFeatures(HOTPLUG_ONLY))) {
                driver.clearAttentions(2);
                ChainQueue.Chain first = driver.events().send(new byte[0], VirtioScsi.EVENT_BYTES);
                ChainQueue.Chain second = driver.events().send(new byte[0], VirtioScsi.EVENT_BYTES);
                device.grow(2 << 20);
                Adapter.await(driver.events(), first);
                assertEquals("03 00 00 00 01 00 40 02 00 00 00 00 2a 09 00 00", Adapter.hex(first, 0, 16));
                assertEquals(16, first.usedBytes());
                Adapter.await(driver.events(), second);
                assertEquals("03 00 00 00 01 00 40 02 00 00 00 00 3f 03 00 00", Adapter.hex(second, 0, 16));
                assertEquals(
                        0x06_2A09, driver.run(ScsiRequest.testUnitReady().to(2)).code());
                assertEquals(
                        0x06_3F03, driver.run(ScsiRequest.testUnitReady().to(2)).code());
                byte[] capacity =
                        driver.must(ScsiRequest.readCapacity10().to(2)).in();
                assertEquals("00000fff00000200", Adapter.HEX.formatHex(capacity));
            }
        }
        assertTrue(device.listeners.isEmpty(), "a front-end that has stopped still listens");
    }

    @Test
    void anEventWaitsForABuffer() throws IOException {
        PlainDevice device = new PlainDevice();
        try (Adapter adapter = new Adapter(directory, 0, Map.of())) {
            adapter.open(0, device).start();
            try (VirtioScsiDriver driver = adapter.connect()) {
                driver.clearAttentions(0);
                device.grow(2 << 20);
                ChainQueue.Chain late = driver.events().send(new byte[0], 64);
                Adapter.await(driver.events(), late);
                assertEquals("03 00 00 00 01 00 40 00 00 00 00 00 2a 09 00 00", Adapter.hex(late, 0, 16));
                assertEquals(16, late.usedBytes(), "of a longer buffer");
            }
        }
    }

    @Test
    void aDiskThatBecomesReadOnlyRefusesWrites() throws IOException {
        PlainDevice device = new PlainDevice();
        try (Adapter adapter = new Adapter(directory, 0, Map.of())) {
            adapter.open(0, device).start();
            try (VirtioScsiDriver driver = adapter.connect()) {
                driver.clearAttentions(0);
                driver.must(Adapter.write(0, 1));
                device.becomeReadOnly();
                driver.clearAttentions(0);
                assertEquals(0x07_2700, driver.run(Adapter.write(0, 1)).code());
            }
        }
    }

    @Test
    void commandsThatComeTogetherAreABatch() throws IOException {
        PlainDevice device = new PlainDevice();
        try (Adapter adapter = new Adapter(directory, 0, Map.of())) {
            adapter.open(0, device).start();
            try (VirtioScsiDriver driver = adapter.connect()) {
                driver.clearAttentions(0);
                var flights = new ScsiFlight[16];
                for (int i = 0; i < flights.length; i++) {
                    flights[i] = driver.stage(0, ScsiRequest.read(i, 1, 512));
                }
                driver.requests(0).submit();
                for (var flight : flights) {
                    assertEquals(0, driver.await(0, flight).code());
                }
                assertEquals(1, device.batches.get());
                assertEquals(
                        16L * 512,
                        Arrays.stream(flights)
                                .mapToLong(flight -> driver.await(0, flight).in().length)
                                .sum());
            }
        }
    }
}
