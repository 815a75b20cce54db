package io.zonewright.frontend.scsi.vhostuser;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.zonewright.testkit.scsi.ScsiFlight;
import io.zonewright.testkit.scsi.ScsiRequest;
import io.zonewright.testkit.scsi.virtio.ChainQueue;
import io.zonewright.testkit.scsi.virtio.VirtioScsi;
import io.zonewright.testkit.scsi.virtio.VirtioScsiDriver;
import io.zonewright.testkit.vhostuser.DeviceRefusedException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** All three kinds of queue over packed rings of a size that is no power of two, so that chains pass the end in all ways. */
@Timeout(60)
class PackedRingsTest {
    private static final VirtioScsiDriver.Options PACKED =
            VirtioScsiDriver.Options.DEFAULT.packed().withQueueSize(7);

    @TempDir
    Path directory;

    @Test
    void theyAreOfferedWhereTheSettingsSaySo() throws IOException {
        try (Adapter adapter = new Adapter(directory, 1, Map.of())) {
            assertThrows(DeviceRefusedException.class, () -> adapter.connect(PACKED));
            try (VirtioScsiDriver split = adapter.connect()) {
                assertEquals(0, split.offeredFeatures() & VirtioScsi.F_RING_PACKED);
            }
        }
    }

    @Test
    void commandsGoRoundAndRound() throws IOException {
        try (Adapter adapter = new Adapter(directory, 1, Map.of("packed", "true"));
                VirtioScsiDriver driver = adapter.connect(PACKED)) {
            assertEquals(VirtioScsi.F_RING_PACKED, driver.features() & VirtioScsi.F_RING_PACKED);
            driver.clearAttentions(0);
            for (int lba = 0; lba < 100; lba++) {
                ScsiRequest write = Adapter.write(lba, 1);
                driver.must(write);
                assertArrayEquals(
                        write.out(), driver.must(ScsiRequest.read(lba, 1, 512)).in());
            }
        }
    }

    /** Commands end in another order than they came, a function names one of them, an event comes. */
    @Test
    void functionsAndEventsFindTheirWay() throws IOException {
        try (Adapter adapter = new Adapter(directory, 1, Map.of("packed", "true"));
                VirtioScsiDriver driver = adapter.connect(PACKED)) {
            driver.clearAttentions(0);
            driver.must(Adapter.write(0, 3));
            adapter.media.getFirst().holding(operation -> true);
            for (int round = 0; round < 10; round++) {
                List<ScsiFlight> reads = new ArrayList<>();
                for (int i = 0; i < 3; i++) {
                    reads.add(driver.submit(0, ScsiRequest.read(i, 1, 512)));
                }
                awaitHeld(adapter, 3);
                assertEquals(
                        VirtioScsi.S_FUNCTION_SUCCEEDED,
                        driver.manage(
                                VirtioScsi.TMF_QUERY_TASK,
                                VirtioScsi.lun(0),
                                reads.get(1).tag()));
                for (int i = 2; i >= 0; i--) {
                    adapter.media.getFirst().carryOut(i);
                    assertEquals(0, driver.await(0, reads.get(i)).code());
                }
            }
            adapter.media.getFirst().holding(operation -> false);
            for (int lun = 1; lun <= 10; lun++) {
                ChainQueue.Chain event = driver.events().send(new byte[0], VirtioScsi.EVENT_BYTES);
                assertFalse(event.done());
                adapter.open(lun, adapter.newDevice()).start();
                Adapter.await(driver.events(), event);
                assertEquals("01 00 00 00 01 00 40 0" + Integer.toHexString(lun), Adapter.hex(event, 0, 8));
            }
        }
    }

    private static void awaitHeld(Adapter adapter, int count) {
        long end = System.nanoTime() + 10_000_000_000L;
        while (adapter.media.getFirst().held() != count) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException("not in time");
            }
            Thread.onSpinWait();
        }
    }
}
