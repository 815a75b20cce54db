package io.zonewright.vhostuser;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.posix.Errno;
import io.zonewright.posix.EventFd;
import io.zonewright.posix.PosixException;
import io.zonewright.posix.UnixConnection;
import io.zonewright.virtio.TestDevice;
import io.zonewright.virtio.queue.DriverRing;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An endpoint and a driver over a real socket and shared memory. */
@Timeout(60)
class EndpointTest {
    private static final long REPLY_ACK = 1L << 3;
    private static final long STATUS = 1L << 16;

    // --- negotiation ---------------------------------------------------------------------------------------------

    @Test
    void offersExactlyWhatWorks() throws IOException {
        try (EndpointFixture fixture = new EndpointFixture(3);
                TestDriver driver = fixture.connect()) {
            // RING_PACKED, VERSION_1, PROTOCOL_FEATURES, EVENT_IDX, INDIRECT_DESC, and the device's own bit 17
            assertEquals(0x5_7002_0000L, driver.askLong(TestDriver.GET_FEATURES));
            // STATUS, CONFIGURE_MEM_SLOTS, RESET_DEVICE, CONFIG, BACKEND_REQ, REPLY_ACK, MQ
            assertEquals(0x1_A229L, driver.askLong(TestDriver.GET_PROTOCOL_FEATURES));
            assertEquals(3, driver.askLong(TestDriver.GET_QUEUE_NUM));
            assertEquals(509, driver.askLong(TestDriver.GET_MAX_MEM_SLOTS));
        }
    }

    @Test
    void d4WithStatusFeaturesOkIsWithheldAndNoRingStarts() throws IOException {
        try (EndpointFixture fixture = new EndpointFixture(1);
                TestDriver driver = fixture.connect()) {
            fixture.device.requireFeature = true;
            driver.negotiate(TestDriver.VIRTIO);
            assertEquals(0, driver.acknowledge(TestDriver.SET_FEATURES, TestDriver.u64(TestDriver.VIRTIO)));
            assertEquals(0, driver.acknowledge(TestDriver.SET_STATUS, TestDriver.u64(1 | 2 | 8)));
            assertEquals(1 | 2, driver.askLong(TestDriver.GET_STATUS));
            driver.shareMemory();
            driver.startQueue(0, 0);
            driver.offer(0, 0);
            assertEquals(0, fixture.stat("chains-taken"));
            assertEquals(0, driver.makeQueue(0).ring().usedIndex());

            // The same driver, wiser.
            assertEquals(
                    0,
                    driver.acknowledge(
                            TestDriver.SET_FEATURES, TestDriver.u64(TestDriver.VIRTIO | TestDevice.REQUIRED_FEATURE)));
            assertEquals(0, driver.acknowledge(TestDriver.SET_STATUS, TestDriver.u64(1 | 2 | 8)));
            assertEquals(1 | 2 | 8, driver.askLong(TestDriver.GET_STATUS));
            driver.awaitUsed(0, 1);
            assertEquals(List.of(TestDriver.VIRTIO | TestDevice.REQUIRED_FEATURE), fixture.device.chosen);
        }
    }

    @Test
    void d4WithoutStatusSetFeaturesIsAnErrorAndNoRingStarts() throws IOException {
        try (EndpointFixture fixture = new EndpointFixture(1);
                TestDriver driver = fixture.connect()) {
            fixture.device.requireFeature = true;
            long protocol = driver.askLong(TestDriver.GET_PROTOCOL_FEATURES) & ~STATUS;
            driver.send(TestDriver.SET_PROTOCOL_FEATURES, TestDriver.u64(protocol));
            assertEquals(1, driver.acknowledge(TestDriver.SET_FEATURES, TestDriver.u64(TestDriver.VIRTIO)));
            driver.shareMemory();
            driver.startQueue(0, 0);
            driver.offer(0, 0);
            assertEquals(0, fixture.stat("chains-taken"));
            assertEquals(0, driver.makeQueue(0).ring().usedIndex());
        }
    }

    @Test
    void aDriverWithoutVersion1IsALegacyOneAndNotAccepted() throws IOException {
        try (EndpointFixture fixture = new EndpointFixture(1);
                TestDriver driver = fixture.connect()) {
            driver.send(TestDriver.SET_PROTOCOL_FEATURES, TestDriver.u64(REPLY_ACK));
            assertEquals(1, driver.acknowledge(TestDriver.SET_FEATURES, TestDriver.u64(1L << 30 | 1L << 29)));
        }
    }

