package io.zonewright.tests.fuzz;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.frontend.nvme.command.NvmeSubsystem;
import io.zonewright.frontend.nvme.command.SubsystemOptions;
import io.zonewright.testkit.device.TestDevice;
import io.zonewright.testkit.nvme.Nvme;
import io.zonewright.testkit.nvme.NvmeRequest;
import io.zonewright.testkit.nvme.NvmeResult;
import io.zonewright.testkit.nvme.Sqe;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Submission entries against the command core: commands made with their verdict, from a model of zones as naive as can be,
 * and noise, of which only the contract is known ({@link CoreHost} watches it). After both the zones are as the model has
 * them.
 */
@Timeout(900)
class NvmeCommandsFuzzTest {
    private static final int COMMANDS = 60;
    private static final Map<String, String> SETTINGS = Map.of(
            "size", Integer.toString(NvmeOracle.ZONES * NvmeOracle.ZONE_BLOCKS * NvmeOracle.BLOCK),
            "block-size", Integer.toString(NvmeOracle.BLOCK),
            "zone-size", Integer.toString(NvmeOracle.ZONE_BLOCKS * NvmeOracle.BLOCK),
            "zone-capacity", Integer.toString(NvmeOracle.CAPACITY * NvmeOracle.BLOCK),
            "max-append", Integer.toString(NvmeOracle.MAX_APPEND * NvmeOracle.BLOCK),
            "zone-rules", "zns");

    @Test
    void commands() {
        try (Surprises surprises = Surprises.watch()) {
            FuzzRun.run("NVMe commands", random -> {
                play(random, false);
                surprises.check();
            });
        }
    }

    /** A model that is wrong about one thing stands for a core that is: the target has to tell. */
    @Test
    void aPlantedMistakeIsFound() {
        AssertionError found = assertThrows(AssertionError.class, () -> {
            for (int seed = 0; seed < 200; seed++) {
                play(new Random(seed), true);
            }
        });
        assertTrue(String.valueOf(found.getMessage()).contains("verdict"), found.getMessage());
    }

    private static void play(Random random, boolean planted) {
        try (TestDevice device = TestDevice.over("null-zoned", SETTINGS);
                NvmeSubsystem subsystem =
                        new NvmeSubsystem(device.device(), SubsystemOptions.of("nqn.2026-11.io.zonewright:fuzz"));
                CoreHost host = new CoreHost(subsystem)) {
            NvmeOracle oracle = new NvmeOracle(random, planted);
            for (int i = 0; i < COMMANDS; i++) {
                if (random.nextInt(3) == 0) {
                    noise(host, random);
                } else {
                    NvmeOracle.Verdict verdict = oracle.next();
                    NvmeResult result = host.run(1, verdict.request());
                    if (result.code() != verdict.code()) {
                        throw new AssertionError("verdict 0x" + Integer.toHexString(verdict.code()) + " expected: "
                                + result + " of " + verdict.request());
                    }
                    oracle.done(verdict, result);
                }
            }
            oracle.compare(host);
        }
    }

    /** Any 64 bytes; opcodes that change zones or end the controller's life are left to the oracle. */
    private static void noise(CoreHost host, Random random) {
        byte[] raw = new byte[Sqe.BYTES];
        random.nextBytes(raw);
        boolean admin = random.nextInt(3) == 0;
        Sqe sqe =
                Sqe.of(raw).nsid(random.nextInt(4) == 0 ? random.nextInt() : 1).dword(12, random.nextInt(1 << 12));
        sqe.flags(random.nextInt(4) == 0 ? random.nextInt(256) : Sqe.PSDT_SGL);
        if (random.nextBoolean()) {
            sqe.quad(10, random.nextInt(1 << 11));
        }
        int[] harmless = {Nvme.READ, Nvme.COMPARE, Nvme.VERIFY, Nvme.FLUSH, Nvme.ZONE_RECEIVE, 0x80 | random.nextInt(64)
        };
        int[] queries = {Nvme.ADMIN_IDENTIFY, Nvme.ADMIN_GET_LOG, Nvme.ADMIN_GET_FEATURES, Nvme.ADMIN_ABORT, 0x3C};
        int[] opcodes = admin ? queries : harmless;
        sqe.octet(0, opcodes[random.nextInt(opcodes.length)]);
        if (admin && random.nextBoolean()) {
            sqe.dword(10, random.nextInt(0x20) | random.nextInt(64) << 16).dword(11, random.nextInt(3) << 24);
        }
        host.run(admin ? 0 : 1, NvmeRequest.plain(sqe));
    }
}
