package io.zonewright.api.tally;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Counters that many threads add to: each thread has a {@link Tally} of its own, which nobody else writes, so that adding
 * takes no atomic instruction and moves no cache line between processors. Any thread may ask for the sums.
 *
 * <p>For threads that live long: the first addition of each thread takes a lock. Tallies of threads that have ended are
 * put together when the next one comes.
 */
public final class ThreadTallies {
    private static final VarHandle VALUES =
            MethodHandles.arrayElementVarHandle(long[].class).withInvokeExactBehavior();

    /** Longs in a cache line, left free on both sides of a tally. */
    private static final int LINE = 8;

    /** A power of two. */
    private static final int NEARBY = 32;

    private final int counters;

    /**
     * Tallies by the last bits of their threads' identifiers, so that most threads find theirs without a walk through their
     * thread-local variables. Each entry is taken by the first thread that comes and kept until that has ended: two threads
     * that share one do not drive each other out. Read and written in a race, which is harmless since tallies know their
     * thread, and it never changes.
     */
    private final @Nullable Tally[] nearby = new @Nullable Tally[NEARBY];

    private final ThreadLocal<Tally> own = ThreadLocal.withInitial(this::begin);

    /** Of threads that may come again; guarded by itself, as is {@link #ended}. */
    private final List<Tally> tallies = new ArrayList<>();

    /** Sums of threads that have ended. */
    private final long[] ended;

    /** What one thread counted. */
    public static final class Tally {
        private final Thread thread;
        private final long[] values;

        private Tally(Thread thread, int counters) {
            this.thread = thread;
            values = new long[counters + 2 * LINE];
        }

        /**
         * Adds to a counter; only on the thread that asked for this tally. Whoever sees it in a sum sees what the thread
         * did before, too.
         */
        public void add(int counter, long amount) {
            int i = LINE + counter;
            VALUES.setRelease(values, i, values[i] + amount);
        }

        /** A counter of this thread's; only on this thread. */
        public long own(int counter) {
            return values[LINE + counter];
        }

        private long get(int counter) {
            return (long) VALUES.getAcquire(values, LINE + counter);
        }
    }

    /** @param counters how many; all 0 */
    public ThreadTallies(int counters) {
        this.counters = counters;
        ended = new long[counters];
    }

    /** The calling thread's own tally. */
    public Tally mine() {
        Thread current = Thread.currentThread();
        Tally near = nearby[(int) current.threadId() & (NEARBY - 1)];
        return near != null && near.thread == current ? near : far(current);
    }

    /**
     * The sum over all threads. Counters that only grow never seem to shrink; two sums taken one after the other are of two
     * moments.
     */
    public long sum(int counter) {
        synchronized (tallies) {
            long sum = ended[counter];
            for (int i = 0; i < tallies.size(); i++) {
                sum += tallies.get(i).get(counter);
            }
            return sum;
        }
    }

    /** Threads whose tallies are still apart. */
    int threads() {
        synchronized (tallies) {
            return tallies.size();
        }
    }

    private Tally far(Thread current) {
        Tally mine = own.get();
        int i = (int) current.threadId() & (NEARBY - 1);
        Tally other = nearby[i];
        if (other == null || !other.thread.isAlive()) {
            nearby[i] = mine;
        }
        return mine;
    }

    private Tally begin() {
        Tally mine = new Tally(Thread.currentThread(), counters);
        synchronized (tallies) {
            for (Iterator<Tally> all = tallies.iterator(); all.hasNext(); ) {
                Tally other = all.next();
                if (!other.thread.isAlive()) {
                    for (int i = 0; i < counters; i++) {
                        ended[i] += other.get(i);
                    }
                    all.remove();
                }
            }
            tallies.add(mine);
        }
        return mine;
    }
}
