package io.zonewright.tests.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.api.request.Operation;
import io.zonewright.api.result.Cause;
import io.zonewright.api.spi.DeviceIdentity;
import io.zonewright.api.zone.ZoneCondition;
import io.zonewright.api.zone.ZoneDescriptor;
import io.zonewright.api.zone.ZoneFeatures;
import io.zonewright.api.zone.ZoneLimits;
import io.zonewright.api.zone.ZoneRules;
import io.zonewright.engine.EngineDevice;
import io.zonewright.engine.ResourceUse;
import io.zonewright.testkit.backend.MemoryBackend;
import io.zonewright.testkit.backend.RecordingRequest;
import io.zonewright.testkit.backend.Shape;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Several threads write into random write areas, open, flush, close, finish and reset at once, over a medium that
 * completes in any order and sometimes fails. Each block says where it belongs, and whether its write was acknowledged
 * since the zone's last reset is known to nobody but the device; what must hold is that resources add up, at every moment
 * and at the end, that everybody gets one answer, and that no block turns up in a place it was not written to.
 */
@Timeout(120)
class AreaStressTest {
    private static final int BLOCK = 512;
    private static final int ZONE_BLOCKS = 64;
    private static final int ZONES = 4;
    private static final int THREADS = 4;
    private static final int AREA_BLOCKS = 8;
    private static final ZoneLimits LIMITS = new ZoneLimits(2, 4, 8 * BLOCK);
    private static final Shape SHAPE = Shape.hostManaged(ZONES, ZONE_BLOCKS)
            .with(LIMITS)
            .with(new ZoneFeatures(64, 2, AREA_BLOCKS * BLOCK, 2 * BLOCK));

    private final Set<String> wrong = ConcurrentHashMap.newKeySet();
    private final AtomicLong written = new AtomicLong();

    @Test
    void everythingAtOnce() throws InterruptedException {
        run(0);
    }

    @Test
    void everythingAtOnceOnAMediumThatFails() throws InterruptedException {
        run(20);
    }

    private void run(int failOneIn) throws InterruptedException {
        MemoryBackend memory = new MemoryBackend(SHAPE);
        EngineDevice device =
                EngineDevice.open(DeviceIdentity.of("areas"), new UnrulyBackend(memory, 2, failOneIn), ZoneRules.ZBC);
        long seed = Long.getLong("zonewright.model.seed", System.nanoTime());
        int rounds = (int) Math.min(40_000, Long.getLong("zonewright.model.commands", 300_000) / 300);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            Random random = new Random(seed + i);
            threads.add(Thread.ofPlatform().name("client-" + i).start(() -> client(device, random, rounds)));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        System.out.println("area stress: " + written + " writes into areas, -Dzonewright.model.seed=" + seed);
        assertEquals(Set.of(), wrong);
        assertEquals("", memory.defect());
        assertTrue(written.get() > rounds, "hardly anything was written");
        judge(device);
        assertEquals(0, device.inFlight());
        assertTrue(device.close(Duration.ofSeconds(10)));
    }

    private void client(EngineDevice device, Random random, int rounds) {
        try {
            ZoneDescriptor zone = new ZoneDescriptor();
            for (int round = 0; round < rounds; round++) {
                List<RecordingRequest> batch = new ArrayList<>();
                CountDownLatch open = new CountDownLatch(6);
                device.zone(random.nextInt(ZONES), zone);
                for (int i = 0; i < 6; i++) {
                    RecordingRequest request = random(random, zone);
                    batch.add(request);
                    device.submit(request.then(open::countDown));
                }
                if (!open.await(30, TimeUnit.SECONDS)) {
                    throw new AssertionError("no completion for 30 s: " + batch);
                }
                batch.forEach(this::count);
                int areas = device.areasInUse();
                ResourceUse use = device.resourceUse();
                if (areas < 0 || areas > 2 || use.open() > LIMITS.maxOpen() || use.active() > LIMITS.maxActive()) {
                    wrong.add("above the limits: " + areas + " areas, " + use);
                }
            }
        } catch (InterruptedException | RuntimeException | AssertionError thrown) {
            wrong.add(thrown.toString());
        }
    }

