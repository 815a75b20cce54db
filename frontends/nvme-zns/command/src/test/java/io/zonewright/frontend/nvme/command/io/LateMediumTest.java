package io.zonewright.frontend.nvme.command.io;

import static io.zonewright.frontend.nvme.command.io.Disk.LBA;
import static io.zonewright.frontend.nvme.command.io.Disk.ORDINARY;
import static io.zonewright.frontend.nvme.command.io.Disk.ZONED;
import static io.zonewright.frontend.nvme.command.io.Disk.bytes;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.zonewright.api.buffer.ScratchPool;
import io.zonewright.api.request.Operation;
import io.zonewright.api.result.Cause;
import io.zonewright.frontend.nvme.command.io.Host.Reply;
import io.zonewright.frontend.nvme.command.io.Host.Sent;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A medium that answers when the test says so, and as it says. */
class LateMediumTest {
    private final Disk disk = new Disk();
    private final Host host = disk.host;

    private void holdEverything() {
        disk.script.holding(operation -> true);
    }

    @Test
    void commandsEndWhenTheMediumDoes() {
        holdEverything();
        Sent write = host.start(Sqe.blocks(Sqe.WRITE, ORDINARY, 0, 1), bytes(1, 5));
        Sent read = host.start(Sqe.blocks(Sqe.READ, ORDINARY, 0, 1));
        assertFalse(write.completed());
        assertFalse(read.completed());
        disk.script.carryOut(0);
        assertEquals(0, write.await().status());
        assertFalse(read.completed());
        disk.script.carryOut(0);
        assertArrayEquals(bytes(1, 5), read.await().data());
    }

    @Test
    void aFailedReadTellsTheBlockAndMayBeTriedAgain() {
        holdEverything();
        for (int opcode : new int[] {Sqe.READ, Sqe.VERIFY, Sqe.COMPARE}) {
            byte[] data = opcode == Sqe.COMPARE ? new byte[4 * LBA] : new byte[0];
            Sent read = host.start(Sqe.blocks(opcode, ORDINARY, 8, 4), data);
            disk.script.fail(0, Cause.MEDIUM_ERROR, 2 * LBA + 1);
            Reply reply = read.await();
            assertEquals(0x281, reply.status(), "Unrecovered Read Error");
            assertEquals(10, reply.errorLba());
            assertEquals(0xFFFF, reply.errorLocation(), "nothing was wrong in the command");
        }
    }

    @Test
    void aFailedWriteIsAWriteFaultAndThoseBehindItInvalidWrites() {
        holdEverything();
        Sent first = host.start(Sqe.blocks(Sqe.WRITE, ZONED, 0, 2), bytes(2, 1));
        Sent second = host.start(Sqe.blocks(Sqe.WRITE, ZONED, 2, 1), bytes(1, 2));
        Sent append = host.start(Sqe.blocks(Sqe.APPEND, ZONED, 0, 1), bytes(1, 3));
        disk.script.fail(0, Cause.MEDIUM_ERROR, LBA);
        Reply failed = first.await();
        assertEquals(0x4280, failed.status(), "Write Fault");
        assertEquals(1, failed.errorLba());
        disk.script.carryOutAll();
        assertEquals(0x41BC, second.await().status(), "Zone Invalid Write");
        Reply behind = append.await();
        assertEquals(0x006, behind.status(), "an append may be tried again");
        assertEquals(0, behind.dw0());
        disk.assertZone(0, Disk.ZSIO, 1);
        disk.script.holding(operation -> false);
        assertEquals(1, disk.append(0, 1).dw0());
    }

