package io.zonewright.runtime;

/** How long a loop without work polls on before it sleeps. For one loop; called on its thread only. */
public interface IdleStrategy {
    /** There was work. */
    void worked();

    /** There was none: spend a moment. False: go to sleep. */
    boolean spin();

    /**
     * Asked before each sleep: how long it may last if nothing wakes the loop, nanoseconds; 0: for ever. A loop that naps
     * wakes like any other.
     */
    default long napNanos() {
        return 0;
    }

    /** The loop slept, and did not nap, for so many nanoseconds until something woke it. */
    void slept(long nanos);
}
