package io.zonewright.bench;

import io.zonewright.api.spi.ZonedDevice;
import io.zonewright.frontend.nvme.command.ControllerCarrier;
import io.zonewright.frontend.nvme.command.ControllerRegisters;
import io.zonewright.frontend.nvme.command.ControllerTraits;
import io.zonewright.frontend.nvme.command.NvmeCommand;
import io.zonewright.frontend.nvme.command.NvmeController;
import io.zonewright.frontend.nvme.command.NvmeSubsystem;
import io.zonewright.frontend.nvme.command.SubsystemOptions;
import io.zonewright.frontend.nvme.command.Transport;
import io.zonewright.frontend.nvme.vfiouser.queue.Cell;
import io.zonewright.frontend.nvme.vfiouser.queue.CompletionQueue;
import io.zonewright.frontend.nvme.vfiouser.queue.InterruptCoalescing;
import io.zonewright.frontend.nvme.vfiouser.queue.QueueEvents;
import io.zonewright.frontend.nvme.vfiouser.queue.QueueWorker;
import io.zonewright.frontend.nvme.vfiouser.queue.SubmissionQueue;
import io.zonewright.posix.Posix;
import io.zonewright.runtime.PollLoop;
import io.zonewright.runtime.memory.GuestRegion;
import io.zonewright.testkit.guest.GuestMemory;
import io.zonewright.testkit.nvme.Sqe;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.List;

/**
 * One I/O queue of an NVMe controller on PCI Express, its worker and its driver turned by one thread: what a command
 * costs the server can be told from what else runs on the machine. Each slot of a batch has a page of its own.
 */
final class NvmeQueueByHand implements AutoCloseable {
    static final int BATCH = 32;
    static final int READ = 0x02;
    static final int WRITE = 0x01;
    static final int ZONE_APPEND = 0x7D;
    static final int ZONE_SEND = 0x79;
    /** CDW13 of Zone Management Send: reset. */
    static final int RESET = 4;

    private static final int SIZE = 4 * BATCH;
    private static final int PAGE = 4096;
    private static final int ENABLE = 0x0046_0061; // IOCQES 4, IOSQES 6, all command sets, EN
    private static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong U64 = ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle WORD = U32.varHandle();

    private final GuestMemory guest = new GuestMemory(Posix.system(), 4L << 20);
    private final PollLoop loop = PollLoop.byHand("bench");
    private final NvmeSubsystem subsystem;
    private final NvmeController controller;
    private final QueueWorker worker;
    private final MemorySegment submissions;
    private final MemorySegment completions;
    private final Cell tailBell;
    private final Cell headBell;
    private final long[] pages = new long[BATCH];
    private int tail;
    private int head;
    private int phase = 1;
    private int offered;

    NvmeQueueByHand(ZonedDevice device) {
        subsystem = new NvmeSubsystem(device, SubsystemOptions.of("nqn.2026-11.io.zonewright:bench"));
        ControllerTraits traits = new ControllerTraits(
                Transport.PCIE, 1 << 20, true, true, 0, 0, SIZE, 1, false, false, "", ControllerTraits.NO_HOST_ID);
        controller = subsystem.newController(traits, new NoCarrier());
        controller.registers().write32(ControllerRegisters.CC, ENABLE);
        worker = new QueueWorker("bench", loop, new NoEvents(), new InterruptCoalescing(2), System::nanoTime);
        GuestMemory.Region region = guest.regions().getFirst();
        worker.start(
                controller,
                new io.zonewright.runtime.memory.GuestMemory(List.of(new GuestRegion(
                        region.guestAddress(),
                        region.userAddress(),
                        region.mapping().segment()))));
        long sq = guest.allocate(0, (long) SIZE * Sqe.BYTES, PAGE);
        long cq = guest.allocate(0, SIZE * 16L, PAGE);
        long bells = guest.allocate(0, 8, PAGE);
        guest.fill(cq, SIZE * 16L, 0);
        submissions = guest.slice(sq, (long) SIZE * Sqe.BYTES);
        completions = guest.slice(cq, SIZE * 16L);
        tailBell = new Cell(guest.slice(bells, 8), 0);
        headBell = new Cell(guest.slice(bells, 8), 4);
        CompletionQueue answers = new CompletionQueue(1, cq, SIZE, 1, true);
        worker.add(answers, headBell, null);
        worker.add(new SubmissionQueue(1, sq, SIZE, answers), tailBell, null);
        for (int i = 0; i < BATCH; i++) {
            pages[i] = guest.allocate(0, PAGE, PAGE);
        }
    }

    /** Puts a command of one block, or of none, into the ring; at most {@link #BATCH} before {@link #turn}. */
    void offer(int opcode, long lba, int cdw13) {
        long at = (long) tail * Sqe.BYTES;
        submissions.asSlice(at, Sqe.BYTES).fill((byte) 0);
        submissions.set(U32, at, opcode | offered << 16);
        submissions.set(U32, at + 4, 1);
        submissions.set(U64, at + 24, pages[offered]);
        submissions.set(U64, at + 40, lba);
        submissions.set(U32, at + 52, cdw13);
        tail = (tail + 1) % SIZE;
        offered++;
    }

    /** Shows what was offered, has it served, and takes the answers; nanoseconds that the server had. */
    long turn() {
        tailBell.write(tail);
        long before = System.nanoTime();
        worker.poll(PollLoop.BATCH);
        long nanos = System.nanoTime() - before;
        for (; offered > 0; offered--) {
            int last = (int) WORD.getAcquire(completions, head * 16L + 12);
            if ((last >>> 16 & 1) != phase || last >>> 17 != 0) {
                throw new IllegalStateException("completion 0x" + Integer.toHexString(last));
            }
            head = (head + 1) % SIZE;
            phase = head == 0 ? 1 - phase : phase;
        }
        headBell.write(head);
        return nanos;
    }

    @Override
    public void close() {
        worker.stop(() -> {});
        worker.close();
        controller.close();
        subsystem.close();
        loop.close();
        guest.close();
    }

    private static final class NoCarrier implements ControllerCarrier {
        @Override
        public void enabled() {}

        @Override
        public void disabled() {}

        @Override
        public void shutdown() {}

        @Override
        public boolean carrierAdmin(NvmeCommand command) {
            return false;
        }

        @Override
        public int grantQueues(int requested) {
            return requested;
        }

        @Override
        public void keepAliveExpired() {}
    }

    private static final class NoEvents implements QueueEvents {
        @Override
        public void invalidDoorbellValue() {
            throw new IllegalStateException("a wrong doorbell");
        }

        @Override
        public void interrupt(CompletionQueue queue) {}

        @Override
        public void allTaken(CompletionQueue queue) {}

        @Override
        public boolean levelInterrupts() {
            return false;
        }

        @Override
        public void fatal(String reason) {
            throw new IllegalStateException(reason);
        }
    }
}
