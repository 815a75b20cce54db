package io.zonewright.backend.linuxzbd.data;

import io.zonewright.api.request.DeviceRequest;
import io.zonewright.posix.Errno;
import io.zonewright.posix.EventFd;
import io.zonewright.posix.Fd;
import io.zonewright.posix.Linux;
import io.zonewright.posix.Posix;
import io.zonewright.posix.PosixException;
import io.zonewright.posix.uring.Completions;
import io.zonewright.posix.uring.IoUring;
import io.zonewright.posix.uring.IoUringUnavailableException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Requests that a ring works on, each in a slot whose number is the user data of its operations. A slot has at most one
 * operation in the ring: what is left of a request follows when that has ended. All on the ring's thread.
 */
final class UringWorker implements Completions, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(UringWorker.class);

    /** User data of the read that wakes the thread. */
    private static final long WAKE = -1;

    /** User data of cancellations. */
    private static final long CANCEL = -2;

    /** How long the kernel may take to cancel what can be cancelled. */
    static final Duration CANCEL_PATIENCE = Duration.ofSeconds(1);

    static final long TROUBLE_PAUSE_NANOS = 1_000_000;

    private final IoUring ring;
    private final DataPathOptions options;
    private final Outcome outcome;
    private final DataPathCounters counters;
    private final BouncePool buffers;
    private final @Nullable Transfer[] transfers; // made when first needed
    private final @Nullable DeviceRequest[] flushes;
    private final int[] freeSlots;
    private int freeCount;

    /** Slots whose requests wait for a bounce buffer, oldest first, in a circle. */
    private final int[] waiting;

    private int waitingFirst;
    private int waitingCount;
    private boolean armed;
    private boolean cancelling;
    private int nextToCancel;
    private final MemorySegment wakeCount = Arena.ofAuto().allocate(Long.BYTES, Long.BYTES);

    private UringWorker(
            IoUring ring, Posix posix, DataPathOptions options, DataPathCounters counters, Outcome outcome) {
        this.ring = ring;
        this.options = options;
        this.outcome = outcome;
        this.counters = counters;
        int depth = options.queueDepth();
        transfers = new @Nullable Transfer[depth];
        flushes = new @Nullable DeviceRequest[depth];
        freeSlots = new int[depth];
        waiting = new int[depth];
        for (int i = 0; i < depth; i++) {
            freeSlots[i] = depth - 1 - i;
        }
        freeCount = depth;
        buffers = new BouncePool(posix, options.bounceBuffers(), options.bounceBytes());
    }

    /** A ring of the calling thread; with {@code registered}, that thread also closes it. */
    static UringWorker open(
            Posix posix, Fd fd, boolean registered, DataPathOptions options, DataPathCounters counters, Outcome outcome)
            throws IoUringUnavailableException {
        IoUring ring = IoUring.open(posix, options.queueDepth() + 1);
        try {
            if (registered) {
                ring.register(fd);
            } else {
                ring.use(fd);
            }
            return new UringWorker(ring, posix, options, counters, outcome);
        } catch (RuntimeException e) {
            ring.close();
            throw e;
        }
    }

    IoUring ring() {
        return ring;
    }

    /** Whether no request is under way. */
    boolean isIdle() {
        return freeCount == transfers.length;
    }

    /**
     * Whether a request can be taken. None while another waits for a bounce buffer: requests start in the order in which they
     * came.
     */
    boolean canStart() {
        return freeCount > 0 && waitingCount == 0;
    }

    /** Makes sure that the wake-up is being read. */
    void arm(EventFd wake) {
        if (!armed) {
            ring.read(wake.fd(), wakeCount, WAKE);
            armed = true;
        }
    }

    /**
     * Waits until nothing of this ring is with the kernel any more, and cancels what does not end in time.
     *
     * @param more brings in requests that waited for room
     * @return false if the kernel keeps something even so: then the ring must not be closed
     */
    boolean drain(Duration patience, Runnable more) {
        if (drained(patience, more)) {
            return true;
        }
        LOG.warn(
                "{}: {} requests did not end within {} ms and are cancelled",
                Thread.currentThread().getName(),
                transfers.length - freeCount,
                patience.toMillis());
        cancelling = true;
        return drained(CANCEL_PATIENCE, more);
    }

    private boolean drained(Duration patience, Runnable more) {
        long deadline = System.nanoTime() + patience.toNanos();
        while (true) {
            if (cancelling) {
                cancel();
            }
            ring.harvest(this, Integer.MAX_VALUE);
            serveWaiting();
            more.run();
            if (ring.inFlight() == 0 && isIdle()) {
                return true;
            }
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                return false;
            }
            try {
                ring.enter(1, left);
            } catch (PosixException e) {
                giveUpPrepared();
                LockSupport.parkNanos(Math.min(left, TROUBLE_PAUSE_NANOS));
            }
        }
    }

    /** Ends what the kernel does not have, asks it to end the rest, and takes nothing more. Again until it says true. */
    boolean cancel() {
        cancelling = true;
        while (waitingCount > 0) {
            finish(takeWaiting(), Errno.ECANCELED.number());
        }
        // One entry stays for the wake-up.
        for (; nextToCancel < transfers.length && ring.room() > 1; nextToCancel++) {
            Transfer transfer = transfers[nextToCancel];
            if (flushes[nextToCancel] != null || (transfer != null && transfer.busy())) {
                ring.cancel(nextToCancel, CANCEL);
            }
        }
        return nextToCancel == transfers.length;
    }

    /** Whether {@link #cancel} was called. */
    boolean cancelling() {
        return cancelling;
    }

    /** The ring cannot enter the kernel: fails what was prepared for that. */
    void giveUpPrepared() {
        ring.withdraw(this, -Errno.EIO.number());
    }

    /** A request that was not started will not be. */
    void refuse(DeviceRequest request) {
        done(request, 0, Errno.ESHUTDOWN.number());
    }

    private int takeWaiting() {
        int slot = waiting[waitingFirst];
        waitingFirst = (waitingFirst + 1) % waiting.length;
        waitingCount--;
        return slot;
    }

    /** Takes over a request; {@link #canStart}. */
    void start(DeviceRequest request) {
        if (cancelling) {
            refuse(request);
            return;
        }
        switch (request.operation()) {
            case READ, WRITE -> {
                int slot = freeSlots[--freeCount];
                transfer(slot).begin(request);
                goOn(slot);
            }
            case FLUSH -> {
                if (options.volatileCache()) {
                    int slot = freeSlots[--freeCount];
                    flushes[slot] = request;
                    ring.fdatasync(slot);
                } else {
                    done(request, 0, 0);
                }
            }
            default -> done(request, 0, Errno.EOPNOTSUPP.number());
        }
    }

    private Transfer transfer(int slot) {
        Transfer transfer = transfers[slot];
        if (transfer == null) {
            transfer = new Transfer(options, counters);
            transfers[slot] = transfer;
        }
        return transfer;
    }

    @Override
    public void completed(long userData, int result) {
        if (userData == WAKE) {
            armed = false;
            return;
        }
        if (userData == CANCEL) {
            return;
        }
        int slot = (int) userData;
        DeviceRequest flush = flushes[slot];
        if (flush != null) {
            flushes[slot] = null;
            freeSlots[freeCount++] = slot;
            done(flush, 0, Math.max(0, -result));
        } else {
            try {
                transfer(slot).moved(result);
            } catch (RuntimeException | Error e) {
                broken(slot, e);
                return;
            }
            goOn(slot);
        }
    }

    /** Gives bounce buffers that came back to those who wait. */
    void serveWaiting() {
        while (waitingCount > 0) {
            BounceBuffer buffer = buffers.take();
            if (buffer == null) {
                return;
            }
            int slot = takeWaiting();
            transfer(slot).bounceThrough(buffer);
            goOn(slot);
        }
    }

    /** Prepares a request's next operation, or ends the request. */
    private void goOn(int slot) {
        Transfer transfer = transfer(slot);
        if (cancelling
                && transfer.errno() == 0
                && transfer.moved() < transfer.request().length()) {
            finish(slot, Errno.ECANCELED.number());
            return;
        }
        try {
            if (transfer.needsBounce()) {
                BounceBuffer buffer = waitingCount == 0 ? buffers.take() : null;
                if (buffer == null) {
                    waiting[(waitingFirst + waitingCount++) % waiting.length] = slot;
                    return;
                }
                transfer.bounceThrough(buffer);
            }
            if (transfer.prepare()) {
                if (transfer.reading()) {
                    ring.read(transfer.vectors(), transfer.fileOffset(), 0, slot);
                } else {
                    int flags = transfer.stable() ? Linux.RWF_DSYNC : 0;
                    ring.write(transfer.vectors(), transfer.fileOffset(), flags, slot);
                }
                return;
            }
        } catch (RuntimeException | Error e) {
            broken(slot, e);
            return;
        }
        finish(slot, transfer.errno());
    }

    private void broken(int slot, Throwable cause) {
        LOG.error(
                "{}: a transfer failed in Zonewright itself: {}",
                Thread.currentThread().getName(),
                transfer(slot).request(),
                cause);
        finish(slot, Errno.EIO.number());
    }

    private void finish(int slot, int errno) {
        Transfer transfer = transfer(slot);
        DeviceRequest request = transfer.request();
        long moved = transfer.moved();
        BounceBuffer buffer = transfer.end();
        if (buffer != null) {
            buffers.giveBack(buffer);
        }
        freeSlots[freeCount++] = slot;
        done(request, moved, errno);
    }

    private void done(DeviceRequest request, long moved, int errno) {
        try {
            outcome.done(request, moved, errno);
        } catch (RuntimeException | Error e) {
            LOG.error(
                    "{}: the completion of a request failed",
                    Thread.currentThread().getName(),
                    e);
        }
    }

    /** Gives everything back, but nothing as long as the kernel is at work on it. */
    @Override
    public void close() {
        ring.close();
        buffers.close();
    }
}
