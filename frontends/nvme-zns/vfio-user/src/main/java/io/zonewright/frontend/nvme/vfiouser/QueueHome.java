package io.zonewright.frontend.nvme.vfiouser;

import io.zonewright.frontend.nvme.command.NvmeController;
import io.zonewright.frontend.nvme.vfiouser.queue.Cell;
import io.zonewright.frontend.nvme.vfiouser.queue.CompletionQueue;
import io.zonewright.frontend.nvme.vfiouser.queue.DoorbellPage;
import io.zonewright.frontend.nvme.vfiouser.queue.Doorbells;
import io.zonewright.frontend.nvme.vfiouser.queue.QueueTable;
import io.zonewright.frontend.nvme.vfiouser.queue.QueueWorker;
import io.zonewright.frontend.nvme.vfiouser.queue.SubmissionQueue;
import io.zonewright.runtime.PollLoop;
import io.zonewright.runtime.memory.GuestMemory;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * All queues of a controller and where they are served. Every change goes through the home loop, the one that serves the
 * admin queue, and from there to the loops of other workers, so that changes reach each of them in one order. A
 * completion queue and the submission queues that belong to it are served by one worker.
 *
 * <p>Of the home loop's thread, except what says otherwise.
 */
final class QueueHome {
    private final List<QueueWorker> workers;
    private final PollLoop loop;
    private final QueueTable table;
    private final boolean shadowDoorbells;
    private final IntSupplier vectors;
    private final Set<SubmissionQueue> leaving = new HashSet<>();

    private GuestMemory memory = GuestMemory.EMPTY;
    private DoorbellPage registers = DoorbellPage.ofOwnMemory(1);
    private Doorbells doorbells = Doorbells.in(registers);

    /**
     * @param workers the first one serves the admin queue
     * @param vectors how many interrupt vectors the driver can choose from at the moment
     */
    QueueHome(List<QueueWorker> workers, int ioQueues, boolean shadowDoorbells, IntSupplier vectors) {
        this.workers = List.copyOf(workers);
        loop = workers.getFirst().loop();
        table = new QueueTable(ioQueues);
        this.shadowDoorbells = shadowDoorbells;
        this.vectors = vectors;
    }

    /** From any thread. */
    QueueTable table() {
        return table;
    }

    /** From any thread. */
    boolean offersShadowDoorbells() {
        return shadowDoorbells;
    }

    int vectors() {
        return vectors.getAsInt();
    }

    GuestMemory memory() {
        return memory;
    }

    /** Who serves a completion queue, and its submission queues; from any thread. */
    QueueWorker workerOf(int cqid) {
        return cqid == 0 ? workers.getFirst() : workers.get((cqid - 1) % workers.size());
    }

    /** Starts to serve the admin queue; from any thread. */
    void start(
            NvmeController controller,
            DoorbellPage doorbellRegisters,
            GuestMemory snapshot,
            CompletionQueue answers,
            SubmissionQueue admin) {
        loop.execute(() -> {
            memory = snapshot;
            registers = doorbellRegisters;
            doorbells = Doorbells.in(doorbellRegisters);
            leaving.clear();
            for (QueueWorker worker : workers) {
                on(worker, () -> worker.start(controller, snapshot));
            }
            table.put(0, answers);
            table.put(0, admin);
            QueueWorker first = workers.getFirst();
            first.add(answers, doorbells.head(0), null);
            first.add(admin, doorbells.tail(0), null);
        });
    }

    /** Drops all queues; {@code done} on any thread when nothing of theirs is in flight any more. From any thread. */
    void stop(Runnable done) {
        loop.execute(() -> {
            table.clear();
            leaving.clear();
            Runnable one = countdown(done);
            for (QueueWorker worker : workers) {
                on(worker, () -> worker.stop(one));
            }
        });
    }

    /** Goes over to other memory; {@code done} on any thread when nothing touches the former. From any thread. */
    void memoryChanged(GuestMemory snapshot, Runnable done) {
        loop.execute(() -> {
            memory = snapshot;
            doorbells = doorbells.in(snapshot);
            Doorbells now = doorbells;
            Runnable one = countdown(done);
            for (QueueWorker worker : workers) {
                on(worker, () -> worker.rebind(snapshot, now, one));
            }
        });
    }

