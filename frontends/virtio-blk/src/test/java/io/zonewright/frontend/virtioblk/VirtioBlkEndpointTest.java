package io.zonewright.frontend.virtioblk;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.api.request.DeviceRequest;
import io.zonewright.api.request.Operation;
import io.zonewright.api.spi.Capabilities;
import io.zonewright.api.spi.DeviceIdentity;
import io.zonewright.api.spi.Frontend;
import io.zonewright.api.spi.ZonedBackend;
import io.zonewright.api.zone.ZoneCondition;
import io.zonewright.api.zone.ZoneGeometry;
import io.zonewright.api.zone.ZoneLimits;
import io.zonewright.api.zone.ZoneModel;
import io.zonewright.api.zone.ZoneRules;
import io.zonewright.api.zone.ZoneSink;
import io.zonewright.engine.EngineDevice;
import io.zonewright.posix.Posix;
import io.zonewright.testkit.blk.BlkLayout;
import io.zonewright.testkit.blk.BlkQueue;
import io.zonewright.testkit.blk.BlkRequest;
import io.zonewright.testkit.blk.BlkResult;
import io.zonewright.testkit.blk.DriverOptions;
import io.zonewright.testkit.blk.VirtioBlk;
import io.zonewright.testkit.blk.VirtioBlkDriver;
import io.zonewright.testkit.config.TestSettings;
import io.zonewright.testkit.vhostuser.DeviceRefusedException;
import io.zonewright.testkit.vhostuser.VhostUser;
import io.zonewright.testkit.virtio.PackedRing;
import io.zonewright.testkit.virtio.Ring;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The whole front-end with a driver at its socket: threads, rings, and completions from elsewhere. */
@Timeout(60)
class VirtioBlkEndpointTest {
    private static final int ZONE_SECTORS = 128;
    private static final int ZONES = 16;

    /** Sixteen zones in an array; holds requests back on demand, to complete them from another thread. */
    private static final class SlowMedium implements ZonedBackend {
        private final MemorySegment bytes = MemorySegment.ofArray(new byte[ZONES * ZONE_SECTORS * 512]);
        private final ZoneModel model;
        final BlockingQueue<DeviceRequest> held = new LinkedBlockingQueue<>();
        volatile boolean hold;

        SlowMedium(ZoneModel model) {
            this.model = model;
        }

        @Override
        public ZoneGeometry geometry() {
            return new ZoneGeometry(model, bytes.byteSize(), 512, 512, model.zoned() ? ZONE_SECTORS * 512 : 0);
        }

        @Override
        public ZoneLimits limits() {
            return model.zoned() ? new ZoneLimits(0, 0, 16 * 512) : ZoneLimits.NONE;
        }

        @Override
        public Capabilities capabilities() {
            return Capabilities.PLAIN;
        }

        @Override
        public void loadZones(ZoneSink sink) {
            for (int i = 0; i < ZONES; i++) {
                sink.zone(
                        i,
                        model.sequentialType(),
                        ZoneCondition.EMPTY,
                        ZONE_SECTORS * 512,
                        (long) i * ZONE_SECTORS * 512);
            }
        }

        @Override
        public void submit(DeviceRequest request) {
            if (hold) {
                held.add(request);
            } else {
                carryOut(request);
            }
        }

        private void carryOut(DeviceRequest request) {
            if (request.operation() == Operation.READ) {
                request.data().copyFrom(bytes, request.offset(), 0, request.length());
            } else if (request.operation() == Operation.WRITE) {
                request.data().copyTo(0, bytes, request.offset(), request.length());
            }
            request.complete();
        }

        @Override
        public void close() {}
    }

    @TempDir
    Path directory;

    private Path socket;
    private SlowMedium medium;
    private EngineDevice device;
    private Frontend frontend;

    @BeforeEach
    void open() throws IOException {
        open(ZoneModel.HOST_MANAGED, Map.of("queues", "2", "threads", "2"));
    }

    private void open(ZoneModel model, Map<String, String> more) throws IOException {
        socket = directory.resolve(model + ".sock");
        medium = new SlowMedium(model);
        device = EngineDevice.open(DeviceIdentity.of("endpoint"), medium, ZoneRules.ZBC);
        VirtioBlkVhostUser extension = new VirtioBlkVhostUser();
        Map<String, String> values = new HashMap<>(more);
        values.put("socket", socket.toString());
        TestSettings settings = TestSettings.of(extension.keys(), values);
        frontend = extension
                .plan(settings, device.identity(), Optional.of(medium.geometry()), Optional.of(medium.limits()))
                .open(device);
        assertEquals(List.of(), settings.problems());
        frontend.start();
    }