    private void count(RecordingRequest request) {
        Set<Cause> result = request.result();
        if (request.operation() == Operation.WRITE && result.contains(Cause.DONE)) {
            written.incrementAndGet();
        }
        if (result.contains(Cause.INTERNAL_ERROR)) {
            wrong.add(request.toString());
        }
    }

    private static RecordingRequest random(Random random, ZoneDescriptor zone) {
        long start = zone.start();
        int pointer = (int) (zone.writePointer() - start) / BLOCK;
        return switch (random.nextInt(24)) {
            case 0 -> RecordingRequest.action(Operation.ZONE_RESET, start);
            case 1, 2, 3 -> RecordingRequest.openWithArea(start);
            case 4 -> RecordingRequest.action(Operation.ZONE_CLOSE, start);
            case 5 ->
                RecordingRequest.action(random.nextInt(4) == 0 ? Operation.ZONE_FINISH : Operation.ZONE_OPEN, start);
            case 6 -> {
                RecordingRequest setting = RecordingRequest.of(Operation.ZONE_SET_EXTENSION, start, new byte[64]);
                setting.setRandomWriteArea(true);
                yield setting;
            }
            case 7 -> RecordingRequest.all(random.nextBoolean() ? Operation.ZONE_OPEN : Operation.ZONE_CLOSE);
            case 8, 9 ->
                RecordingRequest.plain(Operation.ZONE_FLUSH_AREA, start, (pointer + 2L * random.nextInt(5)) * BLOCK);
            default -> {
                int block = Math.min(ZONE_BLOCKS - 1, pointer + random.nextInt(2 * AREA_BLOCKS));
                int blocks = Math.min(1 + random.nextInt(3), ZONE_BLOCKS - block);
                long offset = start + (long) block * BLOCK;
                yield RecordingRequest.of(Operation.WRITE, offset, marked(offset, blocks));
            }
        };
    }

    private static byte[] marked(long offset, int blocks) {
        ByteBuffer bytes = ByteBuffer.allocate(blocks * BLOCK);
        for (int i = 0; i < blocks; i++) {
            bytes.putLong(i * BLOCK, offset + (long) i * BLOCK + 1);
        }
        return bytes.array();
    }

    private static void judge(EngineDevice device) throws InterruptedException {
        ZoneDescriptor zone = new ZoneDescriptor();
        int areas = 0;
        int[] conditions = new int[ZoneCondition.values().length];
        for (int i = 0; i < ZONES; i++) {
            device.zone(i, zone);
            areas += zone.randomWriteArea() ? 1 : 0;
            conditions[zone.condition().ordinal()]++;
            CountDownLatch done = new CountDownLatch(1);
            RecordingRequest read = RecordingRequest.read(zone.start(), ZONE_BLOCKS * BLOCK);
            device.submit(read.then(done::countDown));
            assertTrue(done.await(30, TimeUnit.SECONDS));
            ByteBuffer bytes = ByteBuffer.wrap(read.payload());
            for (int block = 0; block < ZONE_BLOCKS; block++) {
                long place = zone.start() + (long) block * BLOCK + 1;
                long mark = bytes.getLong(block * BLOCK);
                assertTrue(mark == 0 || mark == place, "block " + block + " of " + zone + " says " + mark);
            }
        }
        assertEquals(areas, device.areasInUse());
        assertEquals(
                new ResourceUse(
                        conditions[ZoneCondition.IMPLICIT_OPEN.ordinal()],
                        conditions[ZoneCondition.EXPLICIT_OPEN.ordinal()],
                        conditions[ZoneCondition.CLOSED.ordinal()]),
                device.resourceUse());
    }
}