    @Test
    void protocolFeaturesAloneMayBeAcknowledgedBeforeTheGuestHasASay() throws IOException {
        try (EndpointFixture fixture = new EndpointFixture(1);
                TestDriver driver = fixture.connect()) {
            fixture.device.requireFeature = true;
            driver.send(TestDriver.SET_PROTOCOL_FEATURES, TestDriver.u64(REPLY_ACK));
            assertEquals(0, driver.acknowledge(TestDriver.SET_FEATURES, TestDriver.u64(1L << 30)));
            assertEquals(List.of(), fixture.device.chosen);
        }
    }

    @Test
    void featuresThatWereNotOfferedAreRefused() throws IOException {
        try (EndpointFixture fixture = new EndpointFixture(1);
                TestDriver driver = fixture.connect()) {
            driver.send(TestDriver.SET_PROTOCOL_FEATURES, TestDriver.u64(REPLY_ACK));
            assertEquals(1, driver.acknowledge(TestDriver.SET_FEATURES, TestDriver.u64(TestDriver.VIRTIO | 1L << 35)));
            assertEquals(1, driver.acknowledge(TestDriver.SET_PROTOCOL_FEATURES, TestDriver.u64(REPLY_ACK | 1L << 12)));
            assertEquals(0, driver.acknowledge(TestDriver.SET_FEATURES, TestDriver.u64(TestDriver.VIRTIO)));
        }
    }

    // --- configuration space -------------------------------------------------------------------------------------

    @Test
    void configurationOfAnySizeIsAnsweredWithZeroesPastItsEnd() throws IOException {
        try (EndpointFixture fixture = new EndpointFixture(1);
                TestDriver driver = fixture.connect()) {
            for (int size : new int[] {0, 1, 57, 60, 61, 96, 256}) {
                ByteBuffer answer =
                        driver.ask(TestDriver.GET_CONFIG, TestDriver.join(TestDriver.u32(0, size, 0), new byte[size]));
                assertEquals(12 + size, answer.capacity());
                assertEquals(0, answer.getInt(0));
                assertEquals(size, answer.getInt(4));
                for (int i = 0; i < size; i++) {
                    assertEquals(i < 60 ? i + 1 : 0, answer.get(12 + i), "byte " + i);
                }
            }
            ByteBuffer part = driver.ask(TestDriver.GET_CONFIG, TestDriver.join(TestDriver.u32(58, 4, 0), new byte[4]));
            byte[] bytes = new byte[4];
            part.get(12, bytes);
            assertArrayEquals(new byte[] {59, 60, 0, 0}, bytes);
        }
    }

    @Test
    void aQuestionForConfigurationBeyond256BytesGetsAnEmptyAnswer() throws IOException {
        try (EndpointFixture fixture = new EndpointFixture(1);
                TestDriver driver = fixture.connect()) {
            assertEquals(
                    0,
                    driver.ask(TestDriver.GET_CONFIG, TestDriver.join(TestDriver.u32(250, 7, 0), new byte[7]))
                            .capacity());
            assertEquals(
                    0,
                    driver.ask(TestDriver.GET_CONFIG, TestDriver.join(TestDriver.u32(0, 9, 0), new byte[8]))
                            .capacity());
        }
    }

    @Test
    void writableConfigurationIsWrittenAndTheRestRefused() throws IOException {
        try (EndpointFixture fixture = new EndpointFixture(1);
                TestDriver driver = fixture.connect()) {
            driver.negotiate(TestDriver.VIRTIO);
            assertEquals(
                    0, driver.acknowledge(TestDriver.SET_CONFIG, TestDriver.join(TestDriver.u32(32, 1, 0), new byte[] {0
                    })));
            assertEquals(0, fixture.device.config[32]);
            assertEquals(
                    1, driver.acknowledge(TestDriver.SET_CONFIG, TestDriver.join(TestDriver.u32(0, 1, 0), new byte[] {9
                    })));
            assertEquals(1, fixture.device.config[0]);
        }
    }

    // --- rings ---------------------------------------------------------------------------------------------------

