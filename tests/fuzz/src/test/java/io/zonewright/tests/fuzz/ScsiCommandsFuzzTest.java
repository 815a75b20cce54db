package io.zonewright.tests.fuzz;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.api.spi.ZonedDevice;
import io.zonewright.api.zone.ZoneDescriptor;
import io.zonewright.testkit.device.TestDevice;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * CDBs against the command core: commands made with their verdict, from a model of zones as naive as can be, and noise, of
 * which only the contract is known ({@link CdbInitiator} watches it). After both the zones are as the model has them.
 */
@Timeout(900)
class ScsiCommandsFuzzTest {
    private static final int COMMANDS = 80;

    /** What may write, change zones or take part of the disk away is left to the oracle. */
    private static final int[] HARMLESS = {
        0x00, 0x03, 0x08, 0x12, 0x1A, 0x1B, 0x1E, 0x25, 0x28, 0x2F, 0x34, 0x35, 0x4D, 0x5A, 0x5E, 0x88, 0x8F, 0x90,
        0x91, 0x95, 0x9E, 0xA0, 0xA3, 0xA8, 0xAF, 0x04, 0x3B, 0x83, 0xB7, 0xFF
    };

    @Test
    void commands() {
        try (Surprises surprises = Surprises.watch()) {
            FuzzRun.run("SCSI commands", random -> {
                try (TestDevice device = device(capacity(random))) {
                    play(random, device.device());
                }
                surprises.check();
            });
        }
    }

    /** A device that now and then forgets to finish a zone: the target has to tell. */
    @Test
    void aFaultOfTheDeviceIsFound() {
        AssertionError found = assertThrows(AssertionError.class, () -> {
            for (int seed = 0; seed < 200; seed++) {
                Random random = new Random(seed);
                try (TestDevice device = device(capacity(random))) {
                    play(random, new ForgetfulDevice(device.device()));
                }
            }
        });
        assertTrue(String.valueOf(found.getMessage()).contains("verdict"), found.getMessage());
    }

    private static int capacity(Random seeded) {
        return seeded.nextBoolean() ? 96 : ScsiOracle.ZONE_BLOCKS;
    }

    private static TestDevice device(int capacity) {
        return TestDevice.over(
                "null-zoned",
                Map.of(
                        "size", Integer.toString(ScsiOracle.BLOCKS * ScsiOracle.BLOCK),
                        "block-size", Integer.toString(ScsiOracle.BLOCK),
                        "zone-size", Integer.toString(ScsiOracle.ZONE_BLOCKS * ScsiOracle.BLOCK),
                        "zone-capacity", Integer.toString(capacity * ScsiOracle.BLOCK),
                        "conventional-zones", Integer.toString(ScsiOracle.CONVENTIONAL),
                        "zone-rules", "zbc"));
    }

    private static void play(Random random, ZonedDevice device) {
        ZoneDescriptor last = new ZoneDescriptor();
        device.zone(ScsiOracle.ZONES - 1, last);
        ScsiOracle oracle = new ScsiOracle(random, (int) (last.capacity() / ScsiOracle.BLOCK));
        try (CdbInitiator initiator = new CdbInitiator(device)) {
            for (int i = 0; i < COMMANDS; i++) {
                if (random.nextInt(3) == 0) {
                    noise(initiator, random);
                } else {
                    judge(initiator, oracle.next());
                }
            }
            judge(initiator, oracle.report(0, 0, false, 1 << 12));
        }
    }

    private static void judge(CdbInitiator initiator, ScsiOracle.Verdict verdict) {
        CdbInitiator.Result result = initiator.run(verdict.cdb(), verdict.offeredIn(), verdict.out());
        String cdb = HexFormat.ofDelimiter(" ").formatHex(verdict.cdb());
        if (!result.sense().startsWith(verdict.code())) {
            throw new AssertionError("verdict " + verdict.code() + " expected, not " + result.sense() + ": " + cdb);
        }
        byte[] expected = verdict.data();
        if (expected != null && !Arrays.equals(expected, result.data())) {
            throw new AssertionError("verdict differs in its data from byte " + Arrays.mismatch(expected, result.data())
                    + " of " + expected.length + " on: " + cdb);
        }
        if (result.code().equals("00")) {
            verdict.effect().run();
        }
    }

    /** Any bytes behind an opcode that does no harm, offered more or less data than they ask for. */
    private static void noise(CdbInitiator initiator, Random random) {
        byte[] cdb = new byte[random.nextInt(4) == 0 ? 6 + random.nextInt(27) : 16];
        random.nextBytes(cdb);
        cdb[0] = (byte) HARMLESS[random.nextInt(HARMLESS.length)];
        for (int i = 1; i < cdb.length; i++) {
            if (random.nextInt(3) != 0) {
                cdb[i] = 0;
            }
        }
        byte[] out = new byte[random.nextBoolean() ? 0 : random.nextInt(2000)];
        random.nextBytes(out);
        initiator.run(cdb, random.nextInt(1 << 14), out);
    }
}
