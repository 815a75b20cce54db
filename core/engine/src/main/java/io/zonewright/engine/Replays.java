package io.zonewright.engine;

import io.zonewright.api.request.DeviceRequest;
import io.zonewright.api.result.Cause;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out whether writes that may have been sent once more are on the medium already. A handful of them at once, so
 * that a device needs a fixed amount of memory for this, and none before the first; others wait in line. Any thread.
 */
final class Replays {
    private static final Logger LOG = LoggerFactory.getLogger(Replays.class);
    private static final int AT_ONCE = 4;

    private final EngineDevice device;
    private final @Nullable ReplayCheck[] idle = new @Nullable ReplayCheck[AT_ONCE];
    private int idleCount;
    private int made;
    private @Nullable DeviceRequest firstWaiting;
    private @Nullable DeviceRequest lastWaiting;
    private final AtomicLong replayed = new AtomicLong();

    Replays(EngineDevice device) {
        this.device = device;
    }

    /** Writes that were found on the medium, and completed without being written again. */
    long replayed() {
        return replayed.get();
    }

    /**
     * Compares the beginning of a write's payload with what the medium holds in its place, which nobody else changes
     * meanwhile, and completes it: with {@link Cause#DONE} if they are equal and as stable as the write asks, else with
     * {@link Cause#NOT_AT_WRITE_POINTER}. The payload may be changed by a guest meanwhile, to its own loss alone.
     *
     * @param bytes how much to compare; told as {@link DeviceRequest#transferred} if it is there
     */
    void check(DeviceRequest write, long bytes) {
        write.setTransferred(bytes);
        ReplayCheck check = take(write);
        if (check != null) {
            check.start(write);
        }
    }

    /** Tells the result of a check, which is free then. */
    void finish(DeviceRequest write, boolean found) {
        if (!found) {
            write.setTransferred(0);
            write.complete(Cause.NOT_AT_WRITE_POINTER);
            return;
        }
        long number = replayed.incrementAndGet();
        // A client decides how often this happens.
        if (Long.bitCount(number) == 1) {
            LOG.info(
                    "{}: a write of {} bytes at byte {} was sent again by a client that did not hear of its end; {} of them "
                            + "are on the medium ({} so far)",
                    device.identity().name(),
                    write.length(),
                    write.offset(),
                    write.transferred(),
                    number);
        }
        write.complete(Cause.DONE);
    }

    /** The next write that waits for a check; null: none does, and the check is kept for another time. */
    synchronized @Nullable DeviceRequest next(ReplayCheck check) {
        DeviceRequest next = firstWaiting;
        if (next == null) {
            idle[idleCount++] = check;
            return null;
        }
        firstWaiting = next.link();
        if (firstWaiting == null) {
            lastWaiting = null;
        }
        next.setLink(null);
        return next;
    }

    /** A check for this write, or null if it has to wait for one. */
    private synchronized @Nullable ReplayCheck take(DeviceRequest write) {
        if (idleCount != 0) {
            return idle[--idleCount];
        }
        if (made < AT_ONCE) {
            made++;
            return new ReplayCheck(device, this);
        }
        write.setLink(null);
        if (lastWaiting == null) {
            firstWaiting = write;
        } else {
            lastWaiting.setLink(write);
        }
        lastWaiting = write;
        return null;
    }
}
