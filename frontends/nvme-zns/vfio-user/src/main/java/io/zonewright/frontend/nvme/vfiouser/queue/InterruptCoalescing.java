package io.zonewright.frontend.nvme.vfiouser.queue;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * How long interrupts may wait for more entries: the Interrupt Coalescing feature and, for each vector, Interrupt Vector
 * Configuration (Base 2.1, sections 5.2.26.2.1 and 5.2.26.2.2). Any thread.
 *
 * <p>A completion queue interrupts when it has collected the threshold, when its oldest entry has waited for the time,
 * or when none of its commands are left that could bring more.
 */
public final class InterruptCoalescing {
    private static final long UNIT_NANOS = TimeUnit.MICROSECONDS.toNanos(100);
    private static final int TIME_BITS = 16;

    /** Time in units of 100 µs above the 0's-based threshold. One word, so that both change together. */
    private volatile int setting;

    private final AtomicLongArray exempt;

    /** Nothing waits. */
    public InterruptCoalescing(int vectors) {
        exempt = new AtomicLongArray((vectors + Long.SIZE - 1) / Long.SIZE);
    }

    /**
     * Changes the feature.
     *
     * @param threshold 0's-based entries, 0 to 255
     * @param time units of 100 µs, 0 to 255; 0 does not wait
     */
    public void set(int threshold, int time) {
        setting = (time & 0xFF) << TIME_BITS | (threshold & 0xFF);
    }

    /** Exempts a vector, or no longer. */
    public void setExempt(int vector, boolean value) {
        long bit = 1L << vector;
        exempt.updateAndGet(vector / Long.SIZE, word -> value ? word | bit : word & ~bit);
    }

    /** As after a reset. */
    public void reset() {
        setting = 0;
        for (int i = 0; i < exempt.length(); i++) {
            exempt.set(i, 0);
        }
    }

    /** Nanoseconds that an entry of this queue may wait; 0: not at all. The admin queue never waits. */
    long patienceNanos(CompletionQueue queue) {
        int now = setting;
        if (now <= 0xFF || (now & 0xFF) == 0 || queue.id() == 0) {
            return 0;
        }
        int vector = queue.vector();
        boolean free = (exempt.get(vector / Long.SIZE) & 1L << vector) != 0;
        return free ? 0 : (now >>> TIME_BITS) * UNIT_NANOS;
    }

    /** Entries that are worth an interrupt. */
    int threshold() {
        return (setting & 0xFF) + 1;
    }
}