    /** Likewise, but the former memory stays: {@code done} when every worker knows of the new. */
    void memoryAdded(GuestMemory snapshot, Runnable done) {
        loop.execute(() -> {
            memory = snapshot;
            doorbells = doorbells.in(snapshot);
            Doorbells now = doorbells;
            Runnable one = countdown(done);
            for (QueueWorker worker : workers) {
                on(worker, () -> {
                    worker.extend(snapshot, now);
                    one.run();
                });
            }
        });
    }

    /** Nothing more is served before {@link #start}; from any thread. */
    void halt() {
        for (QueueWorker worker : workers) {
            worker.loop().execute(worker::halt);
        }
    }

    /** Brings a queue into service; {@code done} on the loop that serves it. */
    void create(CompletionQueue queue, Runnable done) {
        int id = queue.id();
        @Nullable Cell doorbell = doorbells.head(id);
        @Nullable Cell event = doorbells.headEvent(id);
        clear(registers.head(id), doorbell, event);
        table.put(id, queue);
        QueueWorker worker = workerOf(id);
        on(worker, () -> {
            worker.add(queue, doorbell, event);
            done.run();
        });
    }

    /** Likewise. */
    void create(SubmissionQueue queue, Runnable done) {
        int id = queue.id();
        @Nullable Cell doorbell = doorbells.tail(id);
        @Nullable Cell event = doorbells.tailEvent(id);
        clear(registers.tail(id), doorbell, event);
        table.put(id, queue);
        QueueWorker worker = workerOf(queue.completions().id());
        on(worker, () -> {
            worker.add(queue, doorbell, event);
            done.run();
        });
    }

    /** Takes no more commands from the queue; {@code done} when all that were taken have been answered. */
    void delete(SubmissionQueue queue, Runnable done) {
        leaving.add(queue);
        QueueWorker worker = workerOf(queue.completions().id());
        on(
                worker,
                () -> worker.remove(
                        queue,
                        () -> loop.execute(() -> {
                            if (leaving.remove(queue)) {
                                table.put(queue.id(), (SubmissionQueue) null);
                            }
                            done.run();
                        })));
    }

    /** Whether {@link #delete} is under way. */
    boolean isBeingDeleted(SubmissionQueue queue) {
        return leaving.contains(queue);
    }

    /** Takes a completion queue that no submission queue uses out of service. */
    void delete(CompletionQueue queue, Runnable done) {
        table.put(queue.id(), (CompletionQueue) null);
        QueueWorker worker = workerOf(queue.id());
        on(worker, () -> {
            worker.remove(queue);
            done.run();
        });
    }

    /**
     * Doorbell Buffer Config: existing queues go over with the values that their doorbells have.
     *
     * @return false if the pages are not mapped for writing; nothing has changed then
     */
    boolean shadowDoorbells(long shadowAt, long eventsAt, Runnable done) {
        Doorbells next = Doorbells.in(registers).shadowed(shadowAt, eventsAt, memory);
        if (!next.complete()) {
            return false;
        }
        for (int id = 1; id <= table.maxId(); id++) {
            if (table.submission(id) != null) {
                AdminQueues.carryOver(doorbells.tail(id), next.tail(id), next.tailEvent(id));
            }
            if (table.completion(id) != null) {
                AdminQueues.carryOver(doorbells.head(id), next.head(id), next.headEvent(id));
            }
        }
        doorbells = next;
        Runnable one = countdown(done);
        for (QueueWorker worker : workers) {
            on(worker, () -> {
                worker.setDoorbells(next);
                one.run();
            });
        }
        return true;
    }

    /** On the home loop's own worker at once, so that a command's answer does not wait for another round. */
    private void on(QueueWorker worker, Runnable task) {
        if (worker.loop() == loop) {
            task.run();
        } else {
            worker.loop().execute(task);
        }
    }

    private Runnable countdown(Runnable done) {
        AtomicInteger left = new AtomicInteger(workers.size());
        return () -> {
            if (left.decrementAndGet() == 0) {
                done.run();
            }
        };
    }

    private static void clear(@Nullable Cell... cells) {
        for (@Nullable Cell cell : cells) {
            if (cell != null) {
                cell.write(0);
            }
        }
    }
}
