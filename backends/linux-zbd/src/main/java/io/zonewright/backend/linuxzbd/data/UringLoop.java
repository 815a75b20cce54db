package io.zonewright.backend.linuxzbd.data;

import io.zonewright.api.request.DeviceRequest;
import io.zonewright.posix.EventFd;
import io.zonewright.posix.Fd;
import io.zonewright.posix.Posix;
import io.zonewright.posix.uring.IoUring;
import io.zonewright.posix.uring.IoUringUnavailableException;
import io.zonewright.runtime.CompletionMailbox;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A ring with a thread of its own, for submitters that are no queue loops ({@link LoopRing}). Requests come in through a mailbox; the thread gives the kernel all that have
 * come and waits for completions in the same system call. So submitters share no lock, and never stand in the kernel while it
 * walks a file system's maps or waits for room in a device's queue.
 *
 * <p><b>Going to sleep.</b> The thread declares that it sleeps, then, behind a full fence, looks at the mailbox, and only then
 * waits in the kernel. A submitter puts its request into the mailbox and then, behind a full fence, looks whether the thread
 * sleeps: if so it signals an eventfd, of which the ring always has a read under way.
 */
final class UringLoop implements SubmissionRing {
    private static final Logger LOG = LoggerFactory.getLogger(UringLoop.class);
    private static final int HARVEST = 64;
    private static final long TROUBLE_PAUSE_NANOS = 1_000_000;

    /** What a submitting thread remembers between the begin and the end of its batch. */
    private static final class Batch {
        boolean open;
        boolean owesWake;
    }

    private final Posix posix;
    private final CompletionMailbox inbox = new CompletionMailbox(this::posted);
    private final ThreadLocal<Batch> batches = ThreadLocal.withInitial(Batch::new);
    private final AtomicBoolean sleeping = new AtomicBoolean();
    private final EventFd wake;
    private final DataPathCounters counters;
    private volatile boolean closing;
    private @Nullable Thread thread;

    private UringLoop(Posix posix, DataPathCounters counters) {
        this.posix = posix;
        this.counters = counters;
        wake = EventFd.create(posix);
        posix.setNonBlocking(wake.fd(), false); // io_uring waits only for what may block
    }

    /** A loop on a thread of its own, running. */
    static UringLoop start(
            String name, Posix posix, Fd fd, DataPathOptions options, DataPathCounters counters, Outcome outcome)
            throws IoUringUnavailableException {
        UringLoop loop = new UringLoop(posix, counters);
        CompletableFuture<Boolean> started = new CompletableFuture<>();
        loop.thread = Thread.ofPlatform().name(name).daemon(true).start(() -> loop.live(started, fd, options, outcome));
        try {
            started.get();
            return loop;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IoUringUnavailableException unavailable) {
                throw unavailable;
            }
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            loop.close();
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while a ring was set up", e);
        }
    }

    // --- any thread ------------------------------------------------------------------------------------------------

    @Override
    public void submit(DeviceRequest request) {
        inbox.post(request);
    }

    @Override
    public void beginBatch() {
        batches.get().open = true;
    }

    @Override
    public void endBatch() {
        Batch batch = batches.get();
        batch.open = false;
        if (batch.owesWake) {
            batch.owesWake = false;
            wake();
        }
    }

    /** The mailbox was empty before. */
    private void posted() {
        Batch batch = batches.get();
        if (batch.open) {
            batch.owesWake = true;
        } else {
            wake();
        }
    }

    private void wake() {
        // getAndSet is a full fence, which the protocol needs even when the flag is not set.
        if (sleeping.getAndSet(false)) {
            wake.signal();
        }
    }

    /** Ends the thread when all requests are done, and waits for that. */
    @Override
    public void close() {
        closing = true;
        wake();
        Thread running = Objects.requireNonNull(thread);
        boolean interrupted = false;
        while (running.isAlive()) {
            try {
                running.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    // --- the ring's thread -----------------------------------------------------------------------------------------

    private void live(CompletableFuture<Boolean> started, Fd fd, DataPathOptions options, Outcome outcome) {
        try (wake;
                UringWorker worker = UringWorker.open(posix, fd, true, options, counters, outcome)) {
            started.complete(true);
            while (!closing || !worker.isIdle() || !inbox.isEmpty()) {
                step(worker);
            }
            wake.signal(); // ends the read that would wake us
            worker.drain();
        } catch (IoUringUnavailableException | RuntimeException | Error e) {
            if (!started.completeExceptionally(e)) {
                LOG.error("{} failed", Thread.currentThread().getName(), e);
            }
        }
    }

    private void step(UringWorker worker) {
        IoUring ring = worker.ring();
        ring.harvest(worker, HARVEST);
        worker.arm(wake);
        worker.serveWaiting();
        for (DeviceRequest next = next(worker); next != null; next = next(worker)) {
            worker.start(next);
        }
        try {
            counters.called();
            enter(worker, ring);
        } catch (RuntimeException e) {
            LOG.error(
                    "{} cannot enter the kernel and tries again",
                    Thread.currentThread().getName(),
                    e);
            LockSupport.parkNanos(TROUBLE_PAUSE_NANOS);
        }
    }

    private @Nullable DeviceRequest next(UringWorker worker) {
        return worker.canStart() ? inbox.poll() : null;
    }

    /** Hands over what is prepared and waits for a completion, unless there is other work. */
    private void enter(UringWorker worker, IoUring ring) {
        sleeping.set(true);
        VarHandle.fullFence();
        boolean work = (worker.canStart() && !inbox.isEmpty()) || (closing && worker.isIdle());
        try {
            ring.enter(work || ring.hasCompletions() ? 0 : 1);
        } finally {
            sleeping.set(false);
        }
    }
}
