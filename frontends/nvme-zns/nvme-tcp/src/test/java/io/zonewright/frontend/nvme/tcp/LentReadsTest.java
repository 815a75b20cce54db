package io.zonewright.frontend.nvme.tcp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.api.request.Operation;
import io.zonewright.api.result.Cause;
import io.zonewright.testkit.backend.RecordingRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Reads that are sent from the medium's own memory: exact bytes, and what happens when the host does not take them. */
class LentReadsTest {
    private static final byte[] NOTHING = {};
    private static final int MIB = 1 << 20;
    private static final int ZONE = 4 * MIB;

    private static void write(Target target, long offset, byte[] data) {
        RecordingRequest write = RecordingRequest.of(Operation.WRITE, offset, data);
        target.device.submit(write);
        assertTrue(write.cause().success(), () -> write.cause().toString());
    }

    private static byte[] read(int cid, long offset, int bytes) {
        byte[] sqe = Host.sqeTransport(0x02, cid, 1, bytes);
        Little.put64(sqe, 40, offset / Host.BLOCK);
        return sqe;
    }

    /** Header digest, alignment of data, flow control of the queue: all that changes what lies around the data. */
    @ParameterizedTest
    @CsvSource({"0, 0, 0, 24", "1, 0, 0, 28", "0, 31, 0, 128", "1, 31, 4, 128", "0, 0, 4, 24"})
    void bytesAreExactAroundTheWritePointer(int digests, int alignment, int attributes, int dataOffset) {
        try (Target target = Target.lending();
                Host admin = target.host();
                Host io = target.host()) {
            byte[] full = Bytes.pattern(3 * MIB, 1);
            byte[] part = Bytes.pattern(100 << 10, 2);
            write(target, 0, full);
            write(target, ZONE, part);
            int id = admin.initialize(0, 0, 0).admin(Target.NQN, 0);
            io.initialize(digests, alignment, 0).queue(Target.NQN, id, 1, 16, attributes);
            byte[] all = new byte[3 * ZONE];
            System.arraycopy(full, 0, all, 0, full.length);
            System.arraycopy(part, 0, all, ZONE, part.length);
            int[] offsets = {
                0, 512, 2 * MIB + 512, 3 * MIB - 8192, ZONE, ZONE + (90 << 10), ZONE + (100 << 10), 2 * ZONE
            };
            for (int i = 0; i < offsets.length; i++) {
                for (int bytes : new int[] {64 << 10, (128 << 10) + 512, MIB}) {
                    io.send(io.capsule(read(i, offsets[i], bytes), NOTHING));
                    byte[] pdu = io.receive();
                    assertEquals(dataOffset, pdu[3] & 0xFF);
                    assertEquals(dataOffset + bytes, pdu.length);
                    assertEquals(bytes, Little.i32(pdu, 16));
                    assertArrayEquals(
                            Arrays.copyOfRange(all, offsets[i], offsets[i] + bytes),
                            Arrays.copyOfRange(pdu, dataOffset, pdu.length),
                            "from " + offsets[i]);
                    if (digests != 0) {
                        assertEquals(
                                Bytes.text(Bytes.digest(Arrays.copyOf(pdu, 24))),
                                Bytes.text(Arrays.copyOfRange(pdu, 24, 28)));
                    }
                    boolean success = (pdu[1] & 8) != 0;
                    assertEquals(attributes != 0, success);
                    if (!success) {
                        assertEquals(0, Host.status(io.completion()));
                    }
                }
            }
            // The last bytes were on their way before the loans for them were over.
            target.letWork();
            assertTrue(target.medium.loans() >= 3 * 6, () -> target.medium.loans() + " loans");
            assertEquals(0, target.device.inFlight());
            assertEquals(0, target.lent());
        }
    }

    /** What is summed up must not change before it is sent. */
    @Test
    void withDataDigestsNothingIsBorrowed() {
        try (Target target = Target.lending();
                Host admin = target.host();
                Host io = target.host()) {
            byte[] data = Bytes.pattern(MIB, 3);
            write(target, 0, data);
            int id = admin.initialize(0, 0, 0).admin(Target.NQN, 0);
            io.initialize(3, 0, 0).queue(Target.NQN, id, 1, 16, 0);
            io.send(io.capsule(read(1, 0, MIB), NOTHING));
            byte[] pdu = io.receive();
            assertEquals(28 + MIB + 4, pdu.length);
            assertArrayEquals(data, Arrays.copyOfRange(pdu, 28, 28 + MIB));
            assertEquals(Bytes.text(Bytes.digest(data)), Bytes.text(Arrays.copyOfRange(pdu, 28 + MIB, 28 + MIB + 4)));
            assertEquals(0, Host.status(io.completion()));
            assertEquals(0, target.medium.loans());
        }
    }

