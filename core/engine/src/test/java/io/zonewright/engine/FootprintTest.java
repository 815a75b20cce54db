package io.zonewright.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.api.request.Operation;
import io.zonewright.api.result.Cause;
import io.zonewright.api.spi.DeviceIdentity;
import io.zonewright.api.zone.ZoneLimits;
import io.zonewright.api.zone.ZoneRules;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** What the engine costs: bytes per zone, bytes per request, time per request. */
class FootprintTest {
    private static final com.sun.management.ThreadMXBean THREADS =
            (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int MILLION = 1_000_000;
    /** Lane pool, arrays' headers, listeners and the like. */
    private static final long FIXED_BYTES = 1 << 20;

    private static EngineDevice open(int zones, ZoneLimits limits) {
        return EngineDevice.open(DeviceIdentity.of("footprint"), InstantMedium.of(zones, limits), ZoneRules.ZBC);
    }

    private static long allocatedByOpening(ZoneLimits limits) {
        open(16, limits);
        long before = THREADS.getCurrentThreadAllocatedBytes();
        EngineDevice device = open(MILLION, limits);
        long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
        assertEquals(MILLION, device.geometry().zoneCount());
        return allocated;
    }

    @Test
    void millionZonesTakeTwelveBytesEach() {
        long allocated = allocatedByOpening(ZoneLimits.NONE);
        System.out.println("a million zones without limits: " + allocated + " bytes");
        assertTrue(allocated < 12L * MILLION + FIXED_BYTES, allocated + " bytes");
    }

    @Test
    void millionZonesWithLimitsTakeTwentyBytesEach() {
        long allocated = allocatedByOpening(new ZoneLimits(1024, 4096, 1 << 20));
        System.out.println("a million zones with limits: " + allocated + " bytes");
        assertTrue(allocated < 20L * MILLION + FIXED_BYTES, allocated + " bytes");
    }

    @Test
    void requestsAllocateNothing() {
        EngineDevice device = open(64, new ZoneLimits(8, 16, 1 << 20));
        InstantMedium.Probe write = probe();
        InstantMedium.Probe read = probe();
        run(device, write, read, 300_000);
        long before = THREADS.getCurrentThreadAllocatedBytes();
        long start = System.nanoTime();
        int requests = run(device, write, read, MILLION);
        long nanos = System.nanoTime() - start;
        long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
        System.out.printf(
                Locale.ROOT,
                "%.1f ns and %.4f bytes a request%n",
                (double) nanos / requests,
                (double) allocated / requests);
        assertTrue(allocated < requests, allocated + " bytes for " + requests + " requests");
    }

    private static InstantMedium.Probe probe() {
        InstantMedium.Probe probe = new InstantMedium.Probe();
        probe.data().add(MemorySegment.ofArray(new byte[4096]), 0, 4096);
        return probe;
    }

    /** Writes, appends and reads round 32 zones, which opens and closes them all the time, and resets full ones. */
    private static int run(EngineDevice device, InstantMedium.Probe write, InstantMedium.Probe read, int rounds) {
        long zoneSize = device.geometry().zoneSize();
        int requests = 0;
        long[] pointers = new long[32];
        for (int zone = 0; zone < 32; zone++) {
            device.submit(write.ask(Operation.ZONE_RESET, zone * zoneSize, 0));
        }
        for (int i = 0; i < rounds; i++) {
            // Half the writes stay in one zone, half wander and make others close.
            int zone = i % 2 == 0 ? 0 : i / 2 % 16;
            long start = zone * zoneSize;
            if (pointers[zone] == zoneSize) {
                device.submit(write.ask(Operation.ZONE_RESET, start, 0));
                pointers[zone] = 0;
                requests++;
            }
            Operation operation = i % 4 < 2 ? Operation.WRITE : Operation.APPEND;
            if (operation == Operation.APPEND) {
                device.submit(write.ask(operation, start, 4096));
            } else {
                device.submit(write.ask(operation, start + pointers[zone], 4096));
            }
            if (write.cause() != Cause.DONE) {
                throw new AssertionError(write.toString());
            }
            device.submit(read.ask(Operation.READ, start + pointers[zone], 4096));
            pointers[zone] += 4096;
            requests += 2;
        }
        return requests;
    }
}