    @AfterEach
    void stop() {
        frontend.stop(Duration.ofSeconds(10));
        assertFalse(Files.exists(socket), "the socket is still there");
        assertTrue(device.close(Duration.ofSeconds(10)), "requests were left in flight");
    }

    private VirtioBlkDriver connect(DriverOptions options) {
        return VirtioBlkDriver.connect(Posix.system(), socket, options);
    }

    private static byte[] pattern(int sectors, int seed) {
        byte[] data = new byte[sectors * 512];
        for (int i = 0; i < data.length; i++) {
            data[i] = (byte) (i * 31 + seed + i / 512);
        }
        return data;
    }

    @Test
    void writesReadsAppendsAndReportsOverTheRing() {
        try (VirtioBlkDriver driver = connect(DriverOptions.DEFAULT)) {
            byte[] data = pattern(8, 1);
            assertEquals(0, driver.run(BlkRequest.write(256, data)).status());
            BlkResult append = driver.run(BlkRequest.linuxAppend(256, pattern(4, 2)));
            assertEquals(0, append.status());
            assertEquals(264, append.appendSector());
            BlkResult read = driver.run(BlkRequest.read(256, 8 * 512));
            assertArrayEquals(data, read.in());
            assertEquals(8 * 512 + 1, read.usedBytes());
            BlkResult report = driver.run(BlkRequest.report(256, 2));
            assertEquals(
                    268,
                    ByteBuffer.wrap(report.in()).order(ByteOrder.LITTLE_ENDIAN).getLong(64 + 16));
            assertArrayEquals(
                    device.identity().serial().getBytes(StandardCharsets.US_ASCII),
                    driver.run(BlkRequest.getId()).in());
            assertEquals(
                    4, driver.run(BlkRequest.write(0x200 + 8, pattern(1, 3))).status());
        }
        assertEquals(2L, frontend.stats().get("writes"));
        assertEquals(1L, frontend.stats().get("appends"));
        assertEquals(1L, frontend.stats().get("reads"));
        assertEquals(1L, frontend.stats().get("zone-reports"));
        assertEquals(1L, frontend.stats().get("others"));
        assertEquals(1L, frontend.stats().get("errors"));
        assertEquals(4096L, frontend.stats().get("bytes-read"));
        assertEquals(6144L, frontend.stats().get("bytes-written"));
    }

    @Test
    void d4FeaturesOkIsWithheldFromADriverThatDeclinesZoned() {
        DeviceRefusedException refusal = assertThrows(
                DeviceRefusedException.class, () -> connect(DriverOptions.DEFAULT.without(VirtioBlk.F_ZONED)));
        assertTrue(
                String.valueOf(refusal.getMessage()).matches("FEATURES_OK was withheld|SET_FEATURES was answered.*"));
    }

    @Test
    void d4WithoutStatusSetFeaturesIsAnsweredWithAnError() {
        DeviceRefusedException refusal = assertThrows(
                DeviceRefusedException.class,
                () -> connect(DriverOptions.DEFAULT.without(VirtioBlk.F_ZONED).withoutProtocol(VhostUser.PF_STATUS)));
        assertTrue(String.valueOf(refusal.getMessage()).startsWith("SET_FEATURES was answered with"));
    }

    @Test
    void completionsFromOtherThreadsComeBackOutOfOrder() throws InterruptedException {
        try (VirtioBlkDriver driver = connect(DriverOptions.DEFAULT)) {
            medium.hold = true;
            BlkQueue.Flight first = driver.submit(BlkRequest.write(0, pattern(1, 1)), BlkLayout.PLAIN);
            BlkQueue.Flight second = driver.submit(BlkRequest.write(ZONE_SECTORS, pattern(1, 2)), BlkLayout.PLAIN);
            DeviceRequest one = take();
            DeviceRequest two = take();
            assertEquals(0, one.offset());
            medium.carryOut(two);
            assertEquals(0, driver.await(second).status());
            assertNull(first.result());
            medium.carryOut(one);
            assertEquals(0, driver.await(first).status());
        }
    }

    private DeviceRequest take() throws InterruptedException {
        DeviceRequest request = medium.held.poll(10, TimeUnit.SECONDS);
        if (request == null) {
            throw new AssertionError("nothing was held back");
        }
        return request;
    }

