package io.zonewright.frontend.scsi.vhostuser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.zonewright.testkit.scsi.virtio.ChainQueue;
import io.zonewright.testkit.scsi.virtio.VirtioScsi;
import io.zonewright.testkit.scsi.virtio.VirtioScsiDriver;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Features and configuration space (virtio 1.3, sections 5.6.3 and 5.6.4). */
@Timeout(60)
class ConfigurationTest {
    @TempDir
    Path directory;

    @Test
    void configurationSpaceByteByByte() throws IOException {
        try (Adapter adapter = new Adapter(directory, 1, Map.of("queues", "3", "queue-size", "128"));
                VirtioScsiDriver driver = adapter.connect(VirtioScsiDriver.Options.DEFAULT.withQueues(3))) {
            assertEquals(
                    "03000000" // num_queues
                            + "7e000000" // seg_max 126
                            + "00800000" // max_sectors: 16 MiB
                            + "80000000" // cmd_per_lun 128
                            + "10000000" // event_info_size 16
                            + "60000000" // sense_size 96
                            + "20000000" // cdb_size 32
                            + "0000" // max_channel
                            + "0000" // max_target
                            + "ff3f0000", // max_lun 16383
                    config(driver));
            assertEquals(5, driver.deviceQueues());
            assertEquals(
                    VirtioScsi.F_HOTPLUG | VirtioScsi.F_CHANGE,
                    driver.offeredFeatures() & 0xFF_FFFF,
                    "no INOUT, no PI");
        }
    }

    @Test
    void theDriverChoosesTheSizesOfCdbAndSense() throws IOException {
        try (Adapter adapter = new Adapter(directory, 1, Map.of());
                VirtioScsiDriver driver = adapter.connect()) {
            assertEquals(0, driver.device().setConfig(20, le32(18)));
            assertEquals(0, driver.device().setConfig(24, le32(16)));
            byte[] command = VirtioScsi.command(VirtioScsi.lun(0), 1, 0, new byte[6], 16, new byte[0]);
            ChainQueue queue = driver.requests(0);
            ChainQueue.Chain chain = Adapter.await(queue, queue.send(command, 12 + 18));
            assertEquals(
                    "12 00 00 00 00 00 00 00 00 00 02 00 70 00 06 00 00 00 00 0a 00 00 00 00 29 00 00 00 00 00",
                    Adapter.hex(chain, 0, 30));
            assertEquals(30, chain.usedBytes());
            assertEquals(0, driver.device().setConfig(24, le32(260)));
            command = VirtioScsi.command(VirtioScsi.lun(0), 1, 0, new byte[6], 260, new byte[0]);
            chain = Adapter.await(queue, queue.send(command, 12 + 18));
            assertEquals("00 00 00 00 00 00 00 00 00 00 00 00", Adapter.hex(chain, 0, 12));
        }
    }

    @Test
    void otherFieldsAndSizesOfNoUseAreRefused() throws IOException {
        try (Adapter adapter = new Adapter(directory, 1, Map.of());
                VirtioScsiDriver driver = adapter.connect()) {
            String before = config(driver);
            for (int[] bad : new int[][] {{20, 17}, {20, 253}, {24, 5}, {24, 261}, {0, 2}, {4, 1}, {28, 1}, {32, 1}}) {
                assertNotEquals(0, driver.device().setConfig(bad[0], le32(bad[1])), bad[0] + " to " + bad[1]);
                assertEquals(before, config(driver));
            }
            // The same bytes once more are no change.
            assertEquals(0, driver.device().setConfig(0, HexFormat.of().parseHex(before)));
        }
    }

    @Test
    void aNewDriverFindsTheDefaults() throws IOException {
        try (Adapter adapter = new Adapter(directory, 1, Map.of())) {
            String before;
            try (VirtioScsiDriver driver = adapter.connect()) {
                before = config(driver);
                assertEquals(0, driver.device().setConfig(20, le32(18)));
                assertNotEquals(before, config(driver));
            }
            try (VirtioScsiDriver driver = adapter.connect()) {
                assertEquals(before, config(driver));
            }
        }
    }

    private static String config(VirtioScsiDriver driver) {
        return HexFormat.of().formatHex(driver.device().getConfig(0, VirtioScsi.CONFIG_BYTES));
    }

    private static byte[] le32(int value) {
        return ByteBuffer.allocate(4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(value)
                .array();
    }
}
