package io.zonewright.backend.linuxzbd.data;

import io.zonewright.api.request.DeviceRequest;
import io.zonewright.posix.Fd;
import io.zonewright.posix.Posix;
import io.zonewright.posix.uring.IoUringUnavailableException;
import io.zonewright.runtime.PollLoop;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Rings of io_uring: each queue loop that submits gets one of its own, which it polls as one more member; all other threads
 * share rings that have threads. So what a queue loop submits never changes threads on its way to the kernel and back.
 */
final class UringDataPath implements DataPath {
    private static final Logger LOG = LoggerFactory.getLogger(UringDataPath.class);

    private final Posix posix;
    private final Fd fd;
    private final DataPathOptions options;
    private final Outcome outcome;
    private final DataPathCounters counters = new DataPathCounters("io_uring");
    private final List<SubmissionRing> all = new CopyOnWriteArrayList<>();
    private final SubmissionRing[] shared;
    private volatile boolean closed;
    private final ThreadLocal<SubmissionRing> mine = ThreadLocal.withInitial(this::choose);

    private UringDataPath(Posix posix, Fd fd, DataPathOptions options, Outcome outcome) {
        this.posix = posix;
        this.fd = fd;
        this.options = options;
        this.outcome = outcome;
        shared = new SubmissionRing[options.rings()];
    }

    static UringDataPath open(Posix posix, Fd fd, DataPathOptions options, Outcome outcome)
            throws IoUringUnavailableException {
        UringDataPath path = new UringDataPath(posix, fd, options, outcome);
        try {
            for (int i = 0; i < path.shared.length; i++) {
                String name = options.threadNamePrefix() + "-uring-" + i;
                path.shared[i] = UringLoop.start(name, posix, fd, options, path.counters, outcome);
                path.all.add(path.shared[i]);
            }
            return path;
        } catch (IoUringUnavailableException | RuntimeException e) {
            path.close();
            throw e;
        }
    }

    /** The calling thread's ring, from its first request on. */
    private SubmissionRing choose() {
        SubmissionRing common = shared[(int) (Thread.currentThread().threadId() % shared.length)];
        PollLoop loop = PollLoop.current();
        if (loop != null && options.loopRings() && !closed) {
            try {
                // The loop outlives this device: it must not keep what leads back to it.
                LoopRing ring = LoopRing.join(loop, common, mine::remove, posix, fd, options, counters, outcome);
                all.add(ring);
                return ring;
            } catch (IoUringUnavailableException | RuntimeException e) {
                LOG.warn("{}: loop {} gets no ring of its own", options.threadNamePrefix(), loop.name(), e);
            }
        }
        return common;
    }

    @Override
    public void submit(DeviceRequest request) {
        mine.get().submit(request);
    }

    @Override
    public void beginBatch() {
        mine.get().beginBatch();
    }

    @Override
    public void endBatch() {
        mine.get().endBatch();
    }

    @Override
    public DataPathCounters counters() {
        return counters;
    }

    @Override
    public void close() {
        closed = true;
        long deadline = System.nanoTime() + options.closePatience().toNanos();
        for (SubmissionRing ring : all) {
            try {
                // A device that hangs does so for all rings: together they get the time of one.
                ring.close(Duration.ofNanos(Math.max(0, deadline - System.nanoTime())));
            } catch (RuntimeException | Error e) {
                LOG.error("{}: a ring was not closed; the others are", options.threadNamePrefix(), e);
            }
        }
    }
}
