package io.zonewright.frontend.nvme.vfiouser.queue;

import io.zonewright.api.spi.ZonedDevice;
import io.zonewright.frontend.nvme.command.NvmeController;
import io.zonewright.frontend.nvme.command.NvmeStatus;
import io.zonewright.frontend.nvme.command.Transfer;
import io.zonewright.frontend.nvme.vfiouser.data.DataPointers;
import io.zonewright.runtime.Counters;
import io.zonewright.runtime.PollLoop;
import io.zonewright.runtime.Pollable;
import io.zonewright.runtime.memory.GuestMemory;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The queues of one controller that one loop serves: some completion queues and all submission queues that they belong
 * to. Takes commands in batches, carries them out, answers, and interrupts once per batch and queue.
 *
 * <p>Everything belongs to the loop's thread, except what says otherwise. Commands that end while the worker polls are
 * answered on the spot, others come back through a mailbox.
 *
 * <p><b>Coming to rest.</b> Each command belongs to the epoch in which it was taken. When memory changes or the queues
 * go, a new epoch begins at once, and whoever asked is told when the last command of all earlier ones has ended.
 * Asynchronous event requests touch no memory and are not waited for.
 */
public final class QueueWorker implements Pollable {
    private static final Logger LOG = LoggerFactory.getLogger(QueueWorker.class);
    private static final int ASYNCHRONOUS_EVENT_REQUEST = 0x0C;

    private final String name;
    private final PollLoop loop;
    private final QueueEvents events;
    private final InterruptCoalescing coalescing;
    private final CommandMailbox mailbox;
    private final LongSupplier clock;
    private final AlarmClock alarm;
    private final DataPointers pointers = new DataPointers();
    private final Counters<WorkerCounter> counters = new Counters<>(WorkerCounter.class);

    private @Nullable NvmeController controller;
    private GuestMemory memory = GuestMemory.EMPTY;
    private SubmissionQueue[] submissions = {};
    private CompletionQueue[] completions = {};
    /** Which submission queue has its turn first. */
    private int turn;

    private boolean processing;
    private boolean failed;
    private int epoch;
    /** Commands of this epoch, and of all earlier ones. */
    private int current;

    private int earlier;
    private final List<Runnable> resting = new ArrayList<>();
    private @Nullable PciCommand served;

    /**
     * @param name for the log
     * @param clock by which interrupts wait, nanoseconds
     */
    public QueueWorker(
            String name, PollLoop loop, QueueEvents events, InterruptCoalescing coalescing, LongSupplier clock) {
        this.name = name;
        this.loop = loop;
        this.events = events;
        this.coalescing = coalescing;
        mailbox = new CommandMailbox(loop::wake);
        this.clock = clock;
        alarm = new AlarmClock(loop::wake, clock);
    }

    @Override
    public String name() {
        return name;
    }

    /** From any thread. */
    public PollLoop loop() {
        return loop;
    }

    /** From any thread. */
    public Counters<WorkerCounter> counters() {
        return counters;
    }

    /** A controller begins to run: no queues yet. */
    public void start(NvmeController running, GuestMemory snapshot) {
        controller = running;
        memory = snapshot;
        failed = false;
    }

    /** Brings a completion queue into service. */
    public void add(CompletionQueue queue, @Nullable Cell doorbell, @Nullable Cell event) {
        queue.setDoorbell(doorbell, event);
        queue.bind(memory);
        queue.wantHead(events.levelInterrupts());
        completions = with(completions, queue);
    }

    /** Brings a submission queue into service; its completion queue is here already. */
    public void add(SubmissionQueue queue, @Nullable Cell doorbell, @Nullable Cell event) {
        queue.setDoorbell(doorbell, event);
        queue.bind(memory);
        submissions = with(submissions, queue);
    }

    /** Takes a submission queue out of service; {@code done} when its last command was answered. */
    public void remove(SubmissionQueue queue, Runnable done) {
        submissions = without(submissions, queue);
        queue.retire(done);
    }

    /** Takes a completion queue without submission queues out of service. */
    public void remove(CompletionQueue queue) {
        completions = without(completions, queue);
        queue.kill();
    }

    /** Other doorbells from now on. */
    public void setDoorbells(DoorbellSource doorbells) {
        for (CompletionQueue queue : completions) {
            queue.setDoorbell(doorbells.head(queue.id()), doorbells.headEvent(queue.id()));
        }
        for (SubmissionQueue queue : submissions) {
            queue.setDoorbell(doorbells.tail(queue.id()), doorbells.tailEvent(queue.id()));
        }
    }

    /** Drops all queues, whose commands end unseen; {@code done} when they all have. */
    public void stop(Runnable done) {
        for (SubmissionQueue queue : submissions) {
            queue.kill();
        }
        for (CompletionQueue queue : completions) {
            queue.kill();
        }
        submissions = new SubmissionQueue[0];
        completions = new CompletionQueue[0];
        nextEpoch(done);
    }

