package io.zonewright.frontend.nvme.vfiouser;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.api.request.DeviceRequest;
import io.zonewright.api.spi.Capabilities;
import io.zonewright.api.spi.DeviceIdentity;
import io.zonewright.api.spi.ZonedBackend;
import io.zonewright.api.zone.ZoneGeometry;
import io.zonewright.api.zone.ZoneLimits;
import io.zonewright.api.zone.ZoneRules;
import io.zonewright.api.zone.ZoneSink;
import io.zonewright.engine.EngineDevice;
import io.zonewright.frontend.nvme.command.NvmeSubsystem;
import io.zonewright.frontend.nvme.command.SubsystemOptions;
import io.zonewright.posix.Posix;
import io.zonewright.runtime.AdaptiveIdle;
import io.zonewright.runtime.IdleStrategy;
import io.zonewright.runtime.LoopGroup;
import io.zonewright.testkit.backend.MemoryBackend;
import io.zonewright.testkit.backend.Shape;
import io.zonewright.testkit.guest.GuestMemory;
import io.zonewright.testkit.nvme.NvmeFlight;
import io.zonewright.testkit.nvme.NvmeRequest;
import io.zonewright.testkit.nvme.NvmeResult;
import io.zonewright.testkit.nvme.pcie.DataLayout;
import io.zonewright.testkit.nvme.pcie.NvmePcieHost;
import io.zonewright.testkit.nvme.pcie.PcieOptions;
import io.zonewright.testkit.nvme.pcie.PcieOptions.Doorbells;
import io.zonewright.vfiouser.VfioUserEndpoint;
import io.zonewright.vfiouser.VfioUserOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Real loops, a real socket, and a medium that answers on threads of its own: what a host does to its controller while
 * commands are in flight. What it is about is that nothing hangs, nothing is answered twice, and that the controller works
 * afterwards.
 */
@Timeout(30)
class UnderLoadTest {
    private static final int LOOPS = 4;
    private static final int QUEUES = 4;
    private static final int DEPTH = 24;
    private static final int ROUNDS = 12;
    private static final int BLOCK = 512;
    private static final int BLOCKS = 8;
    private static final int DATA_TRANSFER_ERROR = 0x4004;

    @TempDir
    Path directory;

    private final Posix posix = Posix.system();
    private final Answering medium = new Answering(new MemoryBackend(Shape.hostManaged(8, 1024)));
    private final EngineDevice engine = EngineDevice.open(DeviceIdentity.of("test"), medium, ZoneRules.ZNS);
    private @Nullable LoopGroup loops;
    private volatile @Nullable PciCarrier carrier;
    private @Nullable VfioUserEndpoint endpoint;

    /** Answers on one of two threads of its own. */
    private static final class Answering implements ZonedBackend {
        private final ZonedBackend behind;
        private final ExecutorService threads = Executors.newFixedThreadPool(2);
        final AtomicLong answered = new AtomicLong();

        Answering(ZonedBackend behind) {
            this.behind = behind;
        }

        @Override
        public ZoneGeometry geometry() {
            return behind.geometry();
        }

        @Override
        public ZoneLimits limits() {
            return behind.limits();
        }

        @Override
        public Capabilities capabilities() {
            return behind.capabilities();
        }

        @Override
        public void loadZones(ZoneSink sink) {
            behind.loadZones(sink);
        }

        @Override
        public void submit(DeviceRequest request) {
            threads.execute(() -> {
                behind.submit(request);
                answered.incrementAndGet();
            });
        }

        @Override
        public void close() {
            threads.shutdown();
            behind.close();
        }
    }

    private NvmePcieHost start(Doorbells doorbells) throws Exception {
        boolean mapped = doorbells == Doorbells.MAPPED;
        LoopGroup threads = LoopGroup.start("test", LOOPS, () -> idle(mapped), posix);
        loops = threads;
        NvmeSubsystem subsystem = new NvmeSubsystem(engine, SubsystemOptions.of("nqn.2026-11.io.zonewright:test"));
        PciCarrier carrying = new PciCarrier(
                "nvme-zns test",
                subsystem,
                NvmeVfioUserFrontend.traits(QUEUES, 64, mapped),
                mapped,
                threads,
                System::nanoTime);
        carrier = carrying;
        carrying.start();
        VfioUserEndpoint listening = new VfioUserEndpoint(
                new NvmePciDevice("nvme-zns test", carrying, mapped),
                VfioUserOptions.at(directory.resolve("socket")),
                posix);
        endpoint = listening;
        listening.start();
        return connect(doorbells);
    }

    private IdleStrategy idle(boolean mapped) {
        return mapped ? new NapIdle(0, this::running) : new AdaptiveIdle(0, System::nanoTime);
    }

    private boolean running() {
        PciCarrier carrying = carrier;
        return carrying != null && carrying.running();
    }

    private NvmePcieHost connect(Doorbells doorbells) {
        PcieOptions options = PcieOptions.DEFAULT.with(doorbells).withQueues(QUEUES, 64);
        return NvmePcieHost.connect(posix, directory.resolve("socket"), options);
    }

    /** Afterwards nothing is in flight anywhere: the engine closes at once. */
    @AfterEach
    void close() {
        VfioUserEndpoint listening = Objects.requireNonNull(endpoint);
        assertTrue(listening.close(Duration.ofSeconds(5)));
        assertEquals("", listening.stats().get("stopped-because"));
        Objects.requireNonNull(carrier).close();
        Objects.requireNonNull(loops).close();
        assertTrue(engine.close(Duration.ofSeconds(5)));
    }