    @Test
    void requestsOfSeveralQueuesAreAnsweredAndTheDriverIsNotified() throws IOException {
        try (EndpointFixture fixture = new EndpointFixture(3);
                TestDriver driver = fixture.running(0, 1, 2)) {
            for (int queue = 0; queue < 3; queue++) {
                driver.offer(queue, 0);
                driver.offer(queue, 2);
                driver.awaitUsed(queue, 2);
                DriverRing ring = driver.makeQueue(queue).ring();
                assertEquals(0, ring.usedId(0));
                assertEquals(8, ring.usedLength(0));
                assertEquals(2, ring.usedId(1));
                assertEquals(
                        TestDevice.ANSWER,
                        driver.memory.segment().get(ValueLayout.JAVA_BYTE, TestDriver.dataAt(2) + 16 + 7));
                assertTrue(driver.awaitSignal(driver.makeQueue(queue).call()));
            }
            assertEquals(6, fixture.stat("chains-completed"));
        }
    }

    @Test
    void eventIdxAndIndirectWorkOverTheSocket() throws IOException {
        try (EndpointFixture fixture = new EndpointFixture(1);
                TestDriver driver = fixture.connect()) {
            driver.negotiate(TestDriver.VIRTIO | 1L << 28 | 1L << 29);
            driver.shareMemory();
            TestDriver.Queue queue = driver.startQueue(0, 0);
            DriverRing ring = queue.ring();
            long table = 0x8000;
            ring.indirect(table, 0, TestDriver.GUEST + TestDriver.dataAt(0), 16, DriverRing.NEXT, 1);
            ring.indirect(table, 1, TestDriver.GUEST + TestDriver.dataAt(1), 1, DriverRing.WRITE, 0);
            ring.setUsedEvent(1);
            for (int i = 0; i < 200; i++) {
                // The driver kicks only if the device asks for it, so a lost request for a kick would hang here.
                int before = ring.availableIndex();
                ring.descriptor(0, TestDriver.GUEST + table, 32, DriverRing.INDIRECT, 0);
                ring.offer(0);
                if (ring.availEvent() == before) {
                    queue.kick().signal();
                }
                driver.awaitUsed(0, i + 1);
                assertEquals(1, ring.usedLength(i));
                if (i == 0) {
                    assertFalse(fixture.posix.poll(queue.call().fd(), 1, 0) != 0, "the driver waits for the second");
                }
                if (i == 1) {
                    assertTrue(driver.awaitSignal(queue.call()));
                }
            }
            assertEquals(1, fixture.stat("driver-notifications"));
        }
    }

    @Test
    void aRingThatIsDisabledRestsAndGoesOn() throws IOException {
        try (EndpointFixture fixture = new EndpointFixture(1);
                TestDriver driver = fixture.running(0)) {
            driver.offer(0, 0);
            driver.awaitUsed(0, 1);
            assertEquals(0, driver.acknowledge(TestDriver.SET_VRING_ENABLE, TestDriver.u32(0, 0)));
            driver.offer(0, 2);
            assertEquals(0, driver.acknowledge(TestDriver.SET_VRING_ERR, TestDriver.u64(0x100)));
            assertEquals(1, driver.makeQueue(0).ring().usedIndex());
            assertEquals(0, driver.acknowledge(TestDriver.SET_VRING_ENABLE, TestDriver.u32(0, 1)));
            driver.awaitUsed(0, 2);
        }
    }

    @Test
    void withoutProtocolFeaturesARingStartsEnabled() throws IOException {
        try (EndpointFixture fixture = new EndpointFixture(1);
                TestDriver driver = fixture.connect()) {
            driver.send(TestDriver.SET_FEATURES, TestDriver.u64(1L << 32));
            driver.send(
                    TestDriver.SET_MEM_TABLE,
                    TestDriver.join(TestDriver.u32(1, 0), driver.wholeRegion()),
                    driver.memoryFd());
            TestDriver.Queue queue = driver.makeQueue(0);
            driver.send(TestDriver.SET_VRING_NUM, TestDriver.u32(0, TestDriver.QUEUE_SIZE));
            driver.send(TestDriver.SET_VRING_BASE, TestDriver.u32(0, 0));
            driver.send(TestDriver.SET_VRING_ADDR, driver.addresses(0));
            driver.offer(0, 0);
            driver.send(
                    TestDriver.SET_VRING_KICK, TestDriver.u64(0), queue.kick().fd());
            driver.awaitUsed(0, 1);
        }
    }

