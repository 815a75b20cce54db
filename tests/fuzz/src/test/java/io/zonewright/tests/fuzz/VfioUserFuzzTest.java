package io.zonewright.tests.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.zonewright.posix.Posix;
import io.zonewright.posix.PosixException;
import io.zonewright.testkit.device.TestDevice;
import io.zonewright.testkit.nvme.Nvme;
import io.zonewright.testkit.nvme.NvmeRequest;
import io.zonewright.testkit.nvme.NvmeResult;
import io.zonewright.testkit.nvme.Sqe;
import io.zonewright.testkit.nvme.pcie.DataLayout;
import io.zonewright.testkit.nvme.pcie.NvmePcieHost;
import io.zonewright.testkit.nvme.pcie.PcieOptions;
import io.zonewright.testkit.vfiouser.VfioUser;
import io.zonewright.testkit.vfiouser.VfioUserClient;
import io.zonewright.testkit.vfiouser.VfioUserMessage;
import io.zonewright.testkit.vfiouser.VfioUserRefusedException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * An NVMe controller behind vfio-user: data pointers made with their verdict (Base sections 4.3.1 and 4.3.2), legal ones in
 * every layout; and messages that are noise or have a field gone wrong, after which the device serves an orderly client.
 */
@Timeout(900)
class VfioUserFuzzTest {
    private static final int BLOCK = 512;
    private static final int PAGE = 4096;
    private static final int ANSWER_MILLIS = 2;
    private static final Map<String, String> SETTINGS =
            Map.of("model", "none", "size", "1048576", "block-size", Integer.toString(BLOCK));
    private static final PcieOptions SMALL = new PcieOptions(PcieOptions.Doorbells.TRAPPED, 1, 32, true, 4L << 20);

    @Test
    void dataPointers() {
        try (Surprises surprises = Surprises.watch();
                TestDevice device = TestDevice.over("null-zoned", SETTINGS);
                NvmePcieHost host = NvmePcieHost.connect(Posix.system(), start(device), SMALL)) {
            long page = host.memory().allocate(0, 4 * PAGE, PAGE);
            FuzzRun.run("PRPs and SGLs", random -> {
                point(host, page, random, 0);
                surprises.check();
            });
        }
    }

    /** A verdict that is off by one stands for a controller that gives the wrong one. */
    @Test
    void aPlantedMistakeIsFound() {
        try (TestDevice device = TestDevice.over("null-zoned", SETTINGS);
                NvmePcieHost host = NvmePcieHost.connect(Posix.system(), start(device), SMALL)) {
            long page = host.memory().allocate(0, 4 * PAGE, PAGE);
            assertThrows(AssertionError.class, () -> {
                for (int seed = 0; seed < 50; seed++) {
                    point(host, page, new Random(seed), 1);
                }
            });
        }
    }

    private static Path start(TestDevice device) {
        return device.start("nvme-zns", "vfio-user", Map.of());
    }

    private static void point(NvmePcieHost host, long page, Random random, int mistake) {
        int blocks = 1 + random.nextInt(48);
        int bytes = blocks * BLOCK;
        Sqe read =
                NvmeRequest.read(1, random.nextInt(1_000), blocks, BLOCK).sqe().copy();
        int code;
        switch (random.nextInt(6)) {
            case 0 -> { // not a multiple of 4
                read.prp(page + 1 + random.nextInt(3), page + PAGE);
                code = Nvme.PRP_OFFSET_INVALID;
            }
            case 1 -> { // a type that does not exist or is not for data
                int type = new int[] {0x40, 0x50, 0x60, 0xF0, 0x01, 0x0A}[random.nextInt(6)];
                read.sgl(page, bytes, type);
                code = Nvme.SGL_TYPE_INVALID;
            }
            case 2 -> { // too short
                read.sgl(page, random.nextInt(bytes), 0);
                code = Nvme.SGL_LENGTH_INVALID;
            }
            case 3 -> { // a last segment that is no whole number of descriptors
                read.sgl(page, 16 + 1 + random.nextInt(15), 0x30);
                code = Nvme.INVALID_SGL_SEGMENT;
            }
            case 4 -> { // memory that nobody mapped
                read.sgl(0x7000_0000_0000L + 4L * random.nextInt(1 << 20), bytes, 0);
                code = Nvme.DATA_TRANSFER_ERROR;
            }
            default -> {
                DataLayout[] all = DataLayout.values();
                legal(host, random.nextInt(1_000), blocks, all[random.nextInt(all.length)], random);
                return;
            }
        }
        NvmeResult result = host.raw(1, read);
        assertEquals(code + mistake, result.code(), () -> "verdict on " + read);
    }

    private static void legal(NvmePcieHost host, int lba, int blocks, DataLayout layout, Random random) {
        byte[] data = new byte[blocks * BLOCK];
        random.nextBytes(data);
        assertEquals(
                0, host.run(1, NvmeRequest.write(1, lba, BLOCK, data), layout).code(), layout + " write");
        NvmeResult back = host.run(1, NvmeRequest.read(1, lba, blocks, BLOCK), layout);
        if (back.code() != 0 || !Arrays.equals(data, back.in())) {
            throw new AssertionError("verdict: a read in layout " + layout + " gave " + back);
        }
    }

    @Test
    void messages() {
        try (Surprises surprises = Surprises.watch();
                TestDevice device = TestDevice.over("null-zoned", SETTINGS)) {
            Path socket = start(device);
            FuzzRun.run("vfio-user messages", random -> {
                attack(socket, random);
                try (NvmePcieHost host = NvmePcieHost.connect(Posix.system(), socket, SMALL)) {
                    legal(host, 0, 1, DataLayout.PRP_ALIGNED, random);
                }
                surprises.check();
            });
        }
    }

    private static void attack(Path socket, Random random) {
        try (VfioUserClient client = VfioUserClient.connect(Posix.system(), socket)) {
            if (random.nextInt(4) != 0) {
                client.version();
            }
            int count = 1 + random.nextInt(12);
            for (int i = 0; i < count; i++) {
                int command = random.nextInt(VfioUser.LAST + 2);
                byte[] payload = new byte[random.nextInt(3) == 0 ? random.nextInt(64) : 32];
                for (int at = 0; at + 4 <= payload.length; at += 4) {
                    // Small numbers pass more checks than noise.
                    int value = random.nextInt(4) == 0 ? random.nextInt() : random.nextInt(40);
                    payload[at] = (byte) value;
                    payload[at + 3] = (byte) (random.nextInt(8) == 0 ? value >>> 24 : 0);
                }
                byte[] bytes = VfioUserMessage.command(
                                i, command, random.nextInt(4) == 0 ? random.nextInt(64) : 0, payload)
                        .bytes();
                if (random.nextInt(8) == 0) {
                    bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
                }
                client.sendRaw(bytes);
            }
            client.awaitHangUp(ANSWER_MILLIS);
        } catch (PosixException | VfioUserRefusedException e) {
            return; // hanging up on us is the device's right
        }
    }
}
