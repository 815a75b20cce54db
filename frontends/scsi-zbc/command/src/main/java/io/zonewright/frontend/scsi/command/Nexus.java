package io.zonewright.frontend.scsi.command;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One I_T nexus: an initiator port and a target port (for iSCSI a session, for virtio a driver). Made by
 * {@link ScsiTarget#connect}. Thread-safe: each task belongs to one thread at a time, different tasks may be on
 * different threads, and there is no lock on the way of a read or write.
 */
public final class Nexus implements AutoCloseable {
    /** Task objects that one nexus may have used: what a carrier pools, with room to spare. */
    static final int MAX_TASKS = 1 << 16;

    private static final int ADDITIONAL_LENGTH_BYTE = 7;
    private static final int NACA = 1 << 2;
    private static final int NACA_BIT = 2;
    private static final int LEGACY_CONTROL = 0x3F & ~NACA;

    private final ScsiTarget target;
    private final InitiatorPort initiator;
    private final NexusListener listener;
    /** Every task object that was ever begun here: found by whoever aborts, never touched by the data path. */
    private final List<ScsiTask> known = new ArrayList<>();

    private volatile ScsiTask[] tasks = {};
    /** By LUN; set by the target, read by the data path without a lock. */
    private volatile @Nullable UnitNexus[] paths = {};

    private volatile boolean closed;

    Nexus(ScsiTarget target, InitiatorPort initiator, NexusListener listener) {
        this.target = target;
        this.initiator = initiator;
        this.listener = listener;
    }

    public ScsiTarget target() {
        return target;
    }

    public InitiatorPort initiator() {
        return initiator;
    }

    @Nullable
    UnitNexus[] paths() {
        return paths;
    }

    void setPaths(@Nullable UnitNexus[] value) {
        paths = value;
    }

    NexusListener listener() {
        return listener;
    }

    /**
     * Decodes and checks a task that the carrier has prepared. True: {@link ScsiTask#transfer} and
     * {@link ScsiTask#transferBytes} are set; the carrier fills {@link ScsiTask#data} with exactly that many bytes and
     * calls {@link #execute}, or {@link #refuse} if it cannot. False: the task has ended, {@link ScsiTask#onComplete} was
     * called.
     */
    public boolean begin(ScsiTask task) {
        boolean room = task.adoptedBy() == this || adopt(task);
        UnitNexus unit = target.unit(this, Lun.decode(task.lun()));
        task.bind(unit);
        if (!room) {
            task.setStatus(ScsiStatus.TASK_SET_FULL);
        } else if (closed) {
            task.setStatus(ScsiStatus.TASK_ABORTED);
        } else if (check(task, unit)) {
            return true;
        }
        task.end();
        return false;
    }

    /**
     * Carries out a task that {@link #begin} let pass. Takes ownership until {@link ScsiTask#onComplete}.
     *
     * @throws IllegalStateException if the data is not exactly as long as was said, unless the task was aborted
     */
    public void execute(ScsiTask task) {
        if (task.aborted()) {
            task.end();
            return;
        }
        if (task.data().bytes() != (task.borrows() ? 0 : task.transferBytes())) {
            throw new IllegalStateException(
                    "data of " + task.data().bytes() + " bytes for " + task + ", not " + task.transferBytes());
        }
        if (task.hasUnit()) {
            task.unit().taskSet().enter(task);
        } else {
            task.handler().execute(task);
        }
    }

    /** Instead of {@link #execute}: the carrier could not get at the data; the task ends with {@code sense}. */
    public void refuse(ScsiTask task, Sense sense) {
        task.fail(sense);
        task.end();
    }

    /** The order of these checks is the order of precedence: docs/decisions/0151. */
    private boolean check(ScsiTask task, @Nullable UnitNexus unit) {
        OpcodeTable table = unit == null ? target.withoutUnit() : unit.unit().table();
        ScsiOpcode opcode = table.find(task);
        boolean always = opcode != null && opcode.beforeAttentions();
        if (unit == null) {
            if (opcode == null || !always) {
                return task.fail(Sense.LOGICAL_UNIT_NOT_SUPPORTED);
            }
        } else if (!always && !checkUnit(task, unit, opcode)) {
            return false;
        }
        if (opcode == null) {
            return table.refuse(task);
        }
        if (task.attribute() == TaskAttribute.ACA) {
            return task.fail(Sense.INVALID_MESSAGE);
        }
        CommandHandler handler = table.handler(opcode);
        task.setHandler(opcode, handler);
        return checkCdb(task, opcode) && handler.check(task);
    }

    /** Unit attentions and reservations (SAM-5, "Status precedence"). */
    private static boolean checkUnit(ScsiTask task, UnitNexus unit, @Nullable ScsiOpcode opcode) {
        Attentions attentions = unit.attentions();
        boolean pending = !attentions.none();
        if (pending) {
            Sense first = attentions.takeFirst();
            if (first != null) {
                return task.fail(first);
            }
        }
        if (opcode != null && unit.unit().reservations().conflicts(unit, opcode, task)) {
            return task.setStatus(ScsiStatus.RESERVATION_CONFLICT);
        }
        if (pending) {
            Sense next = attentions.take();
            if (next != null) {
                return task.fail(next);
            }
        }
        return true;
    }

    private static boolean checkCdb(ScsiTask task, ScsiOpcode opcode) {
        if (task.cdbLength() < opcode.length()) {
            return task.invalidField(0);
        }
        if (!OpcodeTable.lengthFits(task, opcode)) {
            return task.invalidField(ADDITIONAL_LENGTH_BYTE);
        }
        int control = opcode.controlByte();
        if ((task.byteAt(control) & NACA) != 0) {
            return task.invalidField(control, NACA_BIT);
        }
        if ((task.byteAt(control) & LEGACY_CONTROL) != 0) {
            return task.invalidField(control);
        }
        int wrong = opcode.reservedBit(task.cdb());
        return wrong < 0 || task.invalidField(wrong / Byte.SIZE, wrong % Byte.SIZE);
    }

    /**
     * Carries out a task management function. Tasks that it ends come to their {@link ScsiTask#onComplete} first, with
     * {@link ScsiTask#answered} false unless another nexus is concerned and TAS is 1; those that the carrier still gathers
     * data for hear {@link ScsiTask#onAborted}.
     *
     * @param lun the eight bytes; not looked at for {@link TaskManagement#TARGET_RESET} and
     *     {@link TaskManagement#I_T_NEXUS_RESET}
     * @param tag of {@link TaskManagement#ABORT_TASK} and {@link TaskManagement#QUERY_TASK}
     * @param listener hears of the end, perhaps before this returns
     */
    public void manage(TaskManagement function, long lun, long tag, TaskManagementListener listener) {
        UnitNexus unit = target.unit(this, Lun.decode(lun));
        boolean needsUnit = function != TaskManagement.TARGET_RESET && function != TaskManagement.I_T_NEXUS_RESET;
        if (needsUnit && unit == null) {
            listener.done(TaskManagementResult.INCORRECT_LOGICAL_UNIT, 0);
            return;
        }
        switch (function) {
            case ABORT_TASK -> {
                Abort abort = new Abort(listener);
                abort.take(this, new ScsiTask.Target(unit, null, true, tag), false);
                abort.left();
            }
            case ABORT_TASK_SET -> {
                Abort abort = new Abort(listener);
                abort.take(this, new ScsiTask.Target(unit, null, false, 0), false);
                abort.left();
            }
            case CLEAR_TASK_SET -> clearTaskSet(present(unit), listener);
            case CLEAR_ACA -> listener.done(TaskManagementResult.REJECTED, 0);
            case LOGICAL_UNIT_RESET -> {
                Abort abort = new Abort(listener);
                reset(present(unit).unit(), abort);
                abort.left();
            }
            case TARGET_RESET -> {
                Abort abort = new Abort(listener);
                for (LogicalUnit each : target.logicalUnits()) {
                    reset(each, abort);
                }
                abort.left();
            }
            case I_T_NEXUS_RESET -> {
                Abort abort = new Abort(listener);
                abort.take(this, new ScsiTask.Target(null, null, false, 0), false);
                target.eachUnit(this, each -> {
                    each.unit().nexusLost(each);
                    each.raise(Sense.NEXUS_LOSS);
                });
                abort.left();
            }
            case QUERY_TASK -> query(new ScsiTask.Target(unit, null, true, tag), listener);
            case QUERY_TASK_SET -> query(new ScsiTask.Target(unit, null, false, 0), listener);
            case QUERY_ASYNCHRONOUS_EVENT -> {
                Sense pending = present(unit).pendingAttention();
                if (pending == null) {
                    listener.done(TaskManagementResult.COMPLETE, 0);
                } else {
                    int information = pending.key() << 16 | pending.code() << 8 | pending.qualifier();
                    listener.done(TaskManagementResult.SUCCEEDED, information);
                }
            }
        }
    }

    private void clearTaskSet(UnitNexus unit, TaskManagementListener listener) {
        Abort abort = new Abort(listener);
        unit.unit().abortAll(this, abort);
        abort.left();
    }

    private static void reset(LogicalUnit unit, Abort abort) {
        ScsiTask.Target all = new ScsiTask.Target(null, unit, false, 0);
        for (UnitNexus each : unit.unitNexuses()) {
            abort.take(each.nexus(), all, false);
        }
        unit.reset();
    }

    private void query(ScsiTask.Target what, TaskManagementListener listener) {
        for (ScsiTask task : tasks) {
            if (task.matches(what)) {
                listener.done(TaskManagementResult.SUCCEEDED, 0);
                return;
            }
        }
        listener.done(TaskManagementResult.COMPLETE, 0);
    }

    void eachTask(Consumer<ScsiTask> what) {
        for (ScsiTask task : tasks) {
            what.accept(task);
        }
    }

    private boolean adopt(ScsiTask task) {
        synchronized (known) {
            if (known.size() == MAX_TASKS) {
                known.removeIf(each -> each.adoptedBy() != this || each.phase() == ScsiTask.IDLE);
                if (known.size() == MAX_TASKS) {
                    return false;
                }
            }
            task.adopt(this);
            known.add(task);
            tasks = known.toArray(new ScsiTask[0]);
            return true;
        }
    }

    /** REPORT LUNS told what had changed (SPC-5, "REPORT LUNS command"). */
    public void clearLunsChanged() {
        target.eachUnit(this, path -> path.clearAttention(Sense.REPORTED_LUNS_DATA_HAS_CHANGED));
    }

    /** Whether {@link #close} was called. */
    public boolean isClosed() {
        return closed;
    }

    /**
     * The nexus is lost (SAM-5, "I_T nexus loss"): its tasks end unanswered, those that run when the device is done with
     * them, and those that the carrier gathers data for when it calls {@link #execute} or {@link #refuse}; RESERVE(6) is
     * undone, persistent reservations stay. Does not wait. Works twice.
     */
    @Override
    public void close() {
        synchronized (known) {
            if (closed) {
                return;
            }
            closed = true;
        }
        Abort abort = new Abort((result, information) -> {});
        abort.take(this, new ScsiTask.Target(null, null, false, 0), false);
        target.disconnected(this);
        abort.left();
    }

    private static UnitNexus present(@Nullable UnitNexus unit) {
        if (unit == null) {
            throw new IllegalStateException("no logical unit");
        }
        return unit;
    }

    @Override
    public String toString() {
        return initiator + " at " + target.port().portName();
    }

    /** A function that ends tasks, and is done when the last of them has ended. */
    static final class Abort {
        private final TaskManagementListener listener;
        private final AtomicInteger waitsFor = new AtomicInteger(1);
        private final AtomicInteger taken = new AtomicInteger();

        Abort(TaskManagementListener listener) {
            this.listener = listener;
        }

        /** Aborts the tasks of a nexus that match. */
        void take(Nexus nexus, ScsiTask.Target what, boolean answer) {
            for (ScsiTask task : nexus.tasks) {
                waitsFor.incrementAndGet();
                int phase = task.abort(what, answer, gone -> left());
                if (phase == ScsiTask.IDLE) {
                    waitsFor.decrementAndGet();
                    continue;
                }
                taken.incrementAndGet();
                if (phase == ScsiTask.HELD) {
                    task.unit().taskSet().drop(task);
                } else if (phase == ScsiTask.GATHERING) {
                    task.tellAborted();
                }
            }
        }

        int taken() {
            return taken.get();
        }

        /** One of those that were waited for is gone; or the one who asked has found all of them. */
        void left() {
            if (waitsFor.decrementAndGet() == 0) {
                listener.done(TaskManagementResult.COMPLETE, 0);
            }
        }
    }
}
