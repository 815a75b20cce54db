package io.zonewright.backend.linuxzbd.data;

import io.zonewright.api.request.DeviceRequest;
import io.zonewright.posix.EventFd;
import io.zonewright.posix.Fd;
import io.zonewright.posix.Posix;
import io.zonewright.posix.PosixException;
import io.zonewright.posix.uring.IoUring;
import io.zonewright.posix.uring.IoUringUnavailableException;
import io.zonewright.runtime.CompletionMailbox;
import java.lang.invoke.VarHandle;
import java.time.Duration;
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
    private final String name;
    private final EnterTrouble trouble = new EnterTrouble(System::nanoTime);
    private volatile boolean closing;
    private volatile boolean cancelling;
    private volatile boolean abandoned;
    private @Nullable Thread thread;

    private UringLoop(String name, Posix posix, DataPathCounters counters) {
        this.name = name;
        this.posix = posix;
        this.counters = counters;
        wake = EventFd.create(posix);
        posix.setNonBlocking(wake.fd(), false); // io_uring waits only for what may block
    }

    /** A loop on a thread of its own, running. */
    static UringLoop start(
            String name, Posix posix, Fd fd, DataPathOptions options, DataPathCounters counters, Outcome outcome)
            throws IoUringUnavailableException {
        UringLoop loop = new UringLoop(name, posix, counters);
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
            loop.close(options.closePatience());
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

    /** Ends the thread when all requests are done, or have been cancelled, or cannot be. */
    @Override
    public void close(Duration patience) {
        closing = true;
        wake();
        if (Joining.within(patience, thread)) {
            return;
        }
        LOG.warn("{}: requests did not end within {} ms and are cancelled", name, patience.toMillis());
        cancelling = true;
        wake();
        if (Joining.within(UringWorker.CANCEL_PATIENCE, thread)) {
            return;
        }
        abandoned = true;
        wake();
        if (!Joining.within(UringWorker.CANCEL_PATIENCE, thread)) {
            LOG.error("{}: hangs in the kernel; it is left alone with its ring and buffers", name);
        }
    }

    // --- the ring's thread -----------------------------------------------------------------------------------------

    private void live(CompletableFuture<Boolean> started, Fd fd, DataPathOptions options, Outcome outcome) {
        UringWorker worker;
        try {
            worker = UringWorker.open(posix, fd, true, options, counters, outcome);
        } catch (IoUringUnavailableException | RuntimeException | Error e) {
            wake.close();
            started.completeExceptionally(e);
            return;
        }
        started.complete(true);
        boolean ended = false;
        try {
            while (!abandoned && (!closing || !worker.isIdle() || !inbox.isEmpty())) {
                step(worker);
            }
            wake.signal(); // ends the read that would wake us
            ended = !abandoned && worker.drain(UringWorker.CANCEL_PATIENCE, () -> {});
        } catch (RuntimeException | Error e) {
            LOG.error("{} failed", name, e);
        }
        end(worker, ended);
    }

    private void end(UringWorker worker, boolean ended) {
        if (ended) {
            worker.close();
            wake.close();
            return;
        }
        LOG.error(
                "{}: the kernel keeps {} operations; ring and buffers stay open",
                name,
                worker.ring().inFlight());
        worker.giveUpPrepared();
        for (DeviceRequest next = inbox.poll(); next != null; next = inbox.poll()) {
            worker.refuse(next);
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
        boolean asked = !cancelling || worker.cancel();
        try {
            counters.called();
            enter(worker, ring, asked);
            trouble.over();
        } catch (PosixException e) {
            if (trouble.failed(name, e)) {
                worker.giveUpPrepared();
            }
            LockSupport.parkNanos(UringWorker.TROUBLE_PAUSE_NANOS);
        }
    }

    private @Nullable DeviceRequest next(UringWorker worker) {
        return worker.canStart() ? inbox.poll() : null;
    }

    /** Hands over what is prepared and waits for a completion, unless there is other work. */
    private void enter(UringWorker worker, IoUring ring, boolean asked) {
        sleeping.set(true);
        VarHandle.fullFence();
        boolean told = (closing && worker.isIdle()) || abandoned || !asked || (cancelling && !worker.cancelling());
        boolean work = (worker.canStart() && !inbox.isEmpty()) || told;
        try {
            ring.enter(work || ring.hasCompletions() ? 0 : 1);
        } finally {
            sleeping.set(false);
        }
    }
}
