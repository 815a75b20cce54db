package io.zonewright.runtime;

import java.util.function.LongSupplier;

/**
 * Keeps a peer from filling the log: lets a number of lines through per interval, and tells how many it held back when
 * the next one may go. Any thread.
 */
public final class LogLimiter {
    private final int lines;
    private final long intervalNanos;
    private final LongSupplier clock;
    private long intervalStart;
    private int used;
    private long held;

    /**
     * @param lines allowed per interval, at least 1
     * @param intervalNanos nanoseconds
     * @param clock nanoseconds, as {@link System#nanoTime}
     */
    public LogLimiter(int lines, long intervalNanos, LongSupplier clock) {
        this.lines = lines;
        this.intervalNanos = intervalNanos;
        this.clock = clock;
        intervalStart = clock.getAsLong();
    }

    /** -1: say nothing. Else: go ahead, and so many lines were held back before this one. */
    public synchronized long permit() {
        long now = clock.getAsLong();
        if (now - intervalStart >= intervalNanos) {
            intervalStart = now;
            used = 0;
        }
        if (used == lines) {
            held++;
            return -1;
        }
        used++;
        long result = held;
        held = 0;
        return result;
    }
}