    @Test
    void aFullRingOfRequestsIsServedTwiceOver() {
        try (VirtioBlkDriver driver = connect(DriverOptions.DEFAULT.withQueues(2, 64))) {
            for (int round = 0; round < 2; round++) {
                for (int queue = 0; queue < 2; queue++) {
                    List<BlkQueue.Flight> flights = new ArrayList<>();
                    for (int i = 0; i < 64 / 3; i++) {
                        long sector = (round * 2L + queue) * ZONE_SECTORS + i;
                        flights.add(
                                driver.queue(queue).stage(BlkRequest.write(sector, pattern(1, i)), BlkLayout.PLAIN));
                    }
                    driver.queue(queue).submit();
                    for (BlkQueue.Flight flight : flights) {
                        assertEquals(0, driver.await(queue, flight).status());
                    }
                }
            }
            assertArrayEquals(
                    pattern(1, 7),
                    driver.run(BlkRequest.read(3L * ZONE_SECTORS + 7, 512)).in());
        }
    }

    @Test
    void packedRingsAreOfferedOnlyIfTheSettingsSaySo() throws IOException {
        DeviceRefusedException refusal =
                assertThrows(DeviceRefusedException.class, () -> connect(DriverOptions.DEFAULT.packed()));
        assertTrue(String.valueOf(refusal.getMessage()).startsWith("no packed rings on offer"));
        stop();
        openPacked();
        try (VirtioBlkDriver driver = connect(DriverOptions.DEFAULT)) {
            assertEquals(0, driver.run(BlkRequest.flush()).status(), "split rings all the same");
        }
    }

    private void openPacked() throws IOException {
        open(ZoneModel.HOST_MANAGED, Map.of("queues", "2", "threads", "2", "packed", "true"));
    }

    @Test
    void aPackedRingOfRequestsIsServedFiveTimesOver() throws IOException {
        stop();
        openPacked();
        // No power of two, no multiple of three: chains pass the ring's end in all ways. It begins in its sixth lap.
        DriverOptions options = DriverOptions.DEFAULT.packed().withQueues(2, 61).startingAt(5 * 61 + 40);
        try (VirtioBlkDriver driver = connect(options)) {
            for (int round = 0; round < 5; round++) {
                for (int queue = 0; queue < 2; queue++) {
                    List<BlkQueue.Flight> flights = new ArrayList<>();
                    for (int i = 0; i < 61 / 3; i++) {
                        long sector = (round * 2L + queue) * ZONE_SECTORS + i;
                        flights.add(
                                driver.queue(queue).stage(BlkRequest.write(sector, pattern(1, i)), BlkLayout.PLAIN));
                    }
                    driver.queue(queue).submit();
                    for (BlkQueue.Flight flight : flights) {
                        assertEquals(0, driver.await(queue, flight).status());
                    }
                }
            }
            assertArrayEquals(
                    pattern(1, 7),
                    driver.run(BlkRequest.read(9L * ZONE_SECTORS + 7, 512)).in());
        }
    }

    @Test
    void aPackedRingThatIsStoppedInTheMiddleGoesOnWhereItStood() throws IOException, InterruptedException {
        stop();
        openPacked();
        try (VirtioBlkDriver driver = connect(DriverOptions.DEFAULT.packed().withQueues(1, 7))) {
            assertEquals(0, driver.run(BlkRequest.write(0, pattern(1, 1))).status());
            medium.hold = true;
            BlkQueue.Flight flight = driver.submit(BlkRequest.write(1, pattern(1, 2)), BlkLayout.PLAIN);
            DeviceRequest held = take();
            medium.hold = false;
            Thread later = Thread.ofPlatform().start(() -> medium.carryOut(held));
            // Two chains of three: both sides are at place 6 of the first lap, bits 15 and 31 being its wrap counter.
            int base = driver.device().getVringBase(0);
            later.join();
            assertEquals(0x8006_8006, base);
            assertEquals(0, driver.await(flight).status(), "it was answered before the ring stopped");

            BlkQueue queue = driver.queue(0);
            BlkQueue.Flight next = driver.submit(BlkRequest.read(1, 512), BlkLayout.PLAIN);
            assertFalse(driver.awaitCompletion(0, next, 100), "the ring does not run");
            driver.device().restartQueue(0, queue.ring(), base, driver.memory(), queue.kick(), queue.call());
            assertArrayEquals(pattern(1, 2), driver.await(next).in());
            assertEquals(0x0002_0002, driver.device().getVringBase(0), "over the end: place 2 of the second lap");
        }
    }

