package io.zonewright.tests.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.api.request.Operation;
import io.zonewright.api.result.Cause;
import io.zonewright.api.spi.Capabilities;
import io.zonewright.api.spi.DeviceIdentity;
import io.zonewright.api.spi.ZonedBackend;
import io.zonewright.api.zone.ZoneCondition;
import io.zonewright.api.zone.ZoneDescriptor;
import io.zonewright.api.zone.ZoneLimits;
import io.zonewright.api.zone.ZoneRules;
import io.zonewright.engine.EngineDevice;
import io.zonewright.engine.ResourceUse;
import io.zonewright.testkit.backend.MemoryBackend;
import io.zonewright.testkit.backend.RecordingRequest;
import io.zonewright.testkit.backend.RuledBackend;
import io.zonewright.testkit.backend.Shape;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Several threads write, append, open, close, finish, reset and report at once over a medium that completes in any
 * order on threads of its own. Each block carries the number of its write and its place in it, so that afterwards the
 * device itself says what became of every write.
 */
@Timeout(120)
class StressTest {
    private static final int BLOCK = 512;
    private static final int ZONE_BLOCKS = 128;
    private static final int ZONES = 6;
    private static final int THREADS = 4;
    private static final int BATCH = 6;
    private static final ZoneLimits LIMITS = new ZoneLimits(3, 5, ZONE_BLOCKS * BLOCK);
    private static final Shape SHAPE = Shape.hostManaged(ZONES, ZONE_BLOCKS).with(LIMITS);

    /** One write or append; times are ticks of a common clock. */
    private record Try(long number, int zone, int blocks, RecordingRequest request, long began) {}

    private final AtomicLong clock = new AtomicLong();
    private final AtomicLong numbers = new AtomicLong();
    private final Map<Long, Try> tries = new ConcurrentHashMap<>();
    private final AtomicIntegerArray resetsBegun = new AtomicIntegerArray(ZONES);
    private final AtomicIntegerArray resetsOver = new AtomicIntegerArray(ZONES);
    private final long[] lastResetOver = new long[ZONES];
    private boolean mirrored;
    private int kept;
    private final Set<String> wrong = ConcurrentHashMap.newKeySet();

    @Test
    void everythingAtOnce() throws InterruptedException {
        run(SHAPE, 0, true);
    }

    @Test
    void everythingAtOnceOnAMediumThatFails() throws InterruptedException {
        run(SHAPE, 40, true);
    }

    @Test
    void everythingAtOnceWithNativeAppend() throws InterruptedException {
        run(SHAPE.with(new Capabilities(false, false, false, false, true, false)), 0, true);
    }

    /** The medium is handed the writes in order but carries them out in any, and judges for itself. */
    @Test
    void everythingAtOnceOnAMediumWithRulesOfItsOwn() throws InterruptedException {
        run(SHAPE.with(new Capabilities(false, false, false, false, false, true)), 0, true);
    }

    @Test
    void everythingAtOnceWithRulesOfItsOwnAndNativeAppend() throws InterruptedException {
        run(SHAPE.with(new Capabilities(false, false, false, false, true, true)), 0, true);
    }

    @Test
    void withoutResetsNothingIsLost() throws InterruptedException {
        run(SHAPE, 0, false);
        long done = tries.values().stream()
                .filter(each -> each.request.result().contains(Cause.DONE))
                .count();
        assertEquals(done, kept);
    }

    private void run(Shape shape, int failOneIn, boolean resets) throws InterruptedException {
        MemoryBackend memory = new MemoryBackend(shape);
        mirrored = shape.capabilities().ownZoneRules();
        ZonedBackend inner = mirrored ? new RuledBackend(shape, ZoneRules.ZBC) : memory;
        UnrulyBackend medium = new UnrulyBackend(inner, 2, failOneIn);
        EngineDevice device = EngineDevice.open(DeviceIdentity.of("stress"), medium, ZoneRules.ZBC);
        long seed = Long.getLong("zonewright.model.seed", System.nanoTime());
        System.out.println("stress test: -Dzonewright.model.seed=" + seed);
        // Without resets the zones are soon full.
        long commands = Long.getLong("zonewright.model.commands", 300_000);
        int rounds = resets ? (int) Math.min(40_000, commands / 300) : 25;
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            Random random = new Random(seed + i);
            threads.add(Thread.ofPlatform().name("client-" + i).start(() -> client(device, random, rounds, resets)));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(Set.of(), wrong);
        assertEquals("", memory.defect());
        judge(device);
        assertTrue(device.close(Duration.ofSeconds(10)));
    }