    @Test
    void withoutAKickDescriptorTheRingIsPolled() throws IOException {
        try (EndpointFixture fixture = new EndpointFixture(1);
                TestDriver driver = fixture.running(0)) {
            assertEquals(0, driver.acknowledge(TestDriver.SET_VRING_KICK, TestDriver.u64(0x100)));
            driver.offer(0, 0); // its kick goes nowhere
            driver.awaitUsed(0, 1);
        }
    }

    @Test
    void getVringBaseDrainsFirstAndTellsWhereToGoOn() throws IOException {
        try (EndpointFixture fixture = new EndpointFixture(1);
                TestDriver driver = fixture.running(0)) {
            fixture.device.hold = true;
            driver.offer(0, 0);
            driver.offer(0, 2);
            EndpointFixture.await("both are taken", () -> fixture.device.held.size() == 2);
            driver.send(TestDriver.GET_VRING_BASE, TestDriver.u32(0, 0));
            fixture.device.hold = false;
            driver.offer(0, 4); // before or after the queue stops taking: not lost either way
            assertTrue(fixture.device.releaseOne());
            assertFalse(driver.hasAnswer(), "one is still in flight");
            assertTrue(fixture.device.releaseOne());
            ByteBuffer answer = driver.answer(TestDriver.GET_VRING_BASE);
            assertEquals(8, answer.capacity());
            assertEquals(0, answer.getInt(0));
            int base = answer.getInt(4);
            assertEquals(base, driver.makeQueue(0).ring().usedIndex());
            driver.startQueue(0, base);
            driver.awaitUsed(0, 3);
        }
    }

    @Test
    void aStoppedRingNeedsANewKickMessage() throws IOException {
        try (EndpointFixture fixture = new EndpointFixture(1);
                TestDriver driver = fixture.running(0)) {
            assertEquals(
                    0,
                    driver.ask(TestDriver.GET_VRING_BASE, TestDriver.u32(0, 0)).getInt(4));
            assertEquals(0, driver.acknowledge(TestDriver.SET_VRING_ENABLE, TestDriver.u32(0, 1)));
            driver.offer(0, 0);
            assertEquals(0, driver.acknowledge(TestDriver.SET_VRING_ERR, TestDriver.u64(0x100)));
            assertEquals(0, fixture.stat("chains-taken"));
            driver.send(
                    TestDriver.SET_VRING_KICK,
                    TestDriver.u64(0),
                    driver.makeQueue(0).kick().fd());
            driver.awaitUsed(0, 1);
        }
    }

    @Test
    void aNewCallDescriptorIsSignalledOnceForWhatMayHaveBeenMissed() throws IOException {
        try (EndpointFixture fixture = new EndpointFixture(1);
                TestDriver driver = fixture.running(0);
                EventFd other = EventFd.create(fixture.posix)) {
            assertEquals(0, driver.acknowledge(TestDriver.SET_VRING_CALL, TestDriver.u64(0), other.fd()));
            assertEquals(1, other.drain());
            driver.offer(0, 0);
            driver.awaitUsed(0, 1);
            assertTrue(driver.awaitSignal(other));
        }
    }

    @Test
    void aBrokenRingStopsTheWholeDeviceUntilAllRingsAreStopped() throws IOException {
        try (EndpointFixture fixture = new EndpointFixture(2);
                TestDriver driver = fixture.running(0, 1)) {
            driver.makeQueue(0).ring().offer(TestDriver.QUEUE_SIZE);
            driver.makeQueue(0).kick().signal();
            assertTrue(driver.awaitSignal(driver.makeQueue(0).error()));
            assertEquals(64, driver.askLong(TestDriver.GET_STATUS) & 64, "DEVICE_NEEDS_RESET");
            assertEquals(
                    "test queue 0: the available ring names descriptor 16 of 16",
                    fixture.endpoint.stats().get("stopped-because"));
            driver.offer(1, 0);
            assertEquals(
                    0,
                    driver.ask(TestDriver.GET_VRING_BASE, TestDriver.u32(1, 0)).getInt(4));
            assertEquals(0, driver.makeQueue(1).ring().usedIndex());
            driver.ask(TestDriver.GET_VRING_BASE, TestDriver.u32(0, 0));
            assertEquals(0, driver.askLong(TestDriver.GET_STATUS) & 64);
            driver.startQueue(1, 0);
            driver.awaitUsed(1, 1);
        }
    }