    @Test
    void aBaseThatAPackedRingCannotHaveStopsTheDevice() throws IOException {
        stop();
        openPacked();
        try (VirtioBlkDriver driver = connect(DriverOptions.DEFAULT.packed().withQueues(1, 7))) {
            BlkQueue queue = driver.queue(0);
            driver.device().getVringBase(0);
            driver.device().restartQueue(0, queue.ring(), 0x8007_8007, driver.memory(), queue.kick(), queue.call());
            assertEquals(
                    "virtio-blk endpoint queue 0: the ring: starts at descriptors 7 and 7 of 7",
                    frontend.stats().get("stopped-because"));
        }
    }

    @Test
    void aPackedRingThatIsWrongStopsTheDevice() throws IOException {
        stop();
        openPacked();
        try (VirtioBlkDriver driver = connect(DriverOptions.DEFAULT.packed().withQueues(1, 5))) {
            PackedRing ring = driver.queue(0).packedRing();
            for (int place = 1; place < 5; place++) {
                ring.rawDescriptor(place, 0, 0, 0, PackedRing.F_AVAIL | Ring.F_NEXT);
            }
            ring.rawDescriptor(0, driver.memory().allocate(1, 16, 16), 1, 0, PackedRing.F_AVAIL | Ring.F_NEXT);
            driver.queue(0).kick().signal();
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
            while ("".equals(frontend.stats().get("stopped-because")) && System.nanoTime() < end) {
                Thread.onSpinWait();
            }
            assertEquals(
                    "virtio-blk endpoint queue 0: a chain from descriptor 0 is longer than the ring",
                    frontend.stats().get("stopped-because"));
        }
        try (VirtioBlkDriver next = connect(DriverOptions.DEFAULT.packed())) {
            assertEquals(0, next.run(BlkRequest.flush()).status());
        }
    }

    @Test
    void aRequestWithoutAStatusByteStopsTheDeviceAndNothingElse() {
        try (VirtioBlkDriver driver = connect(DriverOptions.DEFAULT)) {
            long address = driver.memory().allocate(1, 16, 8);
            driver.queue(0).ring().add(List.of(new Ring.Piece(address, 16, false)));
            driver.queue(0).submit();
            BlkQueue.Flight after = driver.submit(BlkRequest.flush(), BlkLayout.PLAIN);
            assertFalse(driver.awaitCompletion(0, after, 300));
            assertEquals(
                    "virtio-blk endpoint queue 0: a request has no writable byte for its status",
                    frontend.stats().get("stopped-because"));
        }
        try (VirtioBlkDriver next = connect(DriverOptions.DEFAULT)) {
            assertEquals(0, next.run(BlkRequest.flush()).status());
        }
    }

    @Test
    void stopWaitsForRequestsInFlight() throws Exception {
        VirtioBlkDriver driver = connect(DriverOptions.DEFAULT);
        medium.hold = true;
        driver.submit(BlkRequest.write(0, pattern(1, 1)), BlkLayout.PLAIN);
        DeviceRequest request = take();
        Thread stopper = Thread.ofPlatform().start(() -> frontend.stop(Duration.ofSeconds(20)));
        assertFalse(stopper.join(Duration.ofMillis(200)), "stopped with a request in flight");
        medium.carryOut(request);
        assertTrue(stopper.join(Duration.ofSeconds(10)));
        driver.close();
    }

    @Test
    void anOrdinaryDiskServesADriverWithoutZones() throws IOException {
        stop();
        open(ZoneModel.NONE, Map.of());
        try (VirtioBlkDriver driver = connect(DriverOptions.DEFAULT)) {
            assertEquals(0, driver.features() & VirtioBlk.F_ZONED);
            byte[] data = pattern(3, 9);
            assertEquals(0, driver.run(BlkRequest.write(77, data)).status());
            assertArrayEquals(data, driver.run(BlkRequest.read(77, 3 * 512)).in());
            assertEquals(2, driver.run(BlkRequest.report(0, 1)).status());
            assertArrayEquals(new byte[512], driver.run(BlkRequest.read(0, 512)).in());
        }
    }

    @Test
    void d2ALegacyDriverNeverComesAsFarAsZones() {
        assertThrows(
                DeviceRefusedException.class,
                () -> connect(
                        DriverOptions.DEFAULT.without(VirtioBlk.F_VERSION_1).withoutProtocol(VhostUser.PF_STATUS)));
    }
}
