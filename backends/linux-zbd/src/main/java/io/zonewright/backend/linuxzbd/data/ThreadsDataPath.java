package io.zonewright.backend.linuxzbd.data;

import io.zonewright.api.request.DeviceRequest;
import io.zonewright.posix.Errno;
import io.zonewright.posix.Fd;
import io.zonewright.posix.Linux;
import io.zonewright.posix.Posix;
import io.zonewright.posix.PosixException;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Workers that call preadv2(2), pwritev2(2) and fdatasync(2), each one request at a time. */
final class ThreadsDataPath implements DataPath {
    private static final Logger LOG = LoggerFactory.getLogger(ThreadsDataPath.class);

    private final Posix posix;
    private final Fd fd;
    private final DataPathOptions options;
    private final Outcome outcome;
    private final DataPathCounters counters = new DataPathCounters("threads");
    private final RequestLine line = new RequestLine();
    private final BouncePool buffers;
    private final Thread[] workers;

    ThreadsDataPath(Posix posix, Fd fd, DataPathOptions options, Outcome outcome) {
        this.posix = posix;
        this.fd = fd;
        this.options = options;
        this.outcome = outcome;
        buffers = new BouncePool(posix, options.workers(), options.bounceBytes());
        workers = new Thread[options.workers()];
        for (int i = 0; i < workers.length; i++) {
            BounceBuffer buffer = Objects.requireNonNull(buffers.take());
            workers[i] = Thread.ofPlatform()
                    .name(options.threadNamePrefix() + "-io-" + i)
                    .daemon(true)
                    .start(() -> work(buffer));
        }
    }

    @Override
    public void submit(DeviceRequest request) {
        if (!line.add(request)) {
            finish(request, 0, Errno.ESHUTDOWN.number());
        }
    }

    @Override
    public void beginBatch() {}

    @Override
    public void endBatch() {}

    @Override
    public DataPathCounters counters() {
        return counters;
    }

    private void work(BounceBuffer buffer) {
        Transfer transfer = new Transfer(options, counters);
        for (DeviceRequest request = line.take(); request != null; request = line.take()) {
            switch (request.operation()) {
                case READ, WRITE -> move(transfer, request, buffer);
                case FLUSH -> finish(request, 0, options.volatileCache() ? flush() : 0);
                default -> finish(request, 0, Errno.EOPNOTSUPP.number());
            }
        }
    }

    private void move(Transfer transfer, DeviceRequest request, BounceBuffer buffer) {
        long moved = 0;
        int errno;
        try {
            transfer.begin(request);
            do {
                if (transfer.needsBounce()) {
                    transfer.bounceThrough(buffer);
                }
                while (!transfer.needsBounce() && transfer.prepare()) {
                    counters.called();
                    transfer.moved(call(transfer));
                }
            } while (transfer.needsBounce());
            moved = transfer.moved();
            errno = transfer.errno();
        } catch (RuntimeException | Error e) {
            LOG.error("{}: a transfer failed in Zonewright itself: {}", options.threadNamePrefix(), request, e);
            moved = transfer.moved();
            errno = Errno.EIO.number();
        }
        transfer.end();
        finish(request, moved, errno);
    }

    private long call(Transfer transfer) {
        return transfer.reading()
                ? posix.preadv2(fd, transfer.vectors(), transfer.fileOffset(), 0)
                : posix.pwritev2(
                        fd, transfer.vectors(), transfer.fileOffset(), transfer.stable() ? Linux.RWF_DSYNC : 0);
    }

    private int flush() {
        try {
            counters.called();
            posix.fdatasync(fd);
            return 0;
        } catch (PosixException e) {
            return e.errno();
        }
    }

    private void finish(DeviceRequest request, long moved, int errno) {
        try {
            outcome.done(request, moved, errno);
        } catch (RuntimeException | Error e) {
            LOG.error("{}: the completion of a request failed", options.threadNamePrefix(), e);
        }
    }

    @Override
    public void close() {
        line.close();
        if (Joining.within(options.closePatience(), workers)) {
            buffers.close();
            return;
        }
        LOG.error(
                "{}: the kernel keeps requests for longer than {} ms; threads and buffers are left to them",
                options.threadNamePrefix(),
                options.closePatience().toMillis());
        for (DeviceRequest request = line.take(); request != null; request = line.take()) {
            finish(request, 0, Errno.ESHUTDOWN.number());
        }
    }
}
