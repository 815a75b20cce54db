package io.zonewright.tests.conformance;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.posix.Posix;
import io.zonewright.testkit.blk.BlkLayout;
import io.zonewright.testkit.blk.BlkQueue;
import io.zonewright.testkit.blk.BlkRequest;
import io.zonewright.testkit.blk.DriverOptions;
import io.zonewright.testkit.blk.VirtioBlk;
import io.zonewright.testkit.blk.VirtioBlkDriver;
import io.zonewright.testkit.blk.ZoneReport;
import io.zonewright.testkit.device.TestDevice;
import io.zonewright.testkit.vhostuser.DeviceRefusedException;
import io.zonewright.testkit.vhostuser.VhostUser;
import io.zonewright.testkit.vhostuser.VhostUserDriver;
import io.zonewright.testkit.vhostuser.VhostUserMessage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Clients that come, go, hang and break things: virtio-blk over vhost-user on a null-zoned device. */
@Timeout(60)
class FrontendLifeTest {
    private static final FrontendUnderTest FRONTEND = FrontendUnderTest.VIRTIO_BLK;
    private static final Shape SHAPE = Shape.ALL.getFirst();
    private static final int BLOCK = SHAPE.blockSize();
    private static final int HANG_UP_MILLIS = 5_000;

    private final Posix posix = Posix.system();
    private final TestDevice device = NullZonedMedium.device(SHAPE);
    private final Path socket = FRONTEND.start(device);

    @AfterEach
    void close() {
        device.close();
    }

    private VirtioBlkDriver attach() {
        return VirtioBlkDriver.connect(posix, socket, DriverOptions.DEFAULT);
    }

    private static byte[] pattern(int seed) {
        byte[] bytes = new byte[BLOCK];
        Arrays.fill(bytes, (byte) seed);
        return bytes;
    }

    @Test
    void secondClientIsTurnedAwayAndTheFirstGoesOn() {
        try (VirtioBlkDriver first = attach()) {
            try (VhostUserDriver second = VhostUserDriver.connect(posix, socket)) {
                assertTrue(second.awaitHangUp(HANG_UP_MILLIS), "the second client was kept");
            }
            assertEquals(0, first.run(BlkRequest.write(0, pattern(1))).status());
        }
    }

    /** A virtual machine that starts again connects as soon as it has hung up. */
    @Test
    void aClientThatComesRightBehindTheLastIsNotASecondOne() {
        for (int i = 0; i < 300; i++) {
            try (VhostUserDriver driver = VhostUserDriver.connect(posix, socket)) {
                assertTrue((driver.getFeatures() & VhostUser.F_PROTOCOL_FEATURES) != 0, "attempt " + i);
            }
        }
    }

    @Test
    void clientsComeOneAfterTheOtherAndFindTheSameZones() {
        for (int i = 0; i < 5; i++) {
            try (VirtioBlkDriver driver = attach()) {
                assertEquals(0, driver.run(BlkRequest.write(i, pattern(i))).status());
            }
        }
        try (VirtioBlkDriver driver = attach()) {
            ZoneReport.Zone zone =
                    driver.run(BlkRequest.report(0, 1)).report().zones().getFirst();
            assertEquals(new ZoneReport.Zone(256, 0, 5, VirtioBlk.ZT_SWR, VirtioBlk.ZS_IOPEN), zone);
            assertArrayEquals(pattern(3), driver.run(BlkRequest.read(3, BLOCK)).in());
        }
    }

    @Test
    void aClientThatLeavesWithAWriteInFlightDoesNotSpoilIt() {
        ScriptedMedium late = new ScriptedMedium("held", false, false, false);
        try (Medium.Opened opened = late.open(SHAPE)) {
            Path held = FRONTEND.start(opened.device());
            try (VirtioBlkDriver gone = VirtioBlkDriver.connect(posix, held, DriverOptions.DEFAULT)) {
                opened.command(List.of("hold"));
                gone.submit(BlkRequest.write(0, pattern(7)), BlkLayout.PLAIN);
                opened.command(List.of("await", "1"));
            }
            // Its memory is still read from here on: the device may not have unmapped it.
            opened.command(List.of("pass"));
            opened.command(List.of("carry", "0"));
            try (VirtioBlkDriver next = VirtioBlkDriver.connect(posix, held, DriverOptions.DEFAULT)) {
                ZoneReport.Zone zone =
                        next.run(BlkRequest.report(0, 1)).report().zones().getFirst();
                assertEquals(new ZoneReport.Zone(256, 0, 1, VirtioBlk.ZT_SWR, VirtioBlk.ZS_IOPEN), zone);
                assertArrayEquals(
                        pattern(7), next.run(BlkRequest.read(0, BLOCK)).in());
            }
        }
    }