    @Test
    void otherFailures() {
        holdEverything();
        Sent full = host.start(Sqe.blocks(Sqe.WRITE, ORDINARY, 0, 1), bytes(1, 1));
        disk.script.fail(0, Cause.NO_SPACE, 0);
        assertEquals(0x4081, full.await().status(), "Capacity Exceeded");
        Sent flush = host.start(Sqe.blocks(Sqe.FLUSH, -1, 0, 1));
        disk.script.fail(0, Cause.MEDIUM_ERROR, 0);
        assertEquals(0x4280, flush.await().status(), "Write Fault");
        Sent internal = host.start(Sqe.blocks(Sqe.READ, ORDINARY, 0, 1));
        disk.script.fail(0, Cause.INTERNAL_ERROR, 0);
        assertEquals(0x006, internal.await().status(), "Internal Error");
        Sent fua = host.start(Sqe.of(Sqe.READ, ORDINARY, 0, Sqe.FUA, 0));
        disk.script.fail(0, Cause.MEDIUM_ERROR, 0);
        assertEquals(0x281, fua.await().status(), "the flush before a read");
        assertEquals(0, disk.script.held(), "no read behind a failed flush");
        disk.script.holding(operation -> false);
        disk.make(3, Disk.ZSF);
        holdEverything();
        Sent reset = host.start(Sqe.of(Sqe.ZONE_SEND, ZONED, Disk.start(3), 0, Disk.RESET));
        disk.script.fail(0, Cause.MEDIUM_ERROR, 0);
        assertEquals(0x006, reset.await().status(), "Internal Error");
        disk.assertState(3, Disk.ZSF);
    }

    @Test
    void aDeviceThatIsClosedIsNotReady() {
        assertEquals(true, disk.device.close(Duration.ofSeconds(5)));
        assertEquals(0x082, disk.read(ORDINARY, 0, 1).status(), "Namespace Not Ready, to be tried again");
        assertEquals(0x082, disk.write(0, 1));
        assertEquals(0x082, disk.act(Disk.RESET, 0));
        assertEquals(0x082, host.status(Sqe.blocks(Sqe.VERIFY, ORDINARY, 0, 1)));
    }

    @Test
    void rangesAreDeallocatedOneAfterTheOther() {
        holdEverything();
        byte[] ranges = ByteBuffer.allocate(48)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(4, 1)
                .putLong(8, 1)
                .putInt(20, 1)
                .putLong(24, 3)
                .putInt(36, 1)
                .putLong(40, 5)
                .array();
        byte[] sqe = ByteBuffer.wrap(Sqe.of(Sqe.DATASET, ORDINARY, 0, 0, 0))
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(40, 2)
                .putInt(44, 4)
                .array();
        Sent good = host.start(sqe, ranges);
        assertEquals(List.of("DISCARD 4096+4096"), disk.script.waiting());
        disk.script.carryOut(0);
        assertEquals(List.of("DISCARD 12288+4096"), disk.script.waiting());
        disk.script.carryOut(0);
        disk.script.carryOut(0);
        assertEquals(0, good.await().status());

        Sent bad = host.start(sqe, ranges);
        disk.script.carryOut(0);
        disk.script.fail(0, Cause.MEDIUM_ERROR, 0);
        Reply reply = bad.await();
        assertEquals(0x4280, reply.status());
        assertEquals(3, reply.errorLba());
        assertEquals(0, disk.script.held(), "the third is not tried");
    }

    @Test
    void comparesBeyondTheBuffersWaitInLine() {
        holdEverything();
        List<Sent> compares = new ArrayList<>();
        for (int i = 0; i < ScratchPool.MAX_BUFFERS + 5; i++) {
            compares.add(host.start(Sqe.blocks(Sqe.COMPARE, ORDINARY, i % 32, 1), new byte[LBA]));
        }
        assertEquals(ScratchPool.MAX_BUFFERS, disk.script.held());
        disk.script.carryOut(0);
        assertEquals(0, compares.getFirst().await().status());
        assertEquals(ScratchPool.MAX_BUFFERS, disk.script.held(), "the next in line has the buffer");
        disk.script.carryOutAll();
        for (Sent compare : compares.subList(1, compares.size())) {
            assertEquals(0, compare.await().status());
        }
    }

    @Test
    void whoeverWaitsIsServedWithoutRecursion() {
        disk.script.holding(operation -> operation == Operation.READ);
        List<Sent> verifies = new ArrayList<>();
        for (int i = 0; i < 20_000; i++) {
            verifies.add(host.start(Sqe.blocks(Sqe.VERIFY, ORDINARY, 0, 1)));
        }
        assertEquals(ScratchPool.MAX_BUFFERS, disk.script.held());
        disk.script.holding(operation -> false);
        disk.script.carryOut(0);
        disk.script.carryOutAll();
        for (Sent verify : verifies) {
            assertEquals(0, verify.await().status());
        }
    }
}
