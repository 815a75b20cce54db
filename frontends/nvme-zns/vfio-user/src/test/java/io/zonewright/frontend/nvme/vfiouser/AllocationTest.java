package io.zonewright.frontend.nvme.vfiouser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.zonewright.frontend.nvme.vfiouser.Host.Pair;
import io.zonewright.frontend.nvme.vfiouser.queue.Cell;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/** The way of a read from its entry to its answer allocates nothing. */
class AllocationTest {
    private static final int BATCH = 32;
    private static final int WARM_UP = 10_000;
    private static final int ROUNDS = 20_000;

    private static long run(Host host, Cell tail, Cell head, int rounds) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < rounds; i++) {
            tail.write((i + 1) % 2 * BATCH);
            host.carrier.workers().getFirst().poll(64);
            head.write((i + 1) % 2 * BATCH);
        }
        return threads.getCurrentThreadAllocatedBytes() - before;
    }

    @Test
    void commandsAllocateLessThanOneByteEach() {
        try (Host host = new Host(1, true).enable()) {
            Pair pair = host.pair(1, 2 * BATCH);
            for (int i = 0; i < 2 * BATCH; i++) {
                // 4 KiB in two pages: a PRP walk with two spans.
                pair.put(0x02, 1, Host.DATA + 0x800, Host.DATA + 0x3000, 0, 0, 7);
            }
            Cell tail = new Cell(host.guest.shared(0), 0x1008);
            Cell head = new Cell(host.guest.shared(0), 0x100C);
            run(host, tail, head, WARM_UP);
            host.guest.takeInterrupts();
            long best = Long.MAX_VALUE;
            for (int i = 0; i < 3 && best >= (long) ROUNDS * BATCH; i++) {
                host.guest.forgetInterrupts();
                best = Math.min(best, run(host, tail, head, ROUNDS));
            }
            long commands = (long) ROUNDS * BATCH;
            assertTrue(best < commands, best + " bytes in " + commands + " commands");
            assertEquals(0L, (long) host.carrier.counters().get("failed-commands"));
        }
    }
}