    private void client(EngineDevice device, Random random, int rounds, boolean resets) {
        try {
            ZoneDescriptor zone = new ZoneDescriptor();
            for (int round = 0; round < rounds; round++) {
                if (random.nextInt(12) == 0) {
                    act(device, random, resets);
                } else {
                    batch(device, random, zone);
                }
                look(device, zone);
            }
        } catch (InterruptedException | RuntimeException | AssertionError thrown) {
            wrong.add(thrown.toString());
        }
    }

    /** Some writes and appends to one or two zones, all in flight together. */
    private void batch(EngineDevice device, Random random, ZoneDescriptor zone) throws InterruptedException {
        CountDownLatch open = new CountDownLatch(BATCH);
        List<Try> batch = new ArrayList<>();
        int favourite = random.nextInt(ZONES);
        int resetsBefore = resetsOver.get(favourite);
        for (int i = 0; i < BATCH; i++) {
            int index = random.nextInt(4) == 0 ? random.nextInt(ZONES) : favourite;
            device.zone(index, zone);
            int blocks = 1 + random.nextInt(4);
            boolean append = random.nextInt(3) != 0 || !zone.condition().writable();
            long number = numbers.incrementAndGet();
            long offset = append ? zone.start() : zone.writePointer();
            RecordingRequest request =
                    RecordingRequest.of(append ? Operation.APPEND : Operation.WRITE, offset, marked(number, blocks));
            Try each = new Try(number, index, blocks, request, clock.incrementAndGet());
            tries.put(number, each);
            batch.add(each);
            device.submit(request.then(open::countDown));
        }
        if (!open.await(30, TimeUnit.SECONDS)) {
            throw new AssertionError("no completion for 30 s: " + batch);
        }
        for (Try each : batch) {
            boolean undisturbed = each.zone == favourite
                    && resetsBegun.get(favourite) == resetsBefore
                    && each.request.result().equals(Set.of(Cause.DONE));
            device.zone(favourite, zone);
            long end = placeOf(each) + (long) each.blocks * BLOCK;
            if (undisturbed && zone.writePointer() < end && resetsBegun.get(favourite) == resetsBefore) {
                wrong.add(zone + " does not show " + each);
            }
        }
    }

    private static long placeOf(Try each) {
        return each.request.operation() == Operation.APPEND ? each.request.placement() : each.request.offset();
    }

    private void act(EngineDevice device, Random random, boolean resets) throws InterruptedException {
        int index = random.nextInt(ZONES);
        Operation action = switch (random.nextInt(resets ? 8 : 3)) {
            case 0 -> Operation.ZONE_OPEN;
            case 1, 2 -> Operation.ZONE_CLOSE;
            case 3 -> Operation.ZONE_FINISH;
            default -> Operation.ZONE_RESET;
        };
        boolean all = action == Operation.ZONE_RESET && random.nextInt(10) == 0;
        CountDownLatch done = new CountDownLatch(1);
        RecordingRequest request = all
                ? RecordingRequest.all(action)
                : RecordingRequest.action(action, index * (long) ZONE_BLOCKS * BLOCK);
        int from = all ? 0 : index;
        int to = all ? ZONES : index + 1;
        if (action == Operation.ZONE_RESET) {
            for (int zone = from; zone < to; zone++) {
                resetsBegun.incrementAndGet(zone);
            }
        }
        device.submit(request.then(done::countDown));
        if (!done.await(30, TimeUnit.SECONDS)) {
            throw new AssertionError("no completion for 30 s: " + request);
        }
        if (action == Operation.ZONE_RESET) {
            synchronized (lastResetOver) {
                for (int zone = from; zone < to; zone++) {
                    lastResetOver[zone] = clock.incrementAndGet();
                    resetsOver.incrementAndGet(zone);
                }
            }
        }
    }