    @Test
    void smallReadsAndThoseThatFailBorrowNothing() throws InterruptedException {
        try (Target target = Target.lending();
                Host admin = target.host();
                Host io = target.host()) {
            write(target, 0, Bytes.pattern(MIB, 3));
            int id = admin.initialize(0, 0, 0).admin(Target.NQN, 0);
            io.initialize(0, 0, 0).queue(Target.NQN, id, 1, 16, 0);
            io.send(io.capsule(read(1, 0, 4096), NOTHING));
            assertArrayEquals(Bytes.pattern(4096, 3), Arrays.copyOfRange(io.receive(), 24, 24 + 4096));
            assertEquals(0, Host.status(io.completion()));
            assertEquals(0, target.medium.loans());
            // Beyond the namespace: LBA Out of Range; into an offline zone: Zone Is Offline.
            assertEquals(0x4080, Host.status(io.command(read(2, 8L * ZONE, MIB), NOTHING)));
            RecordingRequest offline = RecordingRequest.action(Operation.ZONE_SET_OFFLINE, ZONE);
            target.device.submit(offline);
            assertTrue(offline.cause().success());
            assertEquals(0x1BB, Host.status(io.command(read(3, ZONE, MIB), NOTHING)) & 0x7FF);
            // What the medium fails: Unrecovered Read Error, and no loan.
            target.script.holding(operation -> operation == Operation.READ);
            io.send(io.capsule(read(4, 0, MIB), NOTHING));
            FabricsTest.await(() -> target.script.held() == 1);
            target.script.fail(0, Cause.MEDIUM_ERROR, 0);
            assertEquals(0x281, Host.status(io.completion()) & 0x7FF);
            assertEquals(0, target.device.inFlight());
        }
    }

    /** Neither a reset nor a write of another host waits for one that does not read. */
    @Test
    void aResetDoesNotWaitForAHostThatDoesNotRead() throws InterruptedException {
        try (Target target = Target.lending();
                Host admin = target.host();
                Host lazy = target.host();
                Host busy = target.host()) {
            byte[] old = new byte[3 * MIB];
            Arrays.fill(old, (byte) 0x5A);
            write(target, 0, old);
            int id = admin.initialize(0, 0, 0).admin(Target.NQN, 0);
            lazy.initialize(0, 0, 0).queue(Target.NQN, id, 1, 128, 0);
            busy.initialize(0, 0, 0).queue(Target.NQN, id, 2, 16, 0);
            int reads = 100;
            askWithoutReading(target, lazy, reads);
            assertEquals(0, target.lent(), "no buffer is held for them");
            byte[] reset = Host.sqe(0x79, 1, 1, 0);
            reset[52] = 4;
            assertEquals(0, Host.status(busy.command(reset, NOTHING)));
            int zeroes = 0;
            for (int i = 0; i < reads; i++) {
                byte[] pdu = lazy.receive();
                assertEquals(24 + MIB, pdu.length);
                for (int at = 24; at < pdu.length; at++) {
                    if (pdu[at] != 0x5A) {
                        assertEquals(0, pdu[at]);
                        zeroes++;
                    }
                }
                assertEquals(0, Host.status(lazy.completion()));
            }
            assertTrue(zeroes > 0, "the last ones were sent after the reset");
            FabricsTest.await(() -> target.device.inFlight() == 0);
        }
    }

    @Test
    void theMediumStaysOpenUntilAStalledHostIsGone() throws Exception {
        Target target = Target.lending();
        try (Host admin = target.host();
                Host lazy = target.host()) {
            write(target, 0, Bytes.pattern(3 * MIB, 4));
            int id = admin.initialize(0, 0, 0).admin(Target.NQN, 0);
            lazy.initialize(0, 0, 0).queue(Target.NQN, id, 1, 128, 0);
            askWithoutReading(target, lazy, 100);
            assertTrue(target.device.inFlight() > 0);
            assertFalse(target.device.close(Duration.ofMillis(20)), "closed under a loan");
            assertFalse(target.medium.closed());
            target.portal.remove(target.subsystem, Duration.ofMillis(20)); // impatient: drops what is not sent
            assertTrue(target.device.close(Duration.ofSeconds(5)));
            assertTrue(target.medium.closed());
            assertEquals("", target.medium.defect());
        } finally {
            target.portal.close();
            target.subsystem.core().close();
        }
    }

    /** A host that reads nothing is ended after 30 s, and its loans with it. */
    @Test
    void aStalledHostsLoansEndWithIt() throws InterruptedException {
        try (Target target = Target.lending();
                Host admin = target.host();
                Host lazy = target.host()) {
            write(target, 0, Bytes.pattern(3 * MIB, 4));
            int id = admin.initialize(0, 0, 0).admin(Target.NQN, 0);
            lazy.initialize(0, 0, 0).queue(Target.NQN, id, 1, 128, 0);
            askWithoutReading(target, lazy, 100);
            target.pass(Duration.ofSeconds(1)); // notes the progress
            target.pass(Duration.ofSeconds(29));
            assertTrue(target.device.inFlight() > 0);
            target.pass(Duration.ofSeconds(1));
            FabricsTest.await(() -> target.device.inFlight() == 0);
            assertEquals(1, target.count(NvmeTcpCounter.TIMEOUTS));
        }
    }

    private static void askWithoutReading(Target target, Host lazy, int count) throws InterruptedException {
        List<byte[]> reads = new ArrayList<>();
        for (int cid = 0; cid < count; cid++) {
            reads.add(lazy.capsule(read(cid, (long) (cid % 3) * MIB, MIB), NOTHING));
        }
        lazy.send(reads.toArray(byte[][]::new));
        FabricsTest.await(() -> target.medium.loans() == count);
    }
}
