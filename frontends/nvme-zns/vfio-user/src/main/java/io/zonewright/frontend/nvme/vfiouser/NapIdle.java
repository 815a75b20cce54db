package io.zonewright.frontend.nvme.vfiouser;

import io.zonewright.runtime.AdaptiveIdle;
import io.zonewright.runtime.IdleStrategy;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * For loops that have to notice doorbells in memory, which nobody announces: instead of going to sleep, such a loop polls
 * for a while and then naps, longer and longer, up to a millisecond. What is announced, such as the end of a command on a
 * medium that takes its time, ends a nap at once. While no controller runs it sleeps like any other.
 */
final class NapIdle implements IdleStrategy {
    /** The timer's slack makes anything shorter no shorter. */
    static final long FIRST_NAP_NANOS = TimeUnit.MICROSECONDS.toNanos(20);

    static final long LONGEST_NAP_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private final AdaptiveIdle sleeping;
    private final long spinNanos;
    private final BooleanSupplier napping;
    private long idleSince;
    private boolean idle;
    private long napNanos = FIRST_NAP_NANOS;

    /**
     * @param spinNanos how long to poll before the first nap
     * @param napping whether there are doorbells to look at; asked on the loop's thread
     */
    NapIdle(long spinNanos, BooleanSupplier napping) {
        this.spinNanos = spinNanos;
        this.napping = napping;
        sleeping = new AdaptiveIdle(spinNanos, System::nanoTime);
    }

    @Override
    public void worked() {
        idle = false;
        napNanos = FIRST_NAP_NANOS;
        sleeping.worked();
    }

    @Override
    public boolean spin() {
        if (!napping.getAsBoolean()) {
            return sleeping.spin();
        }
        long now = System.nanoTime();
        if (!idle) {
            idle = true;
            idleSince = now;
        }
        if (now - idleSince < spinNanos) {
            Thread.onSpinWait();
            return true;
        }
        return false;
    }

    @Override
    public long napNanos() {
        if (!napping.getAsBoolean()) {
            return 0;
        }
        long nap = napNanos;
        napNanos = Math.min(LONGEST_NAP_NANOS, nap + nap / 4);
        return nap;
    }

    @Override
    public void slept(long nanos) {
        idle = false;
        sleeping.slept(nanos);
    }
}
