package io.zonewright.frontend.nvme.command.admin;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * The keep-alive timer of one controller. Any command of the host counts (Base 2.0, "Traffic Based Keep Alive"): the
 * data path sets a flag, which a check that finds the time over takes for one more interval. Thread-safe.
 */
public final class KeepAlive {
    private final LongSupplier nanoTime;
    private volatile boolean active;
    private long timeoutMillis;
    private long deadline;

    /** @param nanoTime a clock like {@link System#nanoTime} */
    public KeepAlive(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** The host sent a command. */
    public void touch() {
        if (!active) {
            active = true;
        }
    }

    /**
     * Sets KATO and begins to count anew.
     *
     * @param millis 0: no timer
     */
    public synchronized void setTimeout(long millis) {
        timeoutMillis = millis;
        restart();
    }

    /** KATO in milliseconds; 0 if no timer runs. */
    public synchronized long timeoutMillis() {
        return timeoutMillis;
    }

    /** A Keep Alive command came. */
    public synchronized void restart() {
        active = false;
        deadline = nanoTime.getAsLong() + TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
    }

    /** When {@link #expired} may say something new; {@link Long#MAX_VALUE} without a timer. */
    public synchronized long deadline() {
        return timeoutMillis == 0 ? Long.MAX_VALUE : deadline;
    }

    /** Whether the host has been silent for a whole interval. True once; the timer then stands still. */
    public synchronized boolean expired(long now) {
        if (timeoutMillis == 0 || now - deadline < 0) {
            return false;
        }
        if (active) {
            active = false;
            deadline = now + TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
            return false;
        }
        timeoutMillis = 0;
        return true;
    }
}
