package io.zonewright.engine;

import io.zonewright.api.tally.ThreadTallies;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * Counts requests in and out, each thread for itself, and closes the way in. A request may leave on another thread than
 * it came on.
 *
 * <p>Why the sums can be trusted: a request is counted in, and a full fence follows, before it looks at {@link #closed}; it
 * is counted out after all else. {@link #awaitEmpty} reads the sum of those that left before the sum of those that came,
 * so equal sums mean that whoever came before the second reading has left, and whoever came later sees the gate closed.
 */
final class Gate {
    private static final long LOOK_AGAIN_NANOS = 200_000;
    private static final int CAME = 0;
    private static final int LEFT = 1;
    /** 1 while the thread is in a batch that was let in. */
    private static final int BATCH = 2;

    private final ThreadTallies tallies = new ThreadTallies(3);
    private volatile boolean closed;

    /** Counts a request in. False: the gate is closed, and the request was not counted. */
    boolean enter() {
        ThreadTallies.Tally mine = tallies.mine();
        mine.add(CAME, 1);
        return mine.own(BATCH) != 0 || stillOpen(mine);
    }

    private boolean stillOpen(ThreadTallies.Tally mine) {
        VarHandle.fullFence();
        if (closed) {
            mine.add(LEFT, 1);
            return false;
        }
        return true;
    }

    /**
     * The batch itself is counted in: until {@link #endBatch} whatever comes on this thread comes before the end of what is
     * inside, and need not look whether the gate is closed. Does not nest. False: the gate is closed, and there is no batch.
     */
    boolean beginBatch() {
        ThreadTallies.Tally mine = tallies.mine();
        mine.add(CAME, 1);
        boolean open = stillOpen(mine);
        if (open) {
            mine.add(BATCH, 1);
        }
        return open;
    }

    /** Whether the calling thread is in a batch. */
    boolean inBatch() {
        return tallies.mine().own(BATCH) != 0;
    }

    /** On the same thread. */
    void endBatch() {
        ThreadTallies.Tally mine = tallies.mine();
        if (mine.own(BATCH) != 0) {
            mine.add(BATCH, -1);
            mine.add(LEFT, 1);
        }
    }

    /** Counts in a request that serves one already inside. */
    void enterWithin() {
        tallies.mine().add(CAME, 1);
    }

    void leave() {
        tallies.mine().add(LEFT, 1);
    }

    /** Requests inside, roughly. */
    long inside() {
        long out = tallies.sum(LEFT);
        return Math.max(0, tallies.sum(CAME) - out);
    }

    void close() {
        closed = true;
        VarHandle.fullFence();
    }

    /** Waits until nothing is inside a closed gate; false if that took too long or the thread was interrupted. */
    boolean awaitEmpty(Duration patience) {
        long deadline = System.nanoTime() + patience.toNanos();
        while (inside() != 0) {
            if (System.nanoTime() - deadline >= 0 || Thread.currentThread().isInterrupted()) {
                return false;
            }
            LockSupport.parkNanos(this, LOOK_AGAIN_NANOS);
        }
        return true;
    }
}
