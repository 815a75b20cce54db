package io.zonewright.tests.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.zonewright.api.zone.ZoneModel;
import io.zonewright.testkit.device.TestDevice;
import io.zonewright.testkit.nvme.NvmeRequest;
import io.zonewright.testkit.nvme.tcp.NvmeTcpHost;
import io.zonewright.testkit.nvme.tcp.TcpOptions;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Writes and appends over NVMe/TCP allocate less than a byte each in the threads of device and front-end, once they are
 * warm: data within the capsule, and data that comes after an R2T.
 */
@Timeout(180)
class NvmeTcpAllocationTest {
    private static final String NQN = "nqn.2026-11.io.zonewright:allocation";
    private static final int BLOCK = 4096;
    private static final int ZONE_BLOCKS = 8192;
    private static final int RESET = 4;
    private static final int REQUESTS = 2_000;
    private static final int MOST_ROUNDS = 40;
    private static final Shape SHAPE = new Shape(
            "hm-4096", ZoneModel.HOST_MANAGED, BLOCK, BLOCK, ZONE_BLOCKS, ZONE_BLOCKS, 0, 4, ZONE_BLOCKS, 0, 0, 64);
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** One round fills a part of zone 0 from its start; what the reset allocates is among what is counted. */
    private static void round(NvmeTcpHost host, boolean append, byte[] data) {
        assertEquals(0, host.run(NvmeRequest.zoneSend(1, 0, RESET)).status());
        int blocks = data.length / BLOCK;
        for (int i = 0; i < REQUESTS; i++) {
            NvmeRequest request = append
                    ? NvmeRequest.append(1, 0, BLOCK, data)
                    : NvmeRequest.write(1, (long) i * blocks, BLOCK, data);
            assertEquals(0, host.run(request).status());
        }
    }

    @ParameterizedTest
    @CsvSource({"false, 4096", "true, 4096", "false, 16384", "true, 16384"})
    void aCommandAllocatesLessThanAByte(boolean append, int bytes) {
        Set<Long> before = threads();
        try (TestDevice device = NullZonedMedium.device(SHAPE)) {
            InetSocketAddress address = device.startTcp("nvme-zns", "tcp", Map.of("nqn", NQN));
            try (NvmeTcpHost host = NvmeTcpHost.connect(address, NQN, TcpOptions.DEFAULT)) {
                Set<Long> ours = threads();
                ours.removeAll(before);
                long[] ids = ours.stream().mapToLong(Long::longValue).toArray();
                assertTrue(ids.length > 0, "the front-end has threads of its own");
                byte[] data = new byte[bytes];
                Arrays.fill(data, (byte) 0x5A);
                long[] rounds = new long[MOST_ROUNDS];
                boolean good = false;
                for (int i = 0; i < MOST_ROUNDS && !good; i++) {
                    long allocated = allocated(ids);
                    round(host, append, data);
                    rounds[i] = allocated(ids) - allocated;
                    good = rounds[i] < REQUESTS;
                }
                assertTrue(good, () -> "bytes in " + REQUESTS + " commands: " + Arrays.toString(rounds));
            }
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
