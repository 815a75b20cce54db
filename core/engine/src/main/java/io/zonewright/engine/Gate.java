package io.zonewright.engine;

import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/**
 * Counts requests in and out, without a counter that all threads share, and closes the way in.
 *
 * <p>Why the sums can be trusted: a request is counted in before it looks at {@link #closed}, and out after all else.
 * {@link #awaitEmpty} reads the sum of those that left before the sum of those that came, so equal sums mean that
 * whoever came before the second reading has left, and whoever came later sees the gate closed.
 */
final class Gate {
    private static final long LOOK_AGAIN_NANOS = 200_000;

    private final LongAdder came = new LongAdder();
    private final LongAdder left = new LongAdder();
    private volatile boolean closed;

    /** Counts a request in. False: the gate is closed, and the request was not counted. */
    boolean enter() {
        came.increment();
        if (closed) {
            left.increment();
            return false;
        }
        return true;
    }

    /** Counts in a request that serves one already inside. */
    void enterWithin() {
        came.increment();
    }

    void leave() {
        left.increment();
    }

    /** Requests inside, roughly. */
    long inside() {
        long out = left.sum();
        return Math.max(0, came.sum() - out);
    }

    void close() {
        closed = true;
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
