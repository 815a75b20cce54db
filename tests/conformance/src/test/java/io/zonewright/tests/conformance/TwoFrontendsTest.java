package io.zonewright.tests.conformance;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.zonewright.posix.Posix;
import io.zonewright.testkit.blk.BlkRequest;
import io.zonewright.testkit.blk.BlkResult;
import io.zonewright.testkit.blk.DriverOptions;
import io.zonewright.testkit.blk.VirtioBlk;
import io.zonewright.testkit.blk.VirtioBlkDriver;
import io.zonewright.testkit.blk.ZoneReport;
import io.zonewright.testkit.device.TestDevice;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two front-ends on one device see one state. */
@Timeout(60)
class TwoFrontendsTest {
    private static final Shape SHAPE = Shape.ALL.getFirst();

    private static byte[] block(int seed) {
        byte[] bytes = new byte[512];
        Arrays.fill(bytes, (byte) seed);
        return bytes;
    }

    private static ZoneReport.Zone zone(VirtioBlkDriver driver, long sector) {
        return driver.run(BlkRequest.report(sector, 1)).report().zones().getFirst();
    }

    @Test
    void whatOneDoesTheOtherSees() {
        try (TestDevice device = NullZonedMedium.device(SHAPE)) {
            Path one = FrontendUnderTest.VIRTIO_BLK.start(device);
            Path two = FrontendUnderTest.VIRTIO_BLK.start(device);
            try (VirtioBlkDriver a = VirtioBlkDriver.connect(Posix.system(), one, DriverOptions.DEFAULT);
                    VirtioBlkDriver b = VirtioBlkDriver.connect(Posix.system(), two, DriverOptions.DEFAULT)) {
                assertEquals(0, a.run(BlkRequest.write(0, block(1))).status());
                assertEquals(new ZoneReport.Zone(256, 0, 1, VirtioBlk.ZT_SWR, VirtioBlk.ZS_IOPEN), zone(b, 0));
                assertArrayEquals(block(1), b.run(BlkRequest.read(0, 512)).in());
                assertEquals(
                        VirtioBlk.S_ZONE_UNALIGNED_WP,
                        b.run(BlkRequest.write(0, block(2))).status());
                BlkResult appended = b.run(BlkRequest.linuxAppend(0, block(3)));
                assertEquals(0, appended.status());
                assertEquals(1, appended.appendSector());
                assertEquals(2, zone(a, 0).writePointer());
                assertEquals(0, b.run(BlkRequest.finish(0)).status());
                assertEquals(
                        VirtioBlk.S_ZONE_INVALID_CMD,
                        a.run(BlkRequest.write(2, block(4))).status());
                assertEquals(0, a.run(BlkRequest.reset(0)).status());
                assertEquals(new ZoneReport.Zone(256, 0, 0, VirtioBlk.ZT_SWR, VirtioBlk.ZS_EMPTY), zone(b, 0));
                assertArrayEquals(new byte[512], b.run(BlkRequest.read(0, 512)).in());
            }
        }
    }

    @Test
    void appendsOfBothToOneZoneNeverOverlap() {
        try (TestDevice device = NullZonedMedium.device(SHAPE)) {
            ConcurrentSkipListSet<Long> places = new ConcurrentSkipListSet<>();
            CompletableFuture<?>[] both = new CompletableFuture<?>[2];
            for (int i = 0; i < 2; i++) {
                Path socket = FrontendUnderTest.VIRTIO_BLK.start(device);
                int seed = i + 1;
                both[i] = CompletableFuture.runAsync(() -> append(socket, seed, places));
            }
            CompletableFuture.allOf(both).join();
            TreeSet<Long> expected = new TreeSet<>();
            for (long sector = 0; sector < 256; sector++) {
                expected.add(sector);
            }
            assertEquals(expected, places);
        }
    }

    /** Half a zone, a block at a time, each checked where it went. */
    private static void append(Path socket, int seed, ConcurrentSkipListSet<Long> places) {
        try (VirtioBlkDriver driver = VirtioBlkDriver.connect(Posix.system(), socket, DriverOptions.DEFAULT)) {
            for (int i = 0; i < 128; i++) {
                BlkResult result = driver.run(BlkRequest.append(0, block(seed * 100 + i)));
                assertEquals(0, result.status());
                places.add(result.appendSector());
                assertArrayEquals(
                        block(seed * 100 + i),
                        driver.run(BlkRequest.read(result.appendSector(), 512)).in());
            }
        }
    }
}