    /** Appends, reads and reports on all queues. */
    private List<List<NvmeFlight>> load(NvmePcieHost host, int round) {
        List<List<NvmeFlight>> all = new ArrayList<>();
        for (int queue = 1; queue <= QUEUES; queue++) {
            List<NvmeFlight> flights = new ArrayList<>();
            for (int i = 0; i < DEPTH; i++) {
                flights.add(host.submit(queue, request(round, queue, i)));
            }
            all.add(flights);
        }
        return all;
    }

    private static NvmeRequest request(int round, int queue, int i) {
        return switch (i % 4) {
            case 0 -> NvmeRequest.append(1, (queue - 1) * 1024L, BLOCK, new byte[BLOCK]);
            case 1 -> NvmeRequest.report(1, 0, 1024, false, 0, true);
            default -> NvmeRequest.read(1, (round * 31 + i) % 512, BLOCKS, BLOCK);
        };
    }

    /** All end, in whatever order, with one of these statuses. */
    private static void await(NvmePcieHost host, int queue, List<NvmeFlight> flights, int... allowed) {
        for (NvmeFlight flight : flights) {
            assertTrue(host.awaitCompletion(queue, flight, 10_000), "queue " + queue + ": " + flight.request());
            NvmeResult result = Objects.requireNonNull(flight.result());
            boolean fine = result.status() == 0;
            for (int status : allowed) {
                fine |= result.status() == status;
            }
            assertTrue(fine, "queue " + queue + ": " + flight.request() + " ended with " + result);
        }
    }

    private static void awaitAll(NvmePcieHost host, List<List<NvmeFlight>> all, int... allowed) {
        for (int queue = 1; queue <= QUEUES; queue++) {
            await(host, queue, all.get(queue - 1), allowed);
        }
    }

    @ParameterizedTest
    @EnumSource(Doorbells.class)
    void memoryComesAndGoes(Doorbells doorbells) throws Exception {
        try (NvmePcieHost host = start(doorbells)) {
            GuestMemory.Region data = host.memory().regions().get(2);
            for (int round = 0; round < ROUNDS; round++) {
                List<List<NvmeFlight>> all = load(host, round);
                host.client().dmaUnmap(data.guestAddress(), data.bytes());
                host.client().dmaMap(data);
                awaitAll(host, all, DATA_TRANSFER_ERROR);
                awaitAll(host, load(host, round));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Doorbells.class)
    void aClientThatGoesIsFollowedByTheNext(Doorbells doorbells) throws Exception {
        NvmePcieHost host = start(doorbells);
        for (int round = 0; round < ROUNDS; round++) {
            load(host, round);
            host.close();
            host = connect(doorbells);
        }
        awaitAll(host, load(host, ROUNDS));
        host.close();
    }

    @ParameterizedTest
    @EnumSource(Doorbells.class)
    void queuesAreDeletedUnderLoad(Doorbells doorbells) throws Exception {
        NvmePcieHost host = start(doorbells);
        for (int round = 0; round < ROUNDS; round++) {
            List<List<NvmeFlight>> all = load(host, round);
            int queue = 1 + round % QUEUES;
            host.delete(queue);
            for (int other = 1; other <= QUEUES; other++) {
                if (other != queue) {
                    await(host, other, all.get(other - 1));
                }
            }
            host.close();
            host = connect(doorbells);
        }
        host.close();
    }

    /** In the middle of commands: CC.EN, or a reset of the function. Nothing is in flight when either is over. */
    @Test
    void nothingIsInFlightAfterAReset() throws Exception {
        NvmePcieHost host = start(Doorbells.TRAPPED);
        for (int round = 0; round < ROUNDS; round++) {
            load(host, round);
            if (round % 2 == 0) {
                host.setProperty(0x14, 4, 0);
                host.awaitStatus(1, 0);
            } else {
                host.client().reset();
            }
            assertEquals(0, engine.inFlight());
            host.close();
            host = connect(Doorbells.TRAPPED);
        }
        awaitAll(host, load(host, ROUNDS));
        assertTrue(medium.answered.get() > 0);
        host.close();
    }

    /** Data lies where the layouts put it, whatever loop serves the queue. */
    @ParameterizedTest
    @EnumSource(Doorbells.class)
    void eachQueueReadsWhatAnotherWrote(Doorbells doorbells) throws Exception {
        try (NvmePcieHost host = start(doorbells)) {
            for (int round = 0; round < ROUNDS; round++) {
                for (int queue = 1; queue <= QUEUES; queue++) {
                    byte[] data = new byte[BLOCKS * BLOCK];
                    Arrays.fill(data, (byte) (round * QUEUES + queue));
                    NvmeResult placed = host.run(
                            queue, NvmeRequest.append(1, (queue - 1) * 1024L, BLOCK, data), DataLayout.values()[0]);
                    assertEquals(0, placed.status());
                    long lba = Integer.toUnsignedLong(placed.dw0()) | (long) placed.dw1() << 32;
                    NvmeResult read = host.run(
                            1 + queue % QUEUES, NvmeRequest.read(1, lba, BLOCKS, BLOCK), DataLayout.values()[0]);
                    assertArrayEquals(data, read.in());
                }
            }
        }
    }
}
