package io.zonewright.bench;

import io.zonewright.frontend.scsi.command.InitiatorPort;
import io.zonewright.frontend.scsi.command.LogicalUnit;
import io.zonewright.frontend.scsi.command.LogicalUnitOptions;
import io.zonewright.frontend.scsi.command.Nexus;
import io.zonewright.frontend.scsi.command.NexusListener;
import io.zonewright.frontend.scsi.command.ScsiTarget;
import io.zonewright.frontend.scsi.command.ScsiTask;
import io.zonewright.frontend.scsi.command.TargetPort;
import io.zonewright.frontend.scsi.command.TaskAttribute;
import io.zonewright.testkit.device.TestDevice;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * A SCSI command from its CDB to a medium that has done everything already, and back to its status: checks, reservations,
 * task set, engine. No carrier and no copy. It allocates nothing, and costs the same over 64 zones as over 65,536.
 */
public class ScsiBenchmark extends Measured {
    private static final int READ = 0x88;
    private static final int WRITE = 0x8A;
    private static final int FINISH = 0x02;
    private static final int RESET = 0x04;
    private static final int ALL = 0x01;
    private static final int BLOCK = Disks.BLOCK_BYTES;
    private static final int ZONE_BLOCKS = Disks.ZONE_BYTES / BLOCK;

    /** An initiator with one task, and its logical unit. */
    @State(Scope.Thread)
    @SuppressWarnings("NullAway.Init") // by open(), before all else
    public static class Initiator {
        /** Zones of the device; all of them are used in turn. */
        @Param({"64", "65536"})
        public int zones;

        private TestDevice device;
        private LogicalUnit unit;
        private Nexus nexus;
        private Task task;
        private ByteBuffer cdb;
        private MemorySegment memory;
        private int zone;
        private int level;

        private static final class Task extends ScsiTask {
            @Override
            protected void onComplete() {
                // Its status is looked at by who sent it.
            }
        }

        @Setup
        public void open() {
            device = Disks.nothing(zones);
            unit = new LogicalUnit(device.device(), LogicalUnitOptions.DEFAULT);
            ScsiTarget target = new ScsiTarget(TargetPort.sas(0x3000_0000_0000_0001L));
            target.attach(0, unit);
            nexus = target.connect(InitiatorPort.sas(0x3000_0000_0000_0002L), NexusListener.NONE);
            task = new Task();
            cdb = ByteBuffer.wrap(task.cdb());
            memory = Arena.ofAuto().allocate(BLOCK, BLOCK);
            // Takes the unit attention that a nexus begins with.
            run(0x00, 0, 0, 0);
            ready();
        }

        /** What else is to be done before the first command. */
        void ready() {}

        @TearDown
        public void close() {
            nexus.close();
            unit.close();
            device.close();
        }

        /** A block of the next zone, all zones in turn; once they are full of writes they are reset, all at once. */
        void next(int opcode) {
            require(run(opcode, (long) zone * ZONE_BLOCKS + level, 1, 0));
            zone++;
            if (zone == zones) {
                zone = 0;
                level++;
                if (level == ZONE_BLOCKS) {
                    level = 0;
                    if (opcode == WRITE) {
                        act(RESET, 0, ALL);
                    }
                }
            }
        }

        /** OPEN ZONE and its like. */
        void act(int action, long lba, int all) {
            cdb.putLong(0, 0).putLong(8, 0);
            cdb.put(0, (byte) 0x94).put(1, (byte) action).putLong(2, lba).put(14, (byte) all);
            require(send());
        }

        private int run(int opcode, long lba, int count, int flags) {
            cdb.putLong(0, 0).putLong(8, 0);
            cdb.put(0, (byte) opcode).put(1, (byte) flags);
            if (count != 0) {
                cdb.putLong(2, lba).putInt(10, count);
            }
            return send();
        }

        private int send() {
            task.prepare(0, 1, TaskAttribute.SIMPLE, 16, BLOCK, BLOCK);
            if (nexus.begin(task)) {
                if (task.transferBytes() != 0) {
                    task.data().add(memory, 0, task.transferBytes());
                }
                nexus.execute(task);
            }
            return task.status();
        }

        private static void require(int status) {
            if (status != 0) {
                throw new IllegalStateException("status " + status);
            }
        }
    }

    /** All of its zones are full, so that reads go to the medium; above a write pointer the engine would give zeroes. */
    @State(Scope.Thread)
    public static class FullZones extends Initiator {
        @Override
        void ready() {
            for (int zone = 0; zone < zones; zone++) {
                act(FINISH, (long) zone * ZONE_BLOCKS, 0);
            }
        }
    }

    @Benchmark
    @OperationsPerInvocation(REQUESTS)
    public void scsiRead4k(FullZones initiator) {
        for (int i = 0; i < REQUESTS; i++) {
            initiator.next(READ);
        }
    }

    @Benchmark
    @OperationsPerInvocation(REQUESTS)
    public void scsiWrite4k(Initiator initiator) {
        for (int i = 0; i < REQUESTS; i++) {
            initiator.next(WRITE);
        }
    }
}
