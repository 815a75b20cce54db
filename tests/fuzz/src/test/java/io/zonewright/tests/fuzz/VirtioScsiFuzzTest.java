package io.zonewright.tests.fuzz;

import io.zonewright.posix.Posix;
import io.zonewright.testkit.device.TestDevice;
import io.zonewright.testkit.scsi.virtio.ChainQueue;
import io.zonewright.testkit.scsi.virtio.VirtioScsi;
import io.zonewright.testkit.scsi.virtio.VirtioScsiDriver;
import io.zonewright.tests.fuzz.VirtioScsiOracle.Expected;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Requests on all three kinds of queue of a virtio-scsi adapter, right and wrong, cut into descriptors anywhere, over split
 * and packed rings and CDB and sense fields of any size, each generated with its verdict: every byte of the response.
 */
@Timeout(900)
class VirtioScsiFuzzTest {
    private static final int REQUESTS = 120;
    private static final int QUEUES = 2;
    private static final int MOST_PIECES = 6;
    private static final int MOST_EVENT_BUFFERS = 8;
    private static final int PATIENCE_MILLIS = 20_000;
    private static final int SENSE_SIZE = 20;
    private static final int CDB_SIZE = 24;

    @Test
    void requestsGetTheirExactVerdict() {
        try (Surprises surprises = Surprises.watch()) {
            play(new Random(1));
            Leaks leaks = Leaks.watch();
            FuzzRun.run("virtio-scsi requests", random -> {
                play(random);
                surprises.check();
                leaks.check();
            });
        }
    }

    private static void play(Random random) {
        int capacity = ScsiCommandsFuzzTest.capacity(random);
        boolean packed = random.nextBoolean();
        try (TestDevice device = ScsiCommandsFuzzTest.device(capacity);
                VirtioScsiDriver driver = VirtioScsiDriver.connect(
                        Posix.system(),
                        device.start(
                                "scsi-zbc",
                                "vhost-user",
                                Map.of(
                                        "queues", Integer.toString(QUEUES),
                                        "threads", Integer.toString(1 + random.nextInt(QUEUES)),
                                        "packed", Boolean.toString(packed))),
                        options(random, packed))) {
            int cdbBytes = size(random, 32, 260);
            int senseBytes = size(random, 18, 252);
            configure(driver, CDB_SIZE, cdbBytes);
            configure(driver, SENSE_SIZE, senseBytes);
            VirtioScsiOracle oracle =
                    new VirtioScsiOracle(random, new ScsiOracle(random, capacity), cdbBytes, senseBytes);
            List<ChainQueue.Chain> events = new ArrayList<>();
            for (int i = 0; i < REQUESTS; i++) {
                if (events.size() < MOST_EVENT_BUFFERS && random.nextInt(10) == 0) {
                    events.add(driver.events()
                            .send(new byte[random.nextInt(3)], VirtioScsi.EVENT_BYTES + random.nextInt(20)));
                }
                judge(driver, random, oracle.next());
            }
            judge(driver, random, oracle.calm());
            judge(driver, random, oracle.report());
            driver.events().collect();
            if (events.stream().anyMatch(ChainQueue.Chain::done)) {
                throw new AssertionError("an event out of nothing");
            }
        }
    }

    private static VirtioScsiDriver.Options options(Random random, boolean packed) {
        VirtioScsiDriver.Options options =
                VirtioScsiDriver.Options.DEFAULT.withQueues(QUEUES).withDataBytes(1 << 20);
        return packed ? options.packed().withQueueSize(16 + random.nextInt(50)) : options.withQueueSize(32);
    }

    private static int size(Random random, int least, int most) {
        return least + (random.nextBoolean() ? 0 : random.nextInt(most - least + 1));
    }

    private static void configure(VirtioScsiDriver driver, int field, int value) {
        byte[] bytes = ByteBuffer.allocate(4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(value)
                .array();
        long answer = driver.device().setConfig(field, bytes);
        if (answer != 0) {
            throw new AssertionError("the field at " + field + " cannot be " + value + ": " + answer);
        }
    }

    private static void judge(VirtioScsiDriver driver, Random random, Expected expected) {
        ChainQueue queue = expected.control() ? driver.control() : driver.requests(random.nextInt(QUEUES));
        ChainQueue.Chain chain =
                queue.stage(expected.out(), pieces(random, expected.out().length), pieces(random, expected.room()));
        queue.submit();
        if (!queue.await(chain, PATIENCE_MILLIS)) {
            throw new AssertionError("no answer: " + expected);
        }
        expected.check(chain);
    }

    /** Cuts anywhere. */
    private static List<Integer> pieces(Random random, int bytes) {
        List<Integer> pieces = new ArrayList<>();
        int left = bytes;
        while (left > 0 && pieces.size() < MOST_PIECES - 1 && random.nextInt(4) != 0) {
            int piece = 1 + random.nextInt(Math.min(left, random.nextBoolean() ? 20 : left));
            pieces.add(piece);
            left -= piece;
        }
        pieces.add(left);
        return pieces;
    }
}
