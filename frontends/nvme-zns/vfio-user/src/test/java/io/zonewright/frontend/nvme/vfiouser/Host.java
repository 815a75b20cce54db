package io.zonewright.frontend.nvme.vfiouser;

import io.zonewright.api.spi.DeviceIdentity;
import io.zonewright.api.zone.ZoneRules;
import io.zonewright.engine.EngineDevice;
import io.zonewright.frontend.nvme.command.ControllerTraits;
import io.zonewright.frontend.nvme.command.NvmeSubsystem;
import io.zonewright.frontend.nvme.command.SubsystemOptions;
import io.zonewright.frontend.nvme.vfiouser.queue.Cell;
import io.zonewright.runtime.LoopGroup;
import io.zonewright.runtime.PollLoop;
import io.zonewright.testkit.backend.MemoryBackend;
import io.zonewright.testkit.backend.ScriptedBackend;
import io.zonewright.testkit.backend.Shape;
import io.zonewright.vfiouser.Quiescence;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A host's NVMe driver, the controller that it drives, and the loops, all stepped by hand on one thread. Rings lie at
 * fixed addresses: admin queues at 10000h and 11000h, I/O queues from 20000h on, 1000h for each ring.
 */
final class Host implements AutoCloseable {
    static final int CC_ENABLE = 0x0046_0061; // IOCQES 4, IOSQES 6, all command sets, EN
    static final int ADMIN_ENTRIES = 16;
    static final long ADMIN_SQ = 0x10000;
    static final long ADMIN_CQ = 0x11000;
    static final int MAX_QUEUES = 4;
    static final int MAX_ENTRIES = 64;
    /** Where data goes that a test does not care for the place of. */
    static final long DATA = 0x40000;

    final Guest guest = new Guest();
    final ScriptedBackend medium;
    final NvmePciDevice device;
    final PciCarrier carrier;
    /** The clock by which interrupts wait; stands still. Also read by the thread of an alarm. */
    final AtomicLong nanos = new AtomicLong(1);

    private final PollLoop[] loops;
    private final EngineDevice engine;

    /** One queue pair, as the driver keeps it. */
    final class Pair {
        final int id;
        final int entries;
        final long submissions;
        final long completions;
        int tail;
        int head;
        int phase = 1;
        int cid;

        Pair(int id, int entries, long submissions, long completions) {
            this.id = id;
            this.entries = entries;
            this.submissions = submissions;
            this.completions = completions;
        }

        /** Puts a command without ringing; its identifier. */
        int put(int opcode, int nsid, long prp1, long prp2, int... cdw10on) {
            return putFlagged(opcode, 0, nsid, prp1, prp2, cdw10on);
        }

        /** With FUSE and PSDT. */
        int putFlagged(int opcode, int flags, int nsid, long prp1, long prp2, int... cdw10on) {
            long at = submissions + tail * 64L;
            guest.fill(at, 64, 0);
            int id = cid++;
            guest.putInt(at, opcode | flags << 8 | id << 16);
            guest.putInt(at + 4, nsid);
            guest.putLong(at + 24, prp1);
            guest.putLong(at + 32, prp2);
            for (int i = 0; i < cdw10on.length; i++) {
                guest.putInt(at + 40 + i * 4L, cdw10on[i]);
            }
            tail = (tail + 1) % entries;
            return id;
        }

        void ringTail() {
            write32(0x1000 + 8 * id, tail);
        }

        void ringHead() {
            write32(0x1004 + 8 * id, head);
        }

        /** Whether there is an entry that was not taken. */
        boolean hasEntry() {
            return (guest.getInt(completions + head * 16L + 12) >>> 16 & 1) == phase;
        }

        /** Takes an entry: DW0, DW1, DW2, DW3. */
        int[] take() {
            if (!hasEntry()) {
                throw new AssertionError("no completion in queue " + id);
            }
            int[] entry = new int[4];
            for (int i = 0; i < 4; i++) {
                entry[i] = guest.getInt(completions + head * 16L + i * 4L);
            }
            head++;
            if (head == entries) {
                head = 0;
                phase ^= 1;
            }
            return entry;
        }