    @Test
    void aResetStopsAllRingsAndForgetsTheFeatures() throws IOException {
        try (EndpointFixture fixture = new EndpointFixture(2);
                TestDriver driver = fixture.running(0, 1)) {
            assertEquals(0, driver.acknowledge(TestDriver.RESET_DEVICE, new byte[0]));
            assertEquals(1, fixture.device.resets.get());
            driver.offer(0, 0);
            assertEquals(
                    0,
                    driver.ask(TestDriver.GET_VRING_BASE, TestDriver.u32(0, 0)).getInt(4));
            assertEquals(0, fixture.stat("chains-taken"));
            driver.send(TestDriver.SET_FEATURES, TestDriver.u64(TestDriver.VIRTIO));
            driver.startQueue(0, 0);
            driver.awaitUsed(0, 1);
            assertEquals(0, driver.acknowledge(TestDriver.SET_STATUS, TestDriver.u64(0)));
            assertEquals(2, fixture.device.resets.get());
            assertEquals(0, driver.askLong(TestDriver.GET_STATUS));
        }
    }

    @Test
    void aRunningRingCannotBeChangedUnderItself() throws IOException {
        try (EndpointFixture fixture = new EndpointFixture(1);
                TestDriver driver = fixture.running(0)) {
            assertEquals(1, driver.acknowledge(TestDriver.SET_VRING_NUM, TestDriver.u32(0, 8)));
            assertEquals(1, driver.acknowledge(TestDriver.SET_VRING_BASE, TestDriver.u32(0, 0)));
            assertEquals(0, driver.acknowledge(TestDriver.SET_VRING_ADDR, driver.addresses(0)), "the same again");
            byte[] moved = driver.addresses(0);
            moved[8] ^= 0x10; // another descriptor table
            assertEquals(1, driver.acknowledge(TestDriver.SET_VRING_ADDR, moved));
            assertEquals(1, driver.acknowledge(TestDriver.SET_FEATURES, TestDriver.u64(TestDriver.VIRTIO | 1L << 29)));
            driver.offer(0, 0);
            driver.awaitUsed(0, 1);
        }
    }

    // --- a handler that fails ------------------------------------------------------------------------------------

    @Test
    void aHandlerThatThrowsStopsItsDeviceAndLostRequestsAreGivenUp() throws IOException {
        try (EndpointFixture fixture = new EndpointFixture(1, Duration.ofSeconds(5), Duration.ofMillis(50))) {
            try (TestDriver driver = fixture.running(0)) {
                fixture.device.hold = true;
                fixture.device.thrown = new IllegalStateException("a defect, on purpose");
                driver.offer(0, 0);
                assertTrue(driver.awaitSignal(driver.makeQueue(0).error()));
                assertEquals(
                        "test queue 0: internal error (IllegalStateException)",
                        fixture.endpoint.stats().get("stopped-because"));
                // The request that it held is lost; the ring stops all the same.
                driver.ask(TestDriver.GET_VRING_BASE, TestDriver.u32(0, 0));
            }
            fixture.device.hold = false;
            fixture.device.thrown = null;
            EndpointFixture.await("the driver is gone", () -> !fixture.endpoint.connected());
            try (TestDriver driver = fixture.running(0)) {
                driver.offer(0, 0);
                driver.awaitUsed(0, 1);
            }
        }
    }

    // --- clients -------------------------------------------------------------------------------------------------

    @Test
    void driversComeAndGoWithoutARestart() throws IOException {
        try (EndpointFixture fixture = new EndpointFixture(2)) {
            for (int i = 0; i < 5; i++) {
                try (TestDriver driver = fixture.running(0, 1)) {
                    driver.offer(1, 0);
                    driver.awaitUsed(1, 1);
                }
                EndpointFixture.await("the driver is gone", () -> !fixture.endpoint.connected());
            }
            assertEquals(5, fixture.stat("connections"));
            assertEquals(5, fixture.device.resets.get());
        }
    }

