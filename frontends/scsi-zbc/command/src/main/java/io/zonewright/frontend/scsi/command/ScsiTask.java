package io.zonewright.frontend.scsi.command;

import io.zonewright.api.buffer.SpanList;
import io.zonewright.api.request.DeviceRequest;
import io.zonewright.api.zone.ZoneDescriptor;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A task in flight. The carrier subclasses it, pools the objects per queue or connection, copies the CDB into
 * {@link #cdb} and calls {@link #prepare} before {@link Nexus#begin}. Nothing is allocated in steady state.
 *
 * <p>Owned by the carrier until {@code begin}, between a {@code begin} that said true and {@link Nexus#execute} (it then
 * gathers data), and from {@link #onComplete} on. Fields are plain: the hand-over orders accesses.
 */
public abstract class ScsiTask {
    /** Longest CDB, bytes. */
    public static final int MAX_CDB = 32;

    static final int IDLE = 0;
    /** Begun; the carrier gathers data. */
    static final int GATHERING = 1;
    /** Waits in the task set. */
    static final int HELD = 2;

    static final int RUNNING = 3;
    /** {@link #onComplete} is under way. */
    static final int ENDING = 4;

    private static final long PHASE = 0x7;
    private static final long ABORTED = 0x8;
    private static final long WATCHED = 0x10;
    private static final long FLAGS = ABORTED | WATCHED;
    private static final int GENERATION_SHIFT = 8;
    private static final long GENERATION = -1L << GENERATION_SHIFT;

    /** Looks at a task that is just answering, before it counts as gone. */
    private static final int PATIENCE = 20_000;

    private static final int SKSV = 0x80;
    private static final int CDB_FIELD = 0x40;
    private static final int BIT_VALID = 0x08;
    private static final int SPECIFIC_SHIFT = 16;

    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN)
            .withInvokeExactBehavior();
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN)
            .withInvokeExactBehavior();
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN)
            .withInvokeExactBehavior();
    private static final VarHandle WORD;

    static {
        try {
            WORD = MethodHandles.lookup().findVarHandle(ScsiTask.class, "word", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final byte[] cdb = new byte[MAX_CDB];
    private final byte[] sense = new byte[SenseData.MAX_SIZE];
    private final Request request = new Request(this);
    private final ZoneDescriptor zone = new ZoneDescriptor();
    private final Object lock = new Object();

    /** Generation, flags, phase. Whoever aborts or waits reads it first, then LUN and tag, then sets flags by CAS. */
    @SuppressWarnings("unused") // through WORD
    private volatile long word;

    private @Nullable List<TaskWaiter> waiters;

    private long lun;
    private long tag;
    private TaskAttribute attribute = TaskAttribute.SIMPLE;
    private int cdbLength;
    private long offeredIn;
    private long offeredOut;

    private @Nullable Nexus nexus;
    private @Nullable UnitNexus unitNexus;
    private @Nullable ScsiOpcode opcode;
    private @Nullable CommandHandler handler;
    private Transfer transfer = Transfer.NONE;
    private long transferBytes;
    private long wantedBytes;
    private long transferred;
    private int status;
    private int senseLength;
    private Sense failure = Sense.NO_SENSE;
    private boolean answered;
    /** Written under {@link #lock} by who aborts. */
    private boolean abortAnswered;

    private boolean lendable;
    private boolean borrows;
    private long state;
    private @Nullable Object extra;

    private static final class Request extends DeviceRequest {
        private final ScsiTask task;

        Request(ScsiTask task) {
            this.task = task;
        }

        @Override
        protected void onComplete() {
            task.handler().deviceDone(task);
        }
    }

    // For carriers -----------------------------------------------------------------------------------------------

    /** The CDB: a private copy, never the peer's memory; bytes behind its end are zero. */
    public final byte[] cdb() {
        return cdb;
    }

    /**
     * A new life begins: says what the carrier knows of the task, whose CDB is in {@link #cdb}.
     *
     * @param lun the eight bytes of the logical unit number, the first one highest ({@link Lun})
     * @param tag names the task among those of its nexus
     * @param cdbLength bytes of {@link #cdb} that the initiator sent, 6 to 32; may be more than the command's
     * @param offeredIn bytes of data-in for which the initiator has room: iSCSI's Expected Data Transfer Length with R
     *     set, the driver's writable buffers for virtio
     * @param offeredOut bytes of data-out that the initiator would send
     */
    public final void prepare(
            long lun, long tag, TaskAttribute attribute, int cdbLength, long offeredIn, long offeredOut) {
        this.lun = lun;
        this.tag = tag;
        this.attribute = attribute;
        this.cdbLength = cdbLength;
        this.offeredIn = offeredIn;
        this.offeredOut = offeredOut;
    }

    /** The eight bytes of the logical unit number. */
    public final long lun() {
        return lun;
    }

    public final long tag() {
        return tag;
    }

    public final TaskAttribute attribute() {
        return attribute;
    }

    public final int cdbLength() {
        return cdbLength;
    }

    /** Bytes of data-out that the initiator would send. */
    public final long offeredOut() {
        return offeredOut;
    }

    /** Which way data goes; valid once {@link Nexus#begin} said true. */
    public final Transfer transfer() {
        return transfer;
    }

    /**
     * How many bytes the carrier has to bring as {@link #data}: at most what was offered and what the command asks. 0
     * for {@link Transfer#NONE}.
     */
    public final long transferBytes() {
        return transferBytes;
    }

    /**
     * What the command asks for, whatever was offered. Final once completed: for commands that return a structure it is
     * then the structure's length, up to the allocation length.
     */
    public final long wantedBytes() {
        return wantedBytes;
    }

    /**
     * The data: emptied by {@link Nexus#begin}, then filled by the carrier with exactly {@link #transferBytes} bytes of
     * spans. It is the device request's own list.
     */
    public final SpanList data() {
        return request.data();
    }

    /** Whether the carrier may {@link #borrow} instead of filling {@link #data}; valid once begun. */
    public final boolean mayBorrow() {
        return lendable;
    }

    /**
     * Instead of filling {@link #data}: the medium shows its own memory there, which may be read from {@link #onComplete}
     * until {@link #endLoan}, which must follow. Before {@link Nexus#execute}; not for data that is summed up first and sent
     * later, since what is on loan may change.
     *
     * @throws IllegalStateException unless {@link #mayBorrow}
     */
    public final void borrow() {
        if (!lendable) {
            throw new IllegalStateException("nothing is lent to " + this);
        }
        borrows = true;
        request.setLend(false);
    }

    /** Whether there is a loan to be ended: the task borrowed, and the medium lent, whatever became of the task. */
    public final boolean borrowed() {
        return borrows && request.lend();
    }

    /** Gives back what was {@link #borrowed}; the data is not to be touched any more. */
    public final void endLoan() {
        borrows = false;
        unit().device().endLoan(request);
    }

    /** Data-in bytes at the start of {@link #data} that are valid; 0 unless data-in. Once completed. */
    public final long transferred() {
        return transferred;
    }

    /** Status code, see {@link ScsiStatus}; once completed. */
    public final int status() {
        return status;
    }

    /** Sense data, {@link #senseLength} bytes, that goes along with CHECK CONDITION. */
    public final byte[] sense() {
        return sense;
    }

    /** 0 unless CHECK CONDITION. */
    public final int senseLength() {
        return senseLength;
    }

    /**
     * Whether the initiator is to be sent the status. False only if the task was aborted by its own nexus, by a reset, or
     * with TAS 0: a carrier that has to answer all the same (virtio) says aborted, or reset.
     */
    public final boolean answered() {
        return answered;
    }

    /**
     * The task is over: status, sense and data are in place. Called exactly once per {@link Nexus#begin}, on any thread,
     * perhaps before that returns. Must not block; may prepare this object for its next life.
     */
    protected abstract void onComplete();

    /**
     * The task was aborted while the carrier gathers its data: it should do without them and call {@link Nexus#execute}
     * or {@link Nexus#refuse} soon, for which the function that aborts it waits; what was gathered so far is then not
     * looked at. Any thread; must not block.
     */
    protected void onAborted() {}

    // For handlers -----------------------------------------------------------------------------------------------

    /** A byte of the CDB, 0 to FFh. */
    public final int byteAt(int index) {
        return cdb[index] & 0xFF;
    }

    /** A 16-bit field of the CDB, big-endian, unsigned. */
    public final int shortAt(int index) {
        return (short) SHORT.get(cdb, index) & 0xFFFF;
    }

    /** A 32-bit field of the CDB, big-endian, unsigned. */
    public final long intAt(int index) {
        return (int) INT.get(cdb, index) & 0xFFFF_FFFFL;
    }

    /** A 64-bit field of the CDB, big-endian. */
    public final long longAt(int index) {
        return (long) LONG.get(cdb, index);
    }

    /** The command's place in the table. */
    public final ScsiOpcode opcode() {
        return present(opcode);
    }

    /** The nexus that it came by. */
    public final Nexus nexus() {
        return present(nexus);
    }

    /** The nexus and the logical unit; for a handler of a command that needs a logical unit. */
    public final UnitNexus unitNexus() {
        return present(unitNexus);
    }

    /** Whether its LUN names a logical unit. */
    public final boolean hasUnit() {
        return unitNexus != null;
    }

    /** The logical unit. */
    public final LogicalUnit unit() {
        return unitNexus().unit();
    }

    /** The device request of this task, to be prepared and submitted by the handler; its data is {@link #data}. */
    public final DeviceRequest request() {
        return request;
    }

    /** Bytes of data-out, or of data-in, that the initiator offered. */
    public final long offered() {
        return switch (transfer) {
            case TO_TARGET -> offeredOut;
            case TO_INITIATOR -> offeredIn;
            case NONE -> 0;
        };
    }

    /**
     * Says how much data the command has.
     *
     * @param wanted what the CDB asks for
     * @return true, for {@link CommandHandler#check} to return
     */
    public final boolean expect(Transfer direction, long wanted) {
        return expect(direction, wanted, wanted);
    }

    /**
     * Says how much data the command has.
     *
     * @param wanted what the CDB asks for
     * @param bound more than that will never be moved, so the carrier need not bring it
     * @return true, for {@link CommandHandler#check} to return
     */
    public final boolean expect(Transfer direction, long wanted, long bound) {
        transfer = wanted == 0 ? Transfer.NONE : direction;
        wantedBytes = wanted;
        transferBytes = Math.min(Math.min(wanted, bound), offered());
        return true;
    }

    /**
     * Tells how much data-in there is.
     *
     * @param valid bytes at the start of {@link #data}
     */
    public final void setTransferred(long valid) {
        transferred = valid;
    }

    /** Corrects what the command asks for, see {@link #wantedBytes}. */
    public final void setWantedBytes(long value) {
        wantedBytes = value;
    }

    /** Sets a status that comes without sense data. Returns false, for {@link CommandHandler#check} to return. */
    public final boolean setStatus(int value) {
        status = value;
        senseLength = 0;
        return false;
    }

    /** CHECK CONDITION. Returns false, for {@link CommandHandler#check} to return. */
    public final boolean fail(Sense cause) {
        return fail(cause, -1, 0);
    }

    /** CHECK CONDITION with the INFORMATION field, usually a logical block address. Returns false. */
    public final boolean fail(Sense cause, long information) {
        return fail(cause, information, 0);
    }

    /** INVALID FIELD IN CDB, the field named by the byte that it begins in and its highest bit. Returns false. */
    public final boolean invalidField(int cdbByte, int bit) {
        return fail(Sense.INVALID_FIELD_IN_CDB, -1, pointer(SKSV | CDB_FIELD | BIT_VALID | bit, cdbByte));
    }

    /** INVALID FIELD IN CDB, the field named by its first byte. Returns false. */
    public final boolean invalidField(int cdbByte) {
        return fail(Sense.INVALID_FIELD_IN_CDB, -1, pointer(SKSV | CDB_FIELD, cdbByte));
    }

    /** INVALID FIELD IN PARAMETER LIST, the field named by its first byte in the data. Returns false. */
    public final boolean invalidParameter(int dataByte) {
        return fail(Sense.INVALID_FIELD_IN_PARAMETER_LIST, -1, pointer(SKSV, dataByte));
    }

    /** INVALID FIELD IN PARAMETER LIST with a bit. Returns false. */
    public final boolean invalidParameter(int dataByte, int bit) {
        return fail(Sense.INVALID_FIELD_IN_PARAMETER_LIST, -1, pointer(SKSV | BIT_VALID | bit, dataByte));
    }

    private boolean fail(Sense cause, long information, int specific) {
        UnitNexus mine = unitNexus;
        boolean descriptor = mine != null && mine.unit().descriptorSense();
        status = ScsiStatus.CHECK_CONDITION;
        failure = cause;
        senseLength = SenseData.write(sense, descriptor, cause, information, specific);
        return false;
    }

    private static int pointer(int flags, int field) {
        return flags << SPECIFIC_SHIFT | field;
    }

    /** Says that the data of this read may be borrowed. Returns true, for {@link CommandHandler#check} to return. */
    public final boolean offerLoan() {
        lendable = true;
        return true;
    }

    /** Whether the carrier wants to borrow. */
    public final boolean borrows() {
        return borrows;
    }

    /** A zone to look at, for one handler call. */
    public final ZoneDescriptor zone() {
        return zone;
    }

    /** A number of the handler's own, 0 at {@link Nexus#begin}. */
    public final long state() {
        return state;
    }

    public final void setState(long value) {
        state = value;
    }

    /** An object of the handlers' own, kept over the task's lives so that it is made once. */
    public final @Nullable Object extra() {
        return extra;
    }

    public final void setExtra(@Nullable Object value) {
        extra = value;
    }

    /**
     * Ends the task with the status set before, GOOD if none was. Exactly once.
     *
     * @throws IllegalStateException if it has already ended
     */
    public final void end() {
        long now = (long) WORD.getVolatile(this);
        int phase = (int) (now & PHASE);
        if (phase == IDLE || phase == ENDING) {
            throw new IllegalStateException("task ended twice: " + this);
        }
        long generation = now & GENERATION;
        if ((now & FLAGS) == 0 && WORD.compareAndSet(this, now, generation | ENDING)) {
            complete(generation);
        } else {
            endWatched(generation);
        }
    }

    private void endWatched(long generation) {
        List<TaskWaiter> mine;
        synchronized (lock) {
            if (((long) WORD.getVolatile(this) & ABORTED) != 0) {
                status = ScsiStatus.TASK_ABORTED;
                senseLength = 0;
                transferred = 0;
                answered = abortAnswered;
            }
            mine = waiters;
            waiters = null;
            WORD.setVolatile(this, generation | ENDING);
        }
        complete(generation);
        tell(mine);
    }

    private void complete(long generation) {
        if (status == ScsiStatus.CHECK_CONDITION || status == ScsiStatus.RESERVATION_CONFLICT) {
            transferred = 0;
        }
        UnitNexus mine = unitNexus;
        if (mine != null) {
            mine.unit().ended(this);
        }
        onComplete();
        // Unless it has begun its next life already.
        WORD.compareAndSet(this, generation | ENDING, generation | IDLE);
    }

    private void tell(@Nullable List<TaskWaiter> those) {
        if (those != null) {
            for (TaskWaiter waiter : those) {
                waiter.left(this);
            }
        }
    }

    // For the task set -------------------------------------------------------------------------------------------

    final @Nullable Nexus adoptedBy() {
        return nexus;
    }

    final void adopt(Nexus owner) {
        nexus = owner;
    }

    final void bind(@Nullable UnitNexus to) {
        unitNexus = to;
        opcode = null;
        handler = null;
        transfer = Transfer.NONE;
        transferBytes = 0;
        wantedBytes = 0;
        transferred = 0;
        status = ScsiStatus.GOOD;
        senseLength = 0;
        answered = true;
        lendable = false;
        borrows = false;
        state = 0;
        request.data().clear();
        long now = (long) WORD.getVolatile(this);
        int phase = (int) (now & PHASE);
        if (phase != IDLE && phase != ENDING) {
            throw new IllegalStateException("task begun twice: " + this);
        }
        WORD.setVolatile(this, (now & GENERATION) + (1L << GENERATION_SHIFT) | GATHERING);
    }

    final void setHandler(ScsiOpcode known, CommandHandler by) {
        opcode = known;
        handler = by;
    }

    /** What the sense data says, if the status is CHECK CONDITION. */
    final Sense failure() {
        return failure;
    }

    /** The opcode, if it got as far as that. */
    final boolean decoded() {
        return opcode != null;
    }

    final CommandHandler handler() {
        return present(handler);
    }

    /** Goes from one phase to another; false, and nothing changed, if the task was aborted. Who waits is told. */
    final boolean move(int phase) {
        while (true) {
            long now = (long) WORD.getVolatile(this);
            if ((now & ABORTED) != 0) {
                return false;
            }
            if ((now & WATCHED) != 0) {
                return moveWatched(phase);
            }
            if (WORD.compareAndSet(this, now, (now & GENERATION) | phase)) {
                return true;
            }
        }
    }

    private boolean moveWatched(int phase) {
        List<TaskWaiter> mine;
        synchronized (lock) {
            long now = (long) WORD.getVolatile(this);
            if ((now & ABORTED) != 0) {
                return false;
            }
            mine = waiters;
            waiters = null;
            WORD.setVolatile(this, (now & GENERATION) | phase);
        }
        tell(mine);
        return true;
    }

    /** The phase now; may be another one at once. */
    final int phase() {
        return (int) ((long) WORD.getVolatile(this) & PHASE);
    }

    /** Whether somebody aborted it in this life: {@link Nexus#execute} then only ends it. */
    public final boolean aborted() {
        return ((long) WORD.getVolatile(this) & ABORTED) != 0;
    }

    /**
     * If the task runs, lets {@code waiter} hear when it does not any more.
     *
     * @return whether it will hear
     */
    final boolean watchRunning(LogicalUnit in, TaskWaiter waiter) {
        synchronized (lock) {
            while (true) {
                long now = (long) WORD.getVolatile(this);
                UnitNexus mine = unitNexus;
                if ((now & PHASE) != RUNNING || mine == null || mine.unit() != in) {
                    return false;
                }
                if (WORD.compareAndSet(this, now, now | WATCHED)) {
                    addWaiter(waiter);
                    return true;
                }
            }
        }
    }

    /** What an abort looks for: all that is not null or negative has to match. */
    record Target(@Nullable UnitNexus unitNexus, @Nullable LogicalUnit unit, boolean byTag, long tag) {
        boolean holds(ScsiTask task, @Nullable UnitNexus where) {
            return (unitNexus == null || unitNexus == where)
                    && (unit == null || (where != null && where.unit() == unit))
                    && (!byTag || task.tag == tag);
        }
    }

    /** Whether the task is in flight and is one of those. */
    final boolean matches(Target target) {
        while (true) {
            long now = (long) WORD.getVolatile(this);
            if (!inFlight(now)) {
                return false;
            }
            boolean holds = target.holds(this, unitNexus);
            if ((long) WORD.getVolatile(this) >>> GENERATION_SHIFT == now >>> GENERATION_SHIFT) {
                return holds;
            }
        }
    }

    /**
     * Aborts the task if it is in flight and is one of those: it will end with TASK ABORTED.
     *
     * @param answer whether its initiator is to be told
     * @return the phase it was in; {@link #IDLE} if it is none of those, and the waiter will not hear
     */
    final int abort(Target target, boolean answer, TaskWaiter waiter) {
        for (int round = 0; ; round++) {
            synchronized (lock) {
                long now = (long) WORD.getVolatile(this);
                if ((now & PHASE) != ENDING) {
                    if (!inFlight(now) || !target.holds(this, unitNexus)) {
                        return IDLE;
                    }
                    if (WORD.compareAndSet(this, now, now | ABORTED)) {
                        if ((now & ABORTED) == 0) {
                            abortAnswered = answer;
                        }
                        addWaiter(waiter);
                        return (int) (now & PHASE);
                    }
                    continue;
                }
                if (!target.holds(this, unitNexus) || round == PATIENCE) {
                    return IDLE;
                }
            }
            // Its answer is on its way on another thread, and should come before the answer to this; or this is called
            // by
            // that very answer, and nothing comes of waiting.
            Thread.onSpinWait();
        }
    }

    /** The task was aborted in the phase {@link #GATHERING}. */
    final void tellAborted() {
        onAborted();
    }

    private void addWaiter(TaskWaiter waiter) {
        List<TaskWaiter> mine = waiters;
        if (mine == null) {
            mine = new ArrayList<>(1);
            waiters = mine;
        }
        mine.add(waiter);
    }

    private static boolean inFlight(long word) {
        int phase = (int) (word & PHASE);
        return phase == GATHERING || phase == HELD || phase == RUNNING;
    }

    private static <T> T present(@Nullable T value) {
        if (value == null) {
            throw new IllegalStateException("not begun, or without a logical unit");
        }
        return value;
    }

    @Override
    public String toString() {
        ScsiOpcode known = opcode;
        return "task " + (known == null ? "opcode " + Integer.toHexString(byteAt(0)) + "h" : known.name()) + " LUN "
                + Long.toHexString(lun) + "h tag " + Long.toHexString(tag) + "h status " + Integer.toHexString(status)
                + "h";
    }
}