        /** Carries one command out: DW3's status with its type and flags. */
        int run(int opcode, int nsid, long prp1, long prp2, int... cdw10on) {
            put(opcode, nsid, prp1, prp2, cdw10on);
            ringTail();
            step();
            int status = take()[3] >>> 17;
            ringHead();
            return status;
        }
    }

    final Pair admin = new Pair(0, ADMIN_ENTRIES, ADMIN_SQ, ADMIN_CQ);

    Host() {
        this(1, false);
    }

    /** @param loopCount more than one: queues on loops of their own */
    Host(int loopCount, boolean mapped) {
        medium = new ScriptedBackend(new MemoryBackend(Shape.hostManaged(8, 128))).holding(operation -> false);
        engine = EngineDevice.open(DeviceIdentity.of("test"), medium, ZoneRules.ZNS);
        loops = new PollLoop[loopCount];
        for (int i = 0; i < loopCount; i++) {
            loops[i] = PollLoop.byHand("loop " + i);
        }
        NvmeSubsystem subsystem = new NvmeSubsystem(engine, SubsystemOptions.of("nqn.2026-11.io.zonewright:test"));
        ControllerTraits traits = NvmeVfioUserFrontend.traits(MAX_QUEUES, MAX_ENTRIES, mapped);
        carrier = new PciCarrier("nvme-zns test", subsystem, traits, mapped, LoopGroup.of(loops), nanos::get);
        device = new NvmePciDevice("nvme-zns test", carrier, mapped);
        carrier.start();
        device.attached(guest);
        device.memoryChanged(guest.all(), new Rest());
        step();
    }

    /** Tells whether somebody came to rest. */
    static final class Rest implements Quiescence {
        int reached;
        int abandoned;

        @Override
        public void reached() {
            reached++;
        }

        @Override
        public void abandoned() {
            abandoned++;
        }
    }

    void step() {
        for (int i = 0; i < 4; i++) {
            for (PollLoop loop : loops) {
                loop.step();
            }
        }
    }

    /** One round of the first loop: how many tasks and commands it had. */
    int stepOnce() {
        return loops[0].step();
    }

    int read32(int offset) {
        ByteBuffer target = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
        device.read(0, offset, target);
        return target.flip().getInt();
    }

    long read64(int offset) {
        ByteBuffer target = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
        device.read(0, offset, target);
        return target.flip().getLong();
    }

    void write32(int offset, int value) {
        device.write(
                0,
                offset,
                ByteBuffer.allocate(4)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putInt(value)
                        .flip());
    }

    void write64(int offset, long value) {
        device.write(
                0,
                offset,
                ByteBuffer.allocate(8)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(value)
                        .flip());
    }

    int csts() {
        return read32(0x1C);
    }

    /** Sets admin queues up and enables the controller. */
    Host enable() {
        guest.fill(ADMIN_CQ, 0x1000, 0);
        admin.tail = 0;
        admin.head = 0;
        admin.phase = 1;
        write32(0x24, (ADMIN_ENTRIES - 1) << 16 | (ADMIN_ENTRIES - 1));
        write64(0x28, ADMIN_SQ);
        write64(0x30, ADMIN_CQ);
        write32(0x14, CC_ENABLE);
        step();
        return this;
    }

    void disable() {
        write32(0x14, CC_ENABLE & ~1);
        step();
    }

    /** A pair of I/O queues on the vector of the same number; both commands succeed. */
    Pair pair(int id, int entries) {
        long submissions = 0x20000 + id * 0x2000L;
        guest.fill(submissions, 0x2000, 0);
        Pair pair = new Pair(id, entries, submissions, submissions + 0x1000);
        requireGood(admin.run(0x05, 0, pair.completions, 0, (entries - 1) << 16 | id, id << 16 | 3));
        requireGood(admin.run(0x01, 0, pair.submissions, 0, (entries - 1) << 16 | id, id << 16 | 1));
        return pair;
    }

    private static void requireGood(int status) {
        if (status != 0) {
            throw new AssertionError("status " + Integer.toHexString(status));
        }
    }

    /** A cell of a shadow page. */
    Cell cell(long page, int index) {
        return new Cell(guest.at(page, 4096), index * 4L);
    }

    @Override
    public void close() {
        device.detached(new Rest());
        step();
        carrier.close();
        engine.close(Duration.ofSeconds(1));
    }
}