    @Test
    void aSecondDriverIsTurnedAwayEvenWhileTheFirstDrains() throws IOException {
        try (EndpointFixture fixture = new EndpointFixture(1);
                TestDriver driver = fixture.running(0)) {
            try (TestDriver second = fixture.connect()) {
                second.expectClosed();
            }
            fixture.device.hold = true;
            driver.offer(0, 0);
            EndpointFixture.await("it is taken", () -> fixture.device.held.size() == 1);
            driver.send(TestDriver.GET_VRING_BASE, TestDriver.u32(0, 0));
            try (TestDriver third = fixture.connect()) {
                third.expectClosed();
            }
            fixture.device.releaseOne();
            assertEquals(1, driver.answer(TestDriver.GET_VRING_BASE).getInt(4));
            assertEquals(2, fixture.stat("connections-refused"));
        }
    }

    @Test
    void aDriverThatVanishesIsDrainedBeforeTheNextComesIn() throws IOException {
        try (EndpointFixture fixture = new EndpointFixture(1)) {
            TestDriver driver = fixture.running(0);
            fixture.device.hold = true;
            driver.offer(0, 0);
            EndpointFixture.await("it is taken", () -> fixture.device.held.size() == 1);
            driver.disconnect();
            // The next driver waits, it is not turned away: a restarted virtual machine comes this early.
            TestDriver early = fixture.connect();
            try {
                assertEquals(1, fixture.stat("connections"), "the request of the first is still in flight");
                fixture.device.releaseOne();
                EndpointFixture.await("the early one is let in", () -> fixture.stat("connections") == 2);
            } finally {
                early.close();
            }
            EndpointFixture.await("both drivers are gone", () -> !fixture.endpoint.connected());
            assertEquals(0, fixture.stat("connections-refused"));
            fixture.device.hold = false;
            // The answer went into its memory, which was mapped until then.
            assertEquals(
                    TestDevice.ANSWER,
                    driver.memory.segment().get(ValueLayout.JAVA_BYTE, TestDriver.dataAt(0) + 16 + 7));
            driver.close();
            try (TestDriver next = fixture.running(0)) {
                next.offer(0, 0);
                next.awaitUsed(0, 1);
            }
        }
    }

    @Test
    void theSocketIsPrivateAndGoneAfterTheEnd() throws IOException {
        EndpointFixture fixture = new EndpointFixture(1);
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(fixture.socket)));
        fixture.close();
        assertFalse(Files.exists(fixture.socket));
        PosixException refused =
                assertThrows(PosixException.class, () -> UnixConnection.connect(fixture.posix, fixture.socket));
        assertTrue(refused.is(Errno.ENOENT));
    }

    @Test
    void closingFinishesWhatIsInFlight() throws IOException, InterruptedException {
        EndpointFixture fixture = new EndpointFixture(1);
        TestDriver driver = fixture.running(0);
        fixture.device.hold = true;
        driver.offer(0, 0);
        EndpointFixture.await("it is taken", () -> fixture.device.held.size() == 1);
        Thread closer = Thread.ofPlatform().start(() -> fixture.endpoint.close(Duration.ofSeconds(20)));
        EndpointFixture.await("it takes no more", () -> {
            fixture.device.releaseOne();
            return !closer.isAlive();
        });
        closer.join();
        assertEquals(1, driver.makeQueue(0).ring().usedIndex());
        driver.expectClosed();
        driver.close();
        fixture.close();
    }

    @Test
    void closingDoesNotWaitLongerThanItsPatience() throws IOException {
        EndpointFixture fixture = new EndpointFixture(1);
        try (TestDriver driver = fixture.running(0)) {
            fixture.device.hold = true;
            driver.offer(0, 0);
            EndpointFixture.await("it is taken", () -> fixture.device.held.size() == 1);
            long began = System.nanoTime();
            fixture.endpoint.close(Duration.ofMillis(100));
            long took = System.nanoTime() - began;
            assertTrue(took >= 100_000_000L && took < 5_000_000_000L, took + " ns");
            // Its memory is still mapped: the late answer finds nobody, and harms nobody.
            assertTrue(fixture.device.releaseOne());
        } finally {
            fixture.close();
        }
    }
}