    /** Goes over to other memory; {@code done} when nothing touches the former any more. */
    public void rebind(GuestMemory snapshot, DoorbellSource doorbells, Runnable done) {
        memory = snapshot;
        for (CompletionQueue queue : completions) {
            queue.bind(snapshot);
        }
        for (SubmissionQueue queue : submissions) {
            queue.bind(snapshot);
        }
        setDoorbells(doorbells);
        nextEpoch(done);
    }

    /** Goes over to memory that has all of the former: what is in flight goes on. */
    public void extend(GuestMemory snapshot, DoorbellSource doorbells) {
        memory = snapshot;
        for (CompletionQueue queue : completions) {
            queue.bindIfLost(snapshot);
        }
        for (SubmissionQueue queue : submissions) {
            queue.bindIfLost(snapshot);
        }
        setDoorbells(doorbells);
    }

    /** Serves nothing more before {@link #start}; what is in flight is still brought in. */
    public void halt() {
        failed = true;
    }

    /** For good, and with nothing in flight. */
    public void close() {
        alarm.close();
    }

    @Override
    public int poll(int limit) {
        processing = true;
        try {
            int work = collect();
            if (failed) {
                return work;
            }
            for (int i = 0; i < completions.length; i++) {
                work += completions[i].flush(events);
            }
            work += serve(limit);
            for (int i = 0; i < completions.length; i++) {
                announce(completions[i]);
            }
            return work;
        } catch (Throwable e) {
            fail(e);
            return 1;
        } finally {
            processing = false;
        }
    }

    @Override
    public boolean arm() {
        if (failed) {
            return !mailbox.isEmpty();
        }
        try {
            for (int i = 0; i < submissions.length; i++) {
                submissions[i].askForDoorbell();
            }
            boolean level = events.levelInterrupts();
            for (int i = 0; i < completions.length; i++) {
                completions[i].wantHead(level || completions[i].backlogged());
            }
            VarHandle.fullFence();
            return !mailbox.isEmpty() || workToDo();
        } catch (Throwable e) {
            fail(e);
            return true;
        }
    }

    @Override
    public void disarm() {
        // Doorbells that ring while the loop is awake anyway cost the host something, but no more than before.
    }

    /** All that is thrown here is caught here, but a fault in truncated memory may come late. */
    @Override
    public void failed(Throwable cause) {
        fail(cause);
        loop.add(this);
    }

    /** From {@link PciCommand#onComplete}: any thread. */
    void ended(PciCommand command) {
        if (loop.inLoop() && processing) {
            finish(command);
        } else {
            mailbox.post(command);
        }
    }

    private int collect() {
        int count = 0;
        for (PciCommand done = mailbox.poll(); done != null; done = mailbox.poll()) {
            finish(done);
            count++;
        }
        return count;
    }

    private int serve(int limit) {
        SubmissionQueue[] queues = submissions;
        int work = 0;
        if (turn >= queues.length) {
            turn = 0;
        }
        for (int i = 0; i < queues.length && work < limit; i++) {
            int index = turn + i;
            SubmissionQueue queue = queues[index < queues.length ? index : index - queues.length];
            work += serve(queue, limit - work);
        }
        turn++;
        return work;
    }

    private int serve(SubmissionQueue queue, int limit) {
        CompletionQueue answers = queue.completions();
        if (answers.backlogged()) {
            return 0;
        }
        int count = Math.min(Math.min(queue.available(events), queue.room()), limit);
        if (count == 0) {
            return 0;
        }
        NvmeController owner = controller;
        if (owner == null) {
            throw new IllegalStateException(name + " has queues but no controller");
        }
        ZonedDevice device = owner.subsystem().device();
        int taken = 0;
        device.beginBatch();
        try {
            while (taken < count && !answers.backlogged() && !queue.dead()) {
                PciCommand command = queue.take(this);
                taken++;
                begin(owner, queue, command);
            }
        } finally {
            device.endBatch();
        }
        counters.add(WorkerCounter.COMMANDS, taken);
        return taken;
    }

    private void begin(NvmeController owner, SubmissionQueue queue, PciCommand command) {
        queue.completions().expectOne();
        if (queue.id() != 0 || command.opcode() != ASYNCHRONOUS_EVENT_REQUEST) {
            command.count(epoch);
            current++;
        }
        served = command;
        if (owner.begin(command, queue.id())) {
            int status = command.transferBytes() == 0 ? NvmeStatus.SUCCESS : pointers.map(memory, command);
            if (status == NvmeStatus.SUCCESS) {
                owner.execute(command);
            } else {
                owner.refuse(command, status);
            }
        }
        served = null;
    }

