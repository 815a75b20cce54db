package io.zonewright.tests.conformance;

import io.zonewright.api.spi.ZonedDevice;
import io.zonewright.frontend.scsi.command.InitiatorPort;
import io.zonewright.frontend.scsi.command.LogicalUnit;
import io.zonewright.frontend.scsi.command.LogicalUnitOptions;
import io.zonewright.frontend.scsi.command.Nexus;
import io.zonewright.frontend.scsi.command.NexusListener;
import io.zonewright.frontend.scsi.command.ScsiTarget;
import io.zonewright.frontend.scsi.command.ScsiTask;
import io.zonewright.frontend.scsi.command.TargetPort;
import io.zonewright.frontend.scsi.command.TaskAttribute;
import io.zonewright.frontend.scsi.command.TaskManagement;
import io.zonewright.frontend.scsi.command.Transfer;
import io.zonewright.testkit.scsi.ScsiFlight;
import io.zonewright.testkit.scsi.ScsiHost;
import io.zonewright.testkit.scsi.ScsiRequest;
import io.zonewright.testkit.scsi.ScsiResult;
import io.zonewright.testkit.scsi.TaskFunction;
import io.zonewright.testkit.scsi.TaskFunctionAnswer;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A host without a carrier: commands go straight to the command core. */
final class BareScsiHost implements ScsiHost {
    private final LogicalUnit unit;
    private final Nexus nexus;
    private long tags;

    BareScsiHost(ZonedDevice device) {
        unit = LogicalUnit.shared(device, LogicalUnitOptions.DEFAULT);
        ScsiTarget target = new ScsiTarget(TargetPort.iscsi("iqn.2026-11.io.zonewright:bare", 1));
        target.attach(0, unit);
        nexus = target.connect(InitiatorPort.iscsi("iqn.2026-11.io.zonewright:host", 1), NexusListener.NONE);
    }

    /** A command within the core. */
    private static final class Flight extends ScsiFlight {
        private final Task task = new Task(this);
        private final CountDownLatch done = new CountDownLatch(1);
        private MemorySegment memory = MemorySegment.NULL;

        Flight(ScsiRequest request, long tag) {
            super(request, tag);
        }

        void completed() {
            long wanted = task.wantedBytes();
            long offered = Math.max(request().inBytes(), request().out().length);
            boolean in = request().inBytes() > 0;
            long residual = wanted > offered ? offered - wanted : offered - (in ? task.transferred() : wanted);
            end(new ScsiResult(
                    0,
                    task.status(),
                    Arrays.copyOf(task.sense(), task.senseLength()),
                    memory.asSlice(0, task.transferred()).toArray(ValueLayout.JAVA_BYTE),
                    residual));
            done.countDown();
        }
    }

    private static final class Task extends ScsiTask {
        private final Flight flight;

        Task(Flight flight) {
            this.flight = flight;
        }

        @Override
        protected void onComplete() {
            flight.completed();
        }
    }

    @Override
    public int queues() {
        return 1;
    }

    @Override
    public ScsiFlight submit(int queue, ScsiRequest request) {
        Flight flight = new Flight(request, ++tags);
        Task task = flight.task;
        byte[] cdb = request.cdb().bytes();
        System.arraycopy(cdb, 0, task.cdb(), 0, cdb.length);
        task.prepare(
                request.lun(), flight.tag(), TaskAttribute.SIMPLE, cdb.length, request.inBytes(), request.out().length);
        if (nexus.begin(task)) {
            long bytes = task.transferBytes();
            if (bytes > 0) {
                // Not on the heap: a kernel may be asked to read it.
                flight.memory = Arena.ofAuto().allocate(bytes, Long.BYTES);
                if (task.transfer() == Transfer.TO_TARGET) {
                    MemorySegment.copy(MemorySegment.ofArray(request.out()), 0, flight.memory, 0, bytes);
                }
                task.data().add(flight.memory, 0, bytes);
            }
            nexus.execute(task);
        }
        return flight;
    }

    @Override
    public int collect(int queue) {
        return 0;
    }

    @Override
    public boolean awaitCompletion(int queue, ScsiFlight flight, int timeoutMillis) {
        try {
            return ((Flight) flight).done.await(timeoutMillis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public TaskFunctionAnswer manage(TaskFunction function, long lun, long tag) {
        throw new IllegalArgumentException(TaskManagement.class + " is for carriers");
    }

    @Override
    public void close() {
        nexus.close();
        unit.close();
    }
}