    @Test
    void memorySlotsIndicesThatWrapAndSmallQueuesWork() {
        DriverOptions options =
                DriverOptions.DEFAULT.withMemorySlots().startingAt(65_530).withQueues(1, 8);
        try (VirtioBlkDriver driver = VirtioBlkDriver.connect(posix, socket, options)) {
            for (int i = 0; i < 40; i++) {
                assertEquals(0, driver.run(BlkRequest.write(i, pattern(i))).status(), "write " + i);
            }
            assertArrayEquals(
                    pattern(39), driver.run(BlkRequest.read(39, BLOCK)).in());
        }
    }

    @Test
    void anOldFashionedDriverWithoutEventIndexOrIndirectWorks() {
        DriverOptions options = DriverOptions.DEFAULT
                .without(VirtioBlk.F_EVENT_IDX | VirtioBlk.F_INDIRECT_DESC)
                .withoutProtocol(VhostUser.PF_STATUS | VhostUser.PF_CONFIGURE_MEM_SLOTS | VhostUser.PF_REPLY_ACK);
        try (VirtioBlkDriver driver = VirtioBlkDriver.connect(posix, socket, options)) {
            assertEquals(0, driver.run(BlkRequest.write(0, pattern(9))).status());
            assertArrayEquals(
                    pattern(9),
                    driver.run(BlkRequest.read(0, BLOCK), BlkLayout.every(100)).in());
        }
    }

    @Test
    void requestsOnSeveralQueuesAreServed() {
        Path another = FRONTEND.start(device, Map.of("queues", "4"));
        try (VirtioBlkDriver driver =
                VirtioBlkDriver.connect(posix, another, DriverOptions.DEFAULT.withQueues(4, 64))) {
            assertEquals(4, driver.deviceQueues());
            assertEquals(4, driver.config().queues());
            BlkQueue.Flight[] flights = new BlkQueue.Flight[4];
            for (int q = 0; q < 4; q++) {
                flights[q] = driver.submit(q, BlkRequest.write(q * 256L, pattern(q)), BlkLayout.PLAIN);
            }
            for (int q = 0; q < 4; q++) {
                assertEquals(0, driver.await(q, flights[q]).status(), "queue " + q);
            }
            assertArrayEquals(
                    pattern(3), driver.run(BlkRequest.read(3 * 256, BLOCK)).in());
        }
    }

    @Test
    void aDriverWithoutZonesIsRefusedFeaturesOk() {
        DriverOptions options = DriverOptions.DEFAULT.without(VirtioBlk.F_ZONED);
        DeviceRefusedException refused = assertThrows(
                DeviceRefusedException.class,
                () -> VirtioBlkDriver.connect(posix, socket, options).close());
        assertEquals("FEATURES_OK was withheld", refused.getMessage());
        try (VirtioBlkDriver driver = attach()) {
            assertEquals(0, driver.run(BlkRequest.write(0, pattern(1))).status(), "the endpoint lives");
        }
    }

    @Test
    void halfAMessageAndThenNothingHarmsNobodyElse() {
        Path another = FRONTEND.start(device);
        try (VhostUserDriver silent = VhostUserDriver.connect(posix, socket)) {
            silent.sendRaw(Arrays.copyOf(
                    new VhostUserMessage(VhostUser.SET_FEATURES, VhostUser.VERSION, VhostUserMessage.u64(0)).bytes(),
                    15));
            try (VirtioBlkDriver driver = VirtioBlkDriver.connect(posix, another, DriverOptions.DEFAULT)) {
                assertEquals(0, driver.run(BlkRequest.write(0, pattern(1))).status());
            }
            long before = System.nanoTime();
            device.frontend(0).stop(Duration.ofSeconds(5));
            long millis = (System.nanoTime() - before) / 1_000_000;
            assertTrue(millis < 2_000, "stopping took " + millis + " ms");
            assertFalse(Files.exists(socket));
        }
    }