    private void finish(PciCommand command) {
        if (served == command) {
            served = null;
        }
        if (command.lost()) {
            return;
        }
        SubmissionQueue queue = command.queue();
        CompletionQueue answers = queue.completions();
        answers.expectOneLess();
        uncount(command);
        if (failed || queue.dead()) {
            queue.giveBack(command);
        } else {
            count(command);
            answers.post(command, events);
        }
        queue.leftFlight();
    }

    private void count(PciCommand command) {
        if (NvmeStatus.code(command.status()) != NvmeStatus.SUCCESS) {
            counters.add(WorkerCounter.FAILED_COMMANDS, 1);
        } else if (command.transfer() == Transfer.TO_HOST) {
            counters.add(WorkerCounter.BYTES_READ, command.transferBytes());
        } else if (command.transfer() == Transfer.TO_CONTROLLER) {
            counters.add(WorkerCounter.BYTES_WRITTEN, command.transferBytes());
        }
    }

    private void announce(CompletionQueue queue) {
        if (queue.headWanted() && events.levelInterrupts() && queue.taken(events)) {
            events.allTaken(queue);
        }
        int fresh = queue.fresh();
        if (fresh == 0) {
            return;
        }
        if (!queue.interrupts()) {
            queue.told();
            return;
        }
        long patience = coalescing.patienceNanos(queue);
        if (patience == 0
                || fresh >= coalescing.threshold()
                || queue.expected() == 0
                || waitedLongEnough(queue, patience)) {
            queue.told();
            counters.add(WorkerCounter.INTERRUPTS, 1);
            events.interrupt(queue);
        }
    }

    private boolean waitedLongEnough(CompletionQueue queue, long patience) {
        long now = clock.getAsLong();
        long since = queue.freshSince();
        if (since == 0) {
            queue.markFresh(now);
            since = now;
        }
        if (now - since >= patience) {
            return true;
        }
        alarm.set(since + patience);
        return false;
    }

    private boolean workToDo() {
        for (int i = 0; i < completions.length; i++) {
            if (completions[i].canFlush(events)) {
                return true;
            }
        }
        for (int i = 0; i < submissions.length; i++) {
            SubmissionQueue queue = submissions[i];
            if (!queue.completions().backlogged() && queue.room() > 0 && queue.available(events) > 0) {
                return true;
            }
        }
        return false;
    }

    private void uncount(PciCommand command) {
        if (!command.counted()) {
            return;
        }
        command.uncount();
        if (command.epoch() == epoch) {
            current--;
        } else {
            earlier--;
            tellResting();
        }
    }

    private void nextEpoch(Runnable done) {
        earlier += current;
        current = 0;
        epoch++;
        resting.add(done);
        tellResting();
    }

    private void tellResting() {
        if (earlier != 0 || resting.isEmpty()) {
            return;
        }
        List<Runnable> told = List.copyOf(resting);
        resting.clear();
        told.forEach(Runnable::run);
    }

    /** The controller stops until it is reset; what is in flight is still waited for. */
    private void fail(Throwable cause) {
        PciCommand victim = served;
        served = null;
        if (victim != null && !victim.lost()) {
            victim.lose();
            victim.queue().completions().expectOneLess();
            uncount(victim);
            victim.queue().leftFlight();
        }
        failed = true;
        if (cause instanceof InternalError) {
            // What a guest causes by cutting its memory short must not fill the log with traces.
            LOG.debug("{}: a fault in the guest's memory", name, cause);
            events.fatal("the guest's memory went away");
        } else {
            LOG.error("{}: failed while it was served", name, cause);
            events.fatal("internal error (" + cause.getClass().getSimpleName() + ")");
        }
    }

    private static CompletionQueue[] with(CompletionQueue[] queues, CompletionQueue added) {
        List<CompletionQueue> list = new ArrayList<>(List.of(queues));
        list.add(added);
        return list.toArray(new CompletionQueue[0]);
    }

    private static CompletionQueue[] without(CompletionQueue[] queues, CompletionQueue removed) {
        List<CompletionQueue> list = new ArrayList<>(List.of(queues));
        list.remove(removed);
        return list.toArray(new CompletionQueue[0]);
    }

    private static SubmissionQueue[] with(SubmissionQueue[] queues, SubmissionQueue added) {
        List<SubmissionQueue> list = new ArrayList<>(List.of(queues));
        list.add(added);
        return list.toArray(new SubmissionQueue[0]);
    }

    private static SubmissionQueue[] without(SubmissionQueue[] queues, SubmissionQueue removed) {
        List<SubmissionQueue> list = new ArrayList<>(List.of(queues));
        list.remove(removed);
        return list.toArray(new SubmissionQueue[0]);
    }
}