    /** Limits hold at every moment, and so does every report. */
    private void look(EngineDevice device, ZoneDescriptor zone) {
        ResourceUse use = device.resourceUse();
        // A mirror does not know what such a medium closed by itself.
        boolean above = use.open() > LIMITS.maxOpen() || use.active() > LIMITS.maxActive();
        if (above && !mirrored) {
            wrong.add("above the limits: " + use);
        }
        for (int i = 0; i < ZONES; i++) {
            device.zone(i, zone);
            long written = (zone.writePointer() - zone.start()) / BLOCK;
            boolean sound = switch (zone.condition()) {
                case EMPTY -> written == 0;
                case IMPLICIT_OPEN, EXPLICIT_OPEN, CLOSED -> written < ZONE_BLOCKS;
                case FULL -> written == ZONE_BLOCKS;
                case NOT_WRITE_POINTER, READ_ONLY, OFFLINE -> false;
            };
            if (!sound) {
                wrong.add("unsound: " + zone);
            }
        }
    }

    /** Nobody is at work any more: reads the whole device and holds it against what the clients were told. */
    private void judge(EngineDevice device) throws InterruptedException {
        CountDownLatch reported = new CountDownLatch(1);
        device.submit(RecordingRequest.plain(
                        Operation.ZONE_REPORT, 0, SHAPE.geometry().deviceBytes())
                .then(reported::countDown));
        assertTrue(reported.await(30, TimeUnit.SECONDS));
        ZoneDescriptor zone = new ZoneDescriptor();
        int implicitOpen = 0;
        int explicitOpen = 0;
        int closed = 0;
        Map<Long, Integer> found = new HashMap<>();
        for (int i = 0; i < ZONES; i++) {
            device.zone(i, zone);
            implicitOpen += zone.condition() == ZoneCondition.IMPLICIT_OPEN ? 1 : 0;
            explicitOpen += zone.condition() == ZoneCondition.EXPLICIT_OPEN ? 1 : 0;
            closed += zone.condition() == ZoneCondition.CLOSED ? 1 : 0;
            CountDownLatch done = new CountDownLatch(1);
            RecordingRequest read = RecordingRequest.read(zone.start(), ZONE_BLOCKS * BLOCK);
            device.submit(read.then(done::countDown));
            assertTrue(done.await(30, TimeUnit.SECONDS));
            ByteBuffer bytes = ByteBuffer.wrap(read.payload());
            boolean gap = false;
            for (int block = 0; block < ZONE_BLOCKS; block++) {
                long number = bytes.getLong(block * BLOCK);
                long place = zone.start() + (long) block * BLOCK;
                gap |= number == 0;
                if (number == 0) {
                    assertTrue(
                            zone.condition() == ZoneCondition.FULL || place >= zone.writePointer(),
                            "a hole below the pointer of " + zone);
                    continue;
                }
                assertTrue(!gap, "data above a hole in " + zone);
                Try each = Objects.requireNonNull(tries.get(number), "nobody wrote this: " + number);
                int part = bytes.getInt(block * BLOCK + 8);
                Set<Cause> result = each.request.result();
                if (result.equals(Set.of(Cause.DONE))) {
                    assertEquals(placeOf(each) + (long) part * BLOCK, place, "place of " + each);
                    found.merge(number, 1, Integer::sum);
                } else {
                    assertEquals(Set.of(Cause.MEDIUM_ERROR), result, "acknowledged as failed, yet readable: " + each);
                    assertTrue(part < each.request.transferred() / BLOCK, "more of it than was told: " + each);
                }
            }
        }
        assertEquals(new ResourceUse(implicitOpen, explicitOpen, closed), device.resourceUse());
        kept = 0;
        for (Try each : tries.values()) {
            assertEquals(1, each.request.completions(), each.toString());
            boolean afterTheLastReset = each.began > lastResetOver[each.zone];
            if (afterTheLastReset && each.request.result().equals(Set.of(Cause.DONE))) {
                assertEquals(each.blocks, found.getOrDefault(each.number, 0), "acknowledged and lost: " + each);
                kept++;
            }
        }
        long done = tries.values().stream()
                .filter(each -> each.request.result().contains(Cause.DONE))
                .count();
        System.out.println("stress test: " + tries.size() + " writes, " + done + " done, " + kept
                + " surely on the device at the end");
        assertTrue(done > 0);
    }

    private static byte[] marked(long number, int blocks) {
        ByteBuffer bytes = ByteBuffer.allocate(blocks * BLOCK);
        for (int i = 0; i < blocks; i++) {
            bytes.putLong(i * BLOCK, number);
            bytes.putInt(i * BLOCK + 8, i);
        }
        return bytes.array();
    }
}
