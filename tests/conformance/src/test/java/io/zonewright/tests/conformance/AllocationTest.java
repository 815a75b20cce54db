package io.zonewright.tests.conformance;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.zonewright.api.zone.ZoneModel;
import io.zonewright.posix.Posix;
import io.zonewright.testkit.blk.BlkLoad;
import io.zonewright.testkit.blk.DriverOptions;
import io.zonewright.testkit.blk.VirtioBlk;
import io.zonewright.testkit.blk.VirtioBlkDriver;
import io.zonewright.testkit.device.TestDevice;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Steady state allocates nothing: a million requests of 4 KiB, half of them sequential writes, half reads, through the
 * running front-end over a real socket and rings; the threads that device and front-end made may allocate less than a
 * byte for each.
 */
@Timeout(180)
class AllocationTest {
    private static final int REQUEST_BYTES = 4096;
    private static final int REQUEST_SECTORS = REQUEST_BYTES / VirtioBlk.SECTOR;
    private static final int REQUESTS = 1_000_000;
    /** A round of warming up; the compiler is done when a round allocates next to nothing. */
    private static final int WARM_UP = 100_000;

    private static final int MOST_WARM_UPS = 15;
    private static final int WARM_BYTES = WARM_UP / 10;
    private static final int ZONE_BLOCKS = 8192;
    private static final int ZONES = 4;
    private static final Shape SHAPE = new Shape(
            "hm-4096", ZoneModel.HOST_MANAGED, 4096, 4096, ZONE_BLOCKS, ZONE_BLOCKS, 0, ZONES, ZONE_BLOCKS, 0, 0, 64);

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @ParameterizedTest(name = "packed rings: {0}")
    @ValueSource(booleans = {false, true})
    void aMillionRequestsAllocateLessThanAMillionBytes(boolean packed) {
        Set<Long> before = threads();
        try (TestDevice device = NullZonedMedium.device(SHAPE)) {
            Path socket = FrontendUnderTest.VIRTIO_BLK.start(device, Map.of("packed", Boolean.toString(packed)));
            DriverOptions options = DriverOptions.DEFAULT.without(VirtioBlk.F_EVENT_IDX);
            DriverOptions chosen = packed ? options.packed() : options;
            try (VirtioBlkDriver driver = VirtioBlkDriver.connect(Posix.system(), socket, chosen)) {
                BlkLoad load = new BlkLoad(driver, 0, REQUEST_BYTES);
                Set<Long> ours = threads();
                ours.removeAll(before);
                assertFalse(ours.isEmpty(), "the front-end has threads of its own");
                long[] ids = ours.stream().mapToLong(Long::longValue).toArray();
                warmUp(load, ids);
                long allocated = allocated(ids);
                long began = System.nanoTime();
                run(load, REQUESTS);
                long nanos = System.nanoTime() - began;
                allocated = allocated(ids) - allocated;
                System.out.printf(
                        "%d requests: %d bytes allocated by %d threads, %d ns a request%n",
                        REQUESTS, allocated, ids.length, nanos / REQUESTS);
                assertTrue(allocated < REQUESTS, allocated + " bytes for " + REQUESTS + " requests");
            }
        }
    }

    private static void warmUp(BlkLoad load, long[] ids) {
        for (int i = 0; i < MOST_WARM_UPS; i++) {
            long allocated = allocated(ids);
            run(load, WARM_UP);
            if (allocated(ids) - allocated < WARM_BYTES) {
                return;
            }
        }
    }

    /** Writes a zone, reads it, resets it, zone after zone. */
    private static void run(BlkLoad load, int requests) {
        int left = requests;
        for (int zone = 0; left > 0; zone = (zone + 1) % ZONES) {
            long start = (long) zone * ZONE_BLOCKS * REQUEST_SECTORS;
            int count = Math.min(ZONE_BLOCKS, left / 2);
            load.run(VirtioBlk.T_OUT, start, count);
            load.run(VirtioBlk.T_IN, start, count);
            load.action(VirtioBlk.T_ZONE_RESET, start);
            left -= 2 * count;
        }
    }

    private static Set<Long> threads() {
        return Arrays.stream(THREADS.getAllThreadIds()).boxed().collect(Collectors.toCollection(TreeSet::new));
    }

    private static long allocated(long[] ids) {
        return Arrays.stream(THREADS.getThreadAllocatedBytes(ids))
                .filter(bytes -> bytes >= 0)
                .sum();
    }
}
