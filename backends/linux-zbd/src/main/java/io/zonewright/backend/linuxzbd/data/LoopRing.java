package io.zonewright.backend.linuxzbd.data;

import io.zonewright.api.request.DeviceRequest;
import io.zonewright.posix.EventFd;
import io.zonewright.posix.Fd;
import io.zonewright.posix.Posix;
import io.zonewright.posix.PosixException;
import io.zonewright.posix.uring.IoUring;
import io.zonewright.posix.uring.IoUringUnavailableException;
import io.zonewright.runtime.PollLoop;
import io.zonewright.runtime.Pollable;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A ring that belongs to a queue loop and is polled by it, behind the members that submit: whatever they submitted in a round
 * goes to the kernel by one system call. A sleeping loop is woken by an eventfd that the kernel signals with completions. (The
 * ring's own descriptor does not become readable for completions that are worked out in the submitter's own call.)
 */
final class LoopRing implements SubmissionRing, Pollable {
    private static final Logger LOG = LoggerFactory.getLogger(LoopRing.class);

    /** How long a loop that ends waits for its ring: twice what the kernel gives a disk before it resets it. */
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);

    private final PollLoop loop;
    private final UringWorker worker;
    private final IoUring ring;
    private final EventFd completions;
    private final DataPathCounters counters;
    private final EnterTrouble trouble = new EnterTrouble(System::nanoTime);

    /** Takes what comes when the loop ends: requests of others too are started by what completes here. */
    private final SubmissionRing heir;

    /** Makes the loop's thread forget this ring. */
    private final Runnable forget;

    private boolean leaving;

    /** Requests that cannot start yet, linked, first come, first served. */
    private @Nullable DeviceRequest first;

    private @Nullable DeviceRequest last;

    private LoopRing(
            PollLoop loop,
            SubmissionRing heir,
            Runnable forget,
            UringWorker worker,
            EventFd completions,
            DataPathCounters counters) {
        this.heir = heir;
        this.forget = forget;
        this.completions = completions;
        this.loop = loop;
        this.worker = worker;
        this.counters = counters;
        ring = worker.ring();
    }

    /**
     * A ring for the calling thread, which is the loop's.
     *
     * @param heir takes what comes when the loop ends
     * @param forget is run by the loop's thread when the ring is closed before the loop
     */
    static LoopRing join(
            PollLoop loop,
            SubmissionRing heir,
            Runnable forget,
            Posix posix,
            Fd fd,
            DataPathOptions options,
            DataPathCounters counters,
            Outcome outcome)
            throws IoUringUnavailableException {
        UringWorker worker = UringWorker.open(posix, fd, false, options, counters, outcome);
        EventFd completions = null;
        try {
            completions = EventFd.create(posix);
            worker.ring().registerEventFd(completions.fd());
            worker.ring().notify(false);
            LoopRing ring = new LoopRing(loop, heir, forget, worker, completions, counters);
            loop.watch(completions.fd());
            loop.add(ring);
            return ring;
        } catch (RuntimeException e) {
            worker.close();
            if (completions != null) {
                completions.close();
            }
            throw e;
        }
    }

    @Override
    public void submit(DeviceRequest request) {
        if (leaving) {
            heir.submit(request);
            return;
        }
        if (first == null && worker.canStart()) {
            worker.start(request);
            return;
        }
        request.setLink(null);
        if (last == null) {
            first = request;
        } else {
            last.setLink(request);
        }
        last = request;
    }

    @Override
    public void beginBatch() {}

    /** The round's end is soon enough. */
    @Override
    public void endBatch() {}

    @Override
    public String name() {
        return "io_uring of " + loop.name();
    }

    @Override
    public int poll(int limit) {
        int work = ring.harvest(worker, limit);
        worker.serveWaiting();
        startWaiting();
        if (ring.pending() > 0 || ring.hasWork()) {
            counters.called();
            enter();
            work++;
        }
        return work;
    }

    private void enter() {
        try {
            ring.enter(0);
            trouble.over();
        } catch (PosixException e) {
            if (trouble.failed(name(), e)) {
                worker.giveUpPrepared();
            }
        }
    }

    private void startWaiting() {
        while (first != null && worker.canStart()) {
            worker.start(takeWaiting(first));
        }
    }

    private DeviceRequest takeWaiting(DeviceRequest request) {
        first = request.link();
        if (first == null) {
            last = null;
        }
        request.setLink(null);
        return request;
    }

    /**
     * Nobody could harvest what is with the kernel once this thread has ended, and it may be another front-end's: a write that
     * waited for one of this loop's was started here.
     */
    @Override
    public void loopEnds() {
        leaving = true;
        while (first != null) {
            heir.submit(takeWaiting(first));
        }
        long begin = System.nanoTime();
        for (long left = PATIENCE_NANOS;
                left > 0 && !worker.isIdle();
                left = begin + PATIENCE_NANOS - System.nanoTime()) {
            ring.enter(1, left);
            ring.harvest(worker, Integer.MAX_VALUE);
            worker.serveWaiting();
        }
        if (!worker.isIdle()) {
            LOG.error("{}: {} operations outlast the loop and will never be answered", name(), ring.inFlight());
        }
    }

    @Override
    public boolean arm() {
        ring.notify(true);
        return ring.hasCompletions() || ring.hasWork() || ring.pending() > 0;
    }

    @Override
    public void disarm() {
        ring.notify(false);
    }

    /** A loop cannot do without its ring, and what can go wrong with one request has been caught: it goes on. */
    @Override
    public void failed(Throwable cause) {
        loop.add(this);
    }

    /** Ends the ring, on the loop if that still runs. */
    @Override
    public void close(Duration patience) {
        try {
            loop.run(() -> {
                forget.run();
                boolean ended = worker.drain(patience, this::startWaiting);
                if (!ended) {
                    giveUpWaiting();
                }
                loop.remove(this);
                loop.unwatch(completions.fd());
                release(ended);
            });
        } catch (IllegalStateException e) {
            LOG.debug("{} is closed after its loop", name(), e);
            release(ring.inFlight() == 0); // its thread is gone
        }
    }

    /** Ends what the kernel has never seen. */
    private void giveUpWaiting() {
        worker.giveUpPrepared();
        while (first != null) {
            DeviceRequest request = first;
            first = request.link();
            request.setLink(null);
            worker.refuse(request);
        }
        last = null;
    }

    private void release(boolean ended) {
        if (ended) {
            worker.close();
        } else {
            LOG.error("{}: the kernel keeps {} operations; ring and buffers stay open", name(), ring.inFlight());
        }
        completions.close();
    }
}
