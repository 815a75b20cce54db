package io.zonewright.runtime;

import java.util.function.LongSupplier;

/**
 * Spins for a while before sleeping, and learns for how long it pays, in the way of Linux's {@code halt_poll_ns}: work
 * that came soon after falling asleep doubles the next spin, up to the maximum, since a longer spin would have caught
 * it; a long sleep takes the spin back to nothing, so that an idle device costs no processor time.
 */
public final class AdaptiveIdle implements IdleStrategy {
    /** The first step up from no spinning at all. */
    static final long FIRST_SPIN_NANOS = 10_000;

    private final long maxSpinNanos;
    private final LongSupplier clock;
    private long spinNanos;
    private long idleSince;
    private boolean idle;

    /**
     * @param maxSpinNanos longest spin in nanoseconds; 0 never spins
     * @param clock nanoseconds, as {@link System#nanoTime}
     */
    public AdaptiveIdle(long maxSpinNanos, LongSupplier clock) {
        this.maxSpinNanos = maxSpinNanos;
        this.clock = clock;
        spinNanos = maxSpinNanos;
    }

    @Override
    public void worked() {
        idle = false;
    }

    @Override
    public boolean spin() {
        if (spinNanos == 0) {
            return false;
        }
        long now = clock.getAsLong();
        if (!idle) {
            idle = true;
            idleSince = now;
        } else if (now - idleSince >= spinNanos) {
            idle = false;
            return false;
        }
        Thread.onSpinWait();
        return true;
    }

    @Override
    public void slept(long nanos) {
        idle = false;
        if (nanos > maxSpinNanos) {
            spinNanos = 0;
        } else {
            spinNanos = Math.min(maxSpinNanos, Math.max(FIRST_SPIN_NANOS, spinNanos * 2));
        }
    }

    /** The spin that comes next, nanoseconds. */
    long spinNanos() {
        return spinNanos;
    }
}
