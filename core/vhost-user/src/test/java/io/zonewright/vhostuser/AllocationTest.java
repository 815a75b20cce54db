package io.zonewright.vhostuser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.zonewright.posix.EventFd;
import io.zonewright.virtio.queue.DriverRing;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The loop's thread allocates nothing for a request: kick, walk, answer, publish, call, sleep. */
@Timeout(60)
class AllocationTest {
    private static final int BATCH = 8;
    private static final int WARM_UP = 200_000;
    private static final int MAX_WARM_UP_ROUNDS = 40;
    private static final int REQUESTS = 1_000_000;

    @Test
    void aMillionRequestsAllocateLessThanOneByteEach() throws IOException {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        try (EndpointFixture fixture = new EndpointFixture(1);
                TestDriver driver = fixture.connect()) {
            driver.negotiate(TestDriver.VIRTIO | 1L << 28);
            driver.shareMemory();
            driver.startQueue(0, 0);
            DriverRing ring = driver.makeQueue(0).ring();
            long loop = fixture.loops.loop(0).call(() -> Thread.currentThread().threadId());
            // Half of the chains are direct, half are indirect.
            for (int i = 0; i < BATCH; i++) {
                long data = TestDriver.GUEST + TestDriver.dataAt(i);
                if (i % 2 == 0) {
                    ring.descriptor(2 * i, data, 16, DriverRing.NEXT, 2 * i + 1);
                    ring.descriptor(2 * i + 1, data + 16, 513, DriverRing.WRITE, 0);
                } else {
                    long table = 0x8000 + 0x100L * i;
                    ring.indirect(table, 0, data, 16, DriverRing.NEXT, 1);
                    ring.indirect(table, 1, data + 16, 512, DriverRing.NEXT | DriverRing.WRITE, 2);
                    ring.indirect(table, 2, data + 1024, 1, DriverRing.WRITE, 0);
                    ring.descriptor(2 * i, TestDriver.GUEST + table, 48, DriverRing.INDIRECT, 0);
                }
            }
            // The JDK makes a slice for each system call (SharedUtils.checkCaptureSegment) until its second compiler
            // has
            // seen the calls; on a busy machine that takes a while.
            int served = 0;
            long before = threads.getThreadAllocatedBytes(loop);
            for (int round = 0; round < MAX_WARM_UP_ROUNDS; round++) {
                serve(driver, WARM_UP);
                served += WARM_UP;
                long now = threads.getThreadAllocatedBytes(loop);
                if (now - before < WARM_UP / 2) {
                    break;
                }
                before = now;
            }
            before = threads.getThreadAllocatedBytes(loop);
            serve(driver, REQUESTS);
            long allocated = threads.getThreadAllocatedBytes(loop) - before;
            assertTrue(allocated < REQUESTS, allocated + " bytes for " + REQUESTS + " requests");
            assertEquals(served + REQUESTS, fixture.stat("chains-completed"));
        }
    }

    private static void serve(TestDriver driver, int requests) {
        DriverRing ring = driver.makeQueue(0).ring();
        EventFd kick = driver.makeQueue(0).kick();
        for (int done = 0; done < requests; done += BATCH) {
            for (int i = 0; i < BATCH; i++) {
                ring.stage(2 * i);
            }
            ring.show();
            kick.signal();
            driver.awaitUsed(0, ring.availableIndex());
        }
    }
}
