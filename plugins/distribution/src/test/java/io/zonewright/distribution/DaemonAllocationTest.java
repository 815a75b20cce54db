package io.zonewright.distribution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.posix.Posix;
import io.zonewright.testkit.blk.BlkLoad;
import io.zonewright.testkit.blk.DriverOptions;
import io.zonewright.testkit.blk.VirtioBlk;
import io.zonewright.testkit.blk.VirtioBlkDriver;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The running daemon allocates nothing in steady state: a million requests through each of two queues, half of them
 * sequential writes and half reads, and every queue's thread allocates less than a byte for each of its own requests,
 * as the daemon's JVM counts it.
 */
@Timeout(120)
class DaemonAllocationTest {
    private static final int QUEUES = 2;
    private static final int REQUESTS = 1_000_000;
    /** Until the compiler is done with the whole path; nothing is asserted of it. */
    private static final int WARM_UP = 400_000;

    private static final int REQUEST_BYTES = 4096;
    private static final int REQUEST_SECTORS = REQUEST_BYTES / VirtioBlk.SECTOR;
    private static final int ZONE_REQUESTS = 1024;
    private static final int ZONES_PER_QUEUE = 2;

    @TempDir
    Path work;

    @Test
    void eachQueueThreadAllocatesLessThanAByteARequest() throws Exception {
        Path socket = work.resolve("disk.sock");
        Path control = work.resolve("control.sock");
        Path config = Files.writeString(work.resolve("zonewright.yaml"), """
                devices:
                  disk:
                    backend: { type: null-zoned, size: 16MiB, zone-size: 4MiB }
                    frontends:
                      - { type: virtio-blk, transport: vhost-user, socket: disk.sock, queues: 2, threads: 2 }
                control: { socket: control.sock }
                """);
        try (Program daemon = Program.start(work, "serve", config.toString())) {
            daemon.awaitReady();
            DriverOptions options =
                    DriverOptions.DEFAULT.without(VirtioBlk.F_EVENT_IDX).withQueues(QUEUES, 128);
            try (VirtioBlkDriver driver = VirtioBlkDriver.connect(Posix.system(), socket, options)) {
                BlkLoad[] loads = new BlkLoad[QUEUES];
                for (int queue = 0; queue < QUEUES; queue++) {
                    loads[queue] = new BlkLoad(driver, queue, REQUEST_BYTES);
                    run(loads[queue], queue, WARM_UP);
                }
                Stats before = Stats.ask(work, control);
                long began = System.nanoTime();
                for (int queue = 0; queue < QUEUES; queue++) {
                    run(loads[queue], queue, REQUESTS);
                }
                long nanos = System.nanoTime() - began;
                Stats after = Stats.ask(work, control);
                System.out.printf("%d requests a queue, %d ns each%n", REQUESTS, nanos / QUEUES / REQUESTS);
                long taken = after.number("chains-taken") - before.number("chains-taken");
                assertTrue(taken >= (long) QUEUES * REQUESTS, taken + " requests");
                for (int thread = 0; thread < QUEUES; thread++) {
                    String name = "thread-" + thread + "-allocated-bytes";
                    assertTrue(before.number(name) > 0, name + " was not counted");
                    long allocated = after.number(name) - before.number(name);
                    System.out.printf("%s: %d%n", name, allocated);
                    assertTrue(allocated < REQUESTS, name + ": " + allocated + " for " + REQUESTS + " requests");
                }
            }
            daemon.terminate();
            Program.Result end = daemon.end();
            assertEquals(0, end.status(), end.err());
        }
    }

    /** Writes a zone, reads it, resets it, zone after zone of those that the queue has for itself. */
    private static void run(BlkLoad load, int queue, int requests) {
        int left = requests;
        for (int turn = 0; left > 0; turn = (turn + 1) % ZONES_PER_QUEUE) {
            long zone = (long) queue * ZONES_PER_QUEUE + turn;
            long start = zone * ZONE_REQUESTS * REQUEST_SECTORS;
            int count = Math.min(ZONE_REQUESTS, left / 2);
            load.run(VirtioBlk.T_OUT, start, count);
            load.run(VirtioBlk.T_IN, start, count);
            load.action(VirtioBlk.T_ZONE_RESET, start);
            left -= 2 * count;
        }
    }
}
