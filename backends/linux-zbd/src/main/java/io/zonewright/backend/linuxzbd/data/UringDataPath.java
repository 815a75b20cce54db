package io.zonewright.backend.linuxzbd.data;

import io.zonewright.api.request.DeviceRequest;
import io.zonewright.posix.Fd;
import io.zonewright.posix.Posix;
import io.zonewright.posix.uring.IoUringUnavailableException;

/** Rings of io_uring, each with its thread; a submitting thread always uses the same one. */
final class UringDataPath implements DataPath {
    private final DataPathCounters counters = new DataPathCounters("io_uring");
    private final UringLoop[] loops;

    private UringDataPath(int rings) {
        loops = new UringLoop[rings];
    }

    static UringDataPath open(Posix posix, Fd fd, DataPathOptions options, Outcome outcome)
            throws IoUringUnavailableException {
        UringDataPath path = new UringDataPath(options.rings());
        int started = 0;
        try {
            while (started < path.loops.length) {
                String name = options.threadNamePrefix() + "-uring-" + started;
                path.loops[started++] = UringLoop.start(name, posix, fd, options, path.counters, outcome);
            }
            return path;
        } catch (IoUringUnavailableException | RuntimeException e) {
            for (int i = 0; i < started - 1; i++) {
                path.loops[i].close();
            }
            throw e;
        }
    }

    private UringLoop mine() {
        return loops.length == 1
                ? loops[0]
                : loops[(int) (Thread.currentThread().threadId() % loops.length)];
    }

    @Override
    public void submit(DeviceRequest request) {
        mine().submit(request);
    }

    @Override
    public void beginBatch() {
        mine().beginBatch();
    }

    @Override
    public void endBatch() {
        mine().endBatch();
    }

    @Override
    public DataPathCounters counters() {
        return counters;
    }

    @Override
    public void close() {
        for (UringLoop loop : loops) {
            loop.close();
        }
    }
}
