package io.zonewright.frontend.nvme.vfiouser.queue;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Wakes a loop at a given time, since loops themselves sleep without limit. A virtual thread that begins with the first
 * alarm and sleeps for as long as none is set. One caller of {@link #set}, any of {@link #close}.
 */
final class AlarmClock implements AutoCloseable {
    private static final long NEVER = Long.MAX_VALUE;

    private final Runnable wake;
    private final LongSupplier clock;
    /** Relative to {@link #origin}, so that times compare. */
    private final AtomicLong next = new AtomicLong(NEVER);

    private final long origin;
    private volatile boolean closed;
    private @Nullable Thread thread;

    /** @param clock nanoseconds, as {@link System#nanoTime}; should it stand still, the alarm looks again and again */
    AlarmClock(Runnable wake, LongSupplier clock) {
        this.wake = wake;
        this.clock = clock;
        origin = clock.getAsLong();
    }

    /** Wakes at this time of the clock, unless an earlier alarm is set: whoever is woken sets the next. */
    void set(long nanoTime) {
        long at = nanoTime - origin;
        if (at >= next.get()) {
            return;
        }
        next.set(at);
        Thread sleeper = thread;
        if (sleeper == null) {
            thread = Thread.ofVirtual().name("interrupt-alarm").start(this::run);
        } else {
            LockSupport.unpark(sleeper);
        }
    }

    private void run() {
        while (!closed) {
            long at = next.get();
            long left = at - (clock.getAsLong() - origin);
            if (at == NEVER) {
                LockSupport.park(this);
            } else if (left > 0) {
                LockSupport.parkNanos(this, left);
            } else if (next.compareAndSet(at, NEVER)) {
                wake.run();
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        Thread sleeper = thread;
        if (sleeper != null) {
            LockSupport.unpark(sleeper);
        }
    }
}
