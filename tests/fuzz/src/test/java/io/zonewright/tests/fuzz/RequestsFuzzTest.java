package io.zonewright.tests.fuzz;

import io.zonewright.posix.Posix;
import io.zonewright.testkit.blk.BlkLayout;
import io.zonewright.testkit.blk.BlkRequest;
import io.zonewright.testkit.blk.BlkResult;
import io.zonewright.testkit.blk.VirtioBlkDriver;
import io.zonewright.tests.fuzz.BlkOracle.Expected;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Requests of every kind, right and wrong, cut into descriptors anywhere, each generated with its verdict: status byte,
 * data, place of an append, every byte of a report.
 */
@Timeout(900)
class RequestsFuzzTest {
    private static final int REQUESTS = 150;

    @Test
    void requestsGetTheirExactVerdict() {
        try (Surprises surprises = Surprises.watch();
                Target target = new Target()) {
            target.checkNeighbour();
            forget(target);
            Leaks leaks = Leaks.watch();
            FuzzRun.run("virtio-blk requests", random -> {
                play(target, random);
                surprises.check();
                leaks.check();
                forget(target);
            });
        }
    }

    private static void play(Target target, Random random) {
        BlkOracle oracle = new BlkOracle(random);
        try (VirtioBlkDriver driver = VirtioBlkDriver.connect(Posix.system(), target.socket(), Target.SMALL)) {
            for (int i = 0; i < REQUESTS; i++) {
                Expected expected = oracle.next();
                BlkLayout layout = random.nextInt(4) == 0 ? BlkLayout.PLAIN : BlkLayout.random(random.nextLong());
                BlkResult result = driver.run(expected.request(), layout);
                try {
                    expected.check(result);
                } catch (AssertionError e) {
                    throw new AssertionError("request " + i + ", layout " + layout + ": " + e.getMessage(), e);
                }
            }
            Expected end = oracle.fullReport();
            end.check(driver.run(end.request()));
        }
    }

    /** Back to zeroes: empty zones, and conventional ones overwritten. */
    private static void forget(Target target) {
        try (VirtioBlkDriver driver = VirtioBlkDriver.connect(Posix.system(), target.socket(), Target.SMALL)) {
            requireOk(driver.run(BlkRequest.resetAll()));
            for (int zone = 0; zone < Target.CONVENTIONAL; zone++) {
                byte[] zeroes = new byte[Target.ZONE_SECTORS * 512];
                requireOk(driver.run(BlkRequest.write((long) zone * Target.ZONE_SECTORS, zeroes)));
            }
        }
    }

    private static void requireOk(BlkResult result) {
        if (result.status() != 0) {
            throw new AssertionError("cleaning up failed: " + result);
        }
    }
}
