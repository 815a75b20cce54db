package io.zonewright.frontend.scsi.vhostuser;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.zonewright.testkit.scsi.ScsiFlight;
import io.zonewright.testkit.scsi.ScsiRequest;
import io.zonewright.testkit.scsi.virtio.ChainQueue;
import io.zonewright.testkit.scsi.virtio.VirtioScsi;
import io.zonewright.testkit.scsi.virtio.VirtioScsiDriver;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A driver of the PCI function, from registers to data. */
@Timeout(60)
class PciTest {
    private static final long LUN_0 = VirtioScsi.lun(0);
    private static final VirtioScsiDriver.Options SPLIT = VirtioScsiDriver.Options.DEFAULT;

    @TempDir
    Path directory;

    private Adapter adapter(Map<String, String> settings) throws IOException {
        return new Adapter(directory, 1, settings, new ScsiVfioUser());
    }

    @ParameterizedTest
    @CsvSource({"trapped, false", "trapped, true", "mapped, false"})
    void commandsComeBackByInterrupt(String doorbells, boolean packed) throws IOException {
        try (Adapter adapter = adapter(Map.of("doorbells", doorbells, "queues", "2"));
                VirtioScsiDriver driver =
                        adapter.connect((packed ? SPLIT.packed().withQueueSize(9) : SPLIT).withQueues(2))) {
            assertEquals(4, driver.deviceQueues());
            driver.clearAttentions(0);
            for (int lba = 0; lba < 50; lba++) {
                ScsiRequest write = Adapter.write(lba, 1);
                assertEquals(0, driver.await(1, driver.submit(1, write)).code());
                assertArrayEquals(
                        write.out(), driver.must(ScsiRequest.read(lba, 1, 512)).in());
            }
        }
    }

    @Test
    void theDriverReadsAndChangesTheConfiguration() throws IOException {
        try (Adapter adapter = adapter(Map.of("queues", "3", "queue-size", "128"));
                VirtioScsiDriver driver = adapter.connect()) {
            // num_queues, seg_max, max_sectors, cmd_per_lun, event_info_size, sense_size, cdb_size, channel, target,
            // lun
            String before = "03000000" + "7e000000" + "00800000" + "80000000" + "10000000" + "60000000" + "20000000"
                    + "00000000" + "ff3f0000";
            assertEquals(before, config(driver));
            driver.pci().setDeviceConfig(20, 18);
            driver.pci().setDeviceConfig(24, 16);
            // Of no use, and left as it was.
            driver.pci().setDeviceConfig(24, 261);
            driver.pci().setDeviceConfig(0, 1);
            assertEquals(before.replace("6000000020000000", "1200000010000000"), config(driver));
            byte[] command = VirtioScsi.command(LUN_0, 1, 0, new byte[6], 16, new byte[0]);
            ChainQueue queue = driver.requests(0);
            ChainQueue.Chain chain = Adapter.await(queue, queue.send(command, 12 + 18));
            assertEquals("12 00 00 00 00 00 00 00 00 00 02 00 70 00 06", Adapter.hex(chain, 0, 15));
            assertEquals(30, chain.usedBytes());
        }
    }

    /** Unlike QEMU's vhost-user-scsi, the function knows what its driver accepted. */
    @Test
    void changesAreToldToWhoAcceptedChange() throws IOException {
        PlainDevice device = new PlainDevice();
        try (Adapter adapter = new Adapter(directory, 0, Map.of(), new ScsiVfioUser())) {
            adapter.open(0, device).start();
            try (VirtioScsiDriver deaf =
                    adapter.connect(SPLIT.withFeatures(VirtioScsi.F_HOTPLUG | VirtioScsi.F_VERSION_1))) {
                deaf.clearAttentions(0);
                ChainQueue.Chain event = deaf.events().send(new byte[0], VirtioScsi.EVENT_BYTES);
                device.grow(2 << 20);
                assertEquals(0x06_2A09, deaf.run(ScsiRequest.testUnitReady()).code());
                assertFalse(deaf.events().await(event, 50));
            }
            try (VirtioScsiDriver driver =
                    adapter.connect(SPLIT.withFeatures(VirtioScsi.F_CHANGE | VirtioScsi.F_VERSION_1))) {
                driver.clearAttentions(0);
                ChainQueue.Chain event = driver.events().send(new byte[0], VirtioScsi.EVENT_BYTES);
                device.grow(3 << 20);
                Adapter.await(driver.events(), event);
                assertEquals("03 00 00 00 01 00 40 00 00 00 00 00 2a 09 00 00", Adapter.hex(event, 0, 16));
            }
        }
    }

    @Test
    void anAbortedCommandEndsBeforeItsFunction() throws IOException {
        try (Adapter adapter = adapter(Map.of());
                VirtioScsiDriver driver = adapter.ready(1)) {
            driver.must(Adapter.write(0, 1));
            adapter.media.getFirst().holding(operation -> true);
            ScsiFlight flight = driver.submit(0, ScsiRequest.read(0, 1, 512));
            awaitTrue(() -> adapter.media.getFirst().held() == 1);
            ChainQueue.Chain function =
                    driver.control().send(VirtioScsi.function(VirtioScsi.TMF_ABORT_TASK, LUN_0, flight.tag()), 1);
            assertFalse(driver.control().await(function, 20), "the medium still has it");
            adapter.media.getFirst().carryOut(0);
            Adapter.await(driver.control(), function);
            assertEquals(VirtioScsi.S_OK, function.in()[0]);
            driver.collect(0);
            assertEquals(
                    VirtioScsi.S_ABORTED,
                    Objects.requireNonNull(flight.result()).response());
        }
    }

    @Test
    void aResetWaitsForWhatIsInFlightAndBeginsAnew() throws IOException {
        try (Adapter adapter = adapter(Map.of())) {
            try (VirtioScsiDriver driver = adapter.ready(1)) {
                driver.must(Adapter.write(0, 1));
                driver.pci().setDeviceConfig(20, 18);
                adapter.media.getFirst().holding(operation -> true);
                for (int i = 0; i < 10; i++) {
                    driver.submit(0, ScsiRequest.read(0, 1, 512));
                }
                awaitTrue(() -> adapter.media.getFirst().held() == 10);
                Thread.ofVirtual().start(() -> {
                    adapter.media.getFirst().holding(operation -> false);
                    adapter.media.getFirst().carryOutAll();
                });
                driver.pci().setStatus(0);
                awaitTrue(() -> driver.pci().status() == 0);
                assertEquals(0, adapter.media.getFirst().held());
                assertEquals("60000000", config(driver).substring(40, 48), "sense_size is back at its default");
            }
            try (VirtioScsiDriver next = adapter.connect()) {
                assertEquals(1, next.clearAttentions(0));
                assertEquals(0, next.run(ScsiRequest.read(0, 1, 512)).code());
            }
        }
    }

    private static String config(VirtioScsiDriver driver) {
        return HexFormat.of().formatHex(driver.pci().deviceConfig(VirtioScsi.CONFIG_BYTES));
    }

    private static void awaitTrue(BooleanSupplier done) {
        long end = System.nanoTime() + 10_000_000_000L;
        while (!done.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException("not in time");
            }
            Thread.onSpinWait();
        }
    }
}
