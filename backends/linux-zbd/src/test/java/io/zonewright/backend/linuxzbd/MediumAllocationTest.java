package io.zonewright.backend.linuxzbd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.zonewright.api.request.DeviceRequest;
import io.zonewright.api.request.Operation;
import io.zonewright.api.result.Cause;
import io.zonewright.api.spi.DeviceIdentity;
import io.zonewright.api.spi.ZonedBackend;
import io.zonewright.testkit.config.TestSettings;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Reads and writes of a file allocate nothing once all is warm, whichever way data moves and whether it is bounced or not. */
@Timeout(120)
class MediumAllocationTest {
    private static final int MIB = 1 << 20;
    private static final int REQUESTS = 40_000;
    private static final int IN_FLIGHT = 16;
    private static final int MOST_ROUNDS = 10;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @TempDir
    Path directory;

    /** A request that is used again and again. */
    private static final class Again extends DeviceRequest {
        private final Thread waiter;
        private final AtomicInteger left;
        private volatile boolean done = true;

        Again(Thread waiter, AtomicInteger left) {
            this.waiter = waiter;
            this.left = left;
        }

        void begin() {
            done = false;
        }

        @Override
        protected void onComplete() {
            if (cause() != Cause.DONE || transferred() != length()) {
                left.set(Integer.MIN_VALUE / 2);
            }
            done = true;
            left.decrementAndGet();
            LockSupport.unpark(waiter);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"threads", "io_uring"})
    void aRequestAllocatesLessThanAByte(String io) throws IOException {
        Path file = directory.resolve("disk");
        Files.write(file, new byte[4 * MIB]);
        LinuxZbdExtension extension = new LinuxZbdExtension();
        Map<String, String> values = Map.of("path", file.toString(), "model", "none", "io", io, "queue-depth", "8");
        try (ZonedBackend backend = extension
                .plan(TestSettings.of(extension.keys(), values), DeviceIdentity.of("disk"))
                .open()) {
            AtomicInteger left = new AtomicInteger();
            Again[] requests = new Again[IN_FLIGHT];
            Arrays.setAll(requests, i -> new Again(Thread.currentThread(), left));
            MemorySegment memory = Arena.ofAuto().allocate(IN_FLIGHT * 8192L, 4096);
            long least = Long.MAX_VALUE;
            for (int round = 0; round < MOST_ROUNDS && least >= REQUESTS; round++) {
                long before = allocated();
                run(backend, requests, left, memory);
                least = Math.min(least, allocated() - before);
            }
            System.out.printf("%s: %d bytes allocated by %d requests%n", io, least, REQUESTS);
            assertTrue(least < REQUESTS, least + " bytes for " + REQUESTS + " requests");
        }
    }

    private static void run(ZonedBackend backend, Again[] requests, AtomicInteger left, MemorySegment memory) {
        left.set(REQUESTS);
        for (int i = 0; i < REQUESTS; i++) {
            int slot = i % IN_FLIGHT;
            Again request = requests[slot];
            await(request);
            request.begin();
            request.prepare((i & 1) == 0 ? Operation.WRITE : Operation.READ, (i % 1024) * 4096L, 4096);
            request.data().clear();
            // Every fourth is not aligned to a sector.
            request.data().add(memory, slot * 8192L + ((i & 12) == 0 ? 100 : 0), 4096);
            backend.submit(request);
        }
        for (Again request : requests) {
            await(request);
        }
        assertEquals(0, left.get());
    }

    private static void await(Again request) {
        while (!request.done) {
            LockSupport.parkNanos(1_000_000);
        }
    }

    /** By this thread and those of the device. */
    private static long allocated() {
        long own = Thread.currentThread().threadId();
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.threadId() == own || thread.getName().startsWith("zbd-disk"))
                .mapToLong(thread -> THREADS.getThreadAllocatedBytes(thread.threadId()))
                .sum();
    }
}