    @Test
    void halfAMessageAndAHangUpMakesRoomForTheNext() {
        try (VhostUserDriver gone = VhostUserDriver.connect(posix, socket)) {
            gone.sendRaw(new byte[] {1, 0, 0});
        }
        try (VirtioBlkDriver driver = attach()) {
            assertEquals(0, driver.run(BlkRequest.write(0, pattern(1))).status());
        }
    }

    @Test
    void aMessageOfAnotherVersionEndsTheConnectionOnly() {
        try (VhostUserDriver rude = VhostUserDriver.connect(posix, socket)) {
            rude.send(new VhostUserMessage(VhostUser.GET_FEATURES, 2, new byte[0]));
            assertTrue(rude.awaitHangUp(HANG_UP_MILLIS));
        }
        try (VirtioBlkDriver driver = attach()) {
            assertEquals(0, driver.run(BlkRequest.write(0, pattern(1))).status());
        }
    }

    @Test
    void aBrokenRingStopsItsDeviceAndNoOther() {
        try (TestDevice other = NullZonedMedium.device(SHAPE)) {
            Path neighbour = FRONTEND.start(other);
            try (VirtioBlkDriver bystander = VirtioBlkDriver.connect(posix, neighbour, DriverOptions.DEFAULT)) {
                try (VirtioBlkDriver broken = attach()) {
                    assertEquals(0, broken.run(BlkRequest.write(0, pattern(1))).status());
                    BlkQueue queue = broken.queue(0);
                    int used = queue.splitRing().usedIndex();
                    int next = queue.splitRing().nextFree();
                    BlkQueue.Flight after = queue.stage(BlkRequest.read(0, BLOCK), BlkLayout.PLAIN);
                    // A head beyond the table, and a good request behind it.
                    queue.splitRing().rawAvailable(used, queue.splitRing().size());
                    queue.splitRing().rawAvailable(used + 1, next);
                    queue.splitRing().rawAvailableIndex(used + 2);
                    queue.kick().signal();
                    assertEquals(
                            0, bystander.run(BlkRequest.write(0, pattern(2))).status());
                    assertThrows(
                            RuntimeException.class,
                            () -> {
                                if (!broken.awaitCompletion(0, after, 500)) {
                                    throw new IllegalStateException("not served, as it should be");
                                }
                            },
                            "a broken ring went on being served");
                    assertEquals(used, queue.splitRing().usedIndex(), "nothing was completed");
                    for (int i = 1; i < 20; i++) {
                        assertEquals(
                                0,
                                bystander.run(BlkRequest.write(i, pattern(2))).status());
                    }
                }
            }
        }
        try (VirtioBlkDriver driver = attach()) {
            assertArrayEquals(pattern(1), driver.run(BlkRequest.read(0, BLOCK)).in(), "re-attached");
        }
    }

    @Test
    void aStoppedQueueTellsWhereItWasAndGoesOnFromThere() {
        try (VirtioBlkDriver driver = attach()) {
            for (int i = 0; i < 7; i++) {
                assertEquals(0, driver.run(BlkRequest.write(i, pattern(i))).status());
            }
            assertEquals(7, driver.device().getVringBase(0));
        }
    }

    @Test
    void resettingTheDeviceAndStartingItAgainWorks() {
        try (VirtioBlkDriver driver = attach()) {
            assertEquals(0, driver.run(BlkRequest.write(0, pattern(5))).status());
            if ((driver.device().protocolFeatures() & VhostUser.PF_STATUS) != 0) {
                driver.device().setStatus(0);
                assertEquals(0, driver.device().getStatus());
            }
        }
        try (VirtioBlkDriver driver = attach()) {
            assertArrayEquals(pattern(5), driver.run(BlkRequest.read(0, BLOCK)).in());
        }
    }
}
