package io.zonewright.tests.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.zonewright.testkit.device.TestDevice;
import io.zonewright.testkit.nvme.ControllerGoneException;
import io.zonewright.testkit.nvme.NvmeRequest;
import io.zonewright.testkit.nvme.NvmeResult;
import io.zonewright.testkit.nvme.tcp.NvmeTcpHost;
import io.zonewright.testkit.nvme.tcp.NvmeTcpQueue;
import io.zonewright.testkit.nvme.tcp.Pdu;
import io.zonewright.testkit.nvme.tcp.PduConnection;
import io.zonewright.testkit.nvme.tcp.TcpOptions;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * PDUs to an NVMe/TCP target. Each case breaks one field of a PDU that was right; the verdict, a C2HTermReq with this fatal
 * error status or a completion with that status code, is known beforehand (TCP section 3.6.2.4 and figure 24). Noise has to
 * end in a hang-up or in silence. A second host on the same controller's subsystem is served all the time.
 */
@Timeout(900)
class PdusFuzzTest {
    private static final String NQN = "nqn.2026-11.io.zonewright:fuzz";
    private static final int HANG_UP_MILLIS = 5_000;
    private static final int BLOCK = 512;
    private static final int INVALID_HEADER_FIELD = 1;
    private static final int SEQUENCE_ERROR = 2;
    private static final int HEADER_DIGEST_ERROR = 3;
    private static final Map<String, String> SETTINGS =
            Map.of("model", "none", "size", "1048576", "block-size", Integer.toString(BLOCK));

    @Test
    void pdus() {
        try (Surprises surprises = Surprises.watch();
                TestDevice device = TestDevice.over("null-zoned", SETTINGS)) {
            InetSocketAddress address = device.startTcp("nvme-zns", "tcp", Map.of("nqn", NQN));
            try (NvmeTcpHost bystander = NvmeTcpHost.connect(address, NQN, TcpOptions.DEFAULT)) {
                FuzzRun.run("NVMe/TCP PDUs", random -> {
                    play(address, random, 0);
                    checkServed(bystander, random);
                    surprises.check();
                });
            }
        }
    }

    /** A verdict that is off by one stands for a target that gives the wrong one. */
    @Test
    void aPlantedMistakeIsFound() {
        try (TestDevice device = TestDevice.over("null-zoned", SETTINGS)) {
            InetSocketAddress address = device.startTcp("nvme-zns", "tcp", Map.of("nqn", NQN));
            assertThrows(AssertionError.class, () -> {
                for (int seed = 0; seed < 50; seed++) {
                    play(address, new Random(seed), 1);
                }
            });
        }
    }

    private static void checkServed(NvmeTcpHost host, Random random) {
        byte[] data = new byte[BLOCK];
        random.nextBytes(data);
        assertEquals(0, host.run(NvmeRequest.write(1, 7, BLOCK, data)).status(), "the bystander's write");
        if (!Arrays.equals(data, host.run(NvmeRequest.read(1, 7, 1, BLOCK)).in())) {
            throw new AssertionError("the bystander's data is gone");
        }
    }

    private static void play(InetSocketAddress address, Random random, int mistake) {
        int kind = random.nextInt(8);
        if (kind == 0) {
            noise(address, random);
            return;
        }
        boolean digests = kind == 5 || random.nextBoolean();
        TcpOptions options = TcpOptions.DEFAULT.withDigests(digests, false).withInCapsule(0);
        try (NvmeTcpQueue queue = NvmeTcpQueue.open(address, options, 32)) {
            NvmeResult connected = queue.run(NvmeTcpQueue.connect(options, NQN, 0, 32, 0xFFFF));
            assertEquals(0, connected.code(), "Connect");
            Pdu good = queue.capsule(NvmeRequest.keepAlive(), 3, false);
            byte[] bytes = good.bytes();
            ByteBuffer b = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
            switch (kind) {
                case 1 -> { // a header of another length
                    bytes[2] = (byte) (73 + random.nextInt(100));
                    expectTermination(queue, bytes, INVALID_HEADER_FIELD + mistake);
                }
                case 2 -> { // longer than any PDU may be, or too short
                    b.putInt(4, random.nextBoolean() ? 0x7FFF_0000 | random.nextInt(1 << 16) : random.nextInt(72));
                    expectTermination(queue, bytes, INVALID_HEADER_FIELD + mistake);
                }
                case 3 -> { // a type that only the controller sends, or nobody
                    bytes[0] = (byte) new int[] {1, 3, 5, 7, 8, 9, 0x0A, 0xFF}[random.nextInt(8)];
                    expectEnd(queue, bytes);
                }
                case 4 -> { // a second ICReq
                    expectTermination(queue, NvmeTcpQueue.initialize(options).bytes(), SEQUENCE_ERROR + mistake);
                }
                case 5 -> { // a wrong header digest
                    bytes[72 + random.nextInt(4)] ^= (byte) (1 << random.nextInt(8));
                    expectTermination(queue, bytes, HEADER_DIGEST_ERROR + mistake);
                }
                case 6 -> { // data for a command that does not exist
                    Pdu data = queue.h2cData(random.nextInt(32), random.nextInt(1 << 16), new byte[64], 0, 64, true);
                    expectEnd(queue, data.bytes());
                }
                default -> { // half a PDU, then nothing
                    queue.connection().send(Arrays.copyOf(bytes, 1 + random.nextInt(bytes.length - 1)));
                    queue.connection().finish();
                    expectHungUp(queue.connection());
                }
            }
        }
    }

    /** Anything at all instead of an ICReq, or one bit of it wrong. */
    private static void noise(InetSocketAddress address, Random random) {
        try (PduConnection connection = PduConnection.connect(address)) {
            byte[] bytes = NvmeTcpQueue.initialize(TcpOptions.DEFAULT).bytes();
            if (random.nextBoolean()) {
                random.nextBytes(bytes);
            } else {
                bytes[random.nextInt(8)] ^= (byte) (1 << random.nextInt(8));
            }
            connection.send(bytes);
            connection.finish();
            expectHungUp(connection);
        } catch (ControllerGoneException e) {
            return; // hanging up on us is the target's right
        } catch (IllegalStateException e) {
            throw new AssertionError("noise was answered with nonsense: " + e.getMessage(), e);
        }
    }

    private static Pdu expectHungUp(PduConnection connection) {
        @Nullable Pdu last = connection.awaitHangUp(HANG_UP_MILLIS);
        if (last == null) {
            throw new AssertionError("the target goes on with a broken connection");
        }
        return last;
    }

    private static void expectEnd(NvmeTcpQueue queue, byte[] bytes) {
        queue.connection().send(bytes);
        Pdu last = expectHungUp(queue.connection());
        if (last.type() != Pdu.C2H_TERM_REQ) {
            throw new AssertionError("no C2HTermReq before the hang-up");
        }
    }

    private static void expectTermination(NvmeTcpQueue queue, byte[] bytes, int status) {
        queue.connection().send(bytes);
        Pdu last = expectHungUp(queue.connection());
        if (last.type() != Pdu.C2H_TERM_REQ || last.u16(8) != status) {
            throw new AssertionError("fatal error status " + status + " expected, not " + last);
        }
    }
}
