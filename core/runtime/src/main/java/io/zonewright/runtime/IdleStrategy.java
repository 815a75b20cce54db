package io.zonewright.runtime;

/** How long a loop without work polls on before it sleeps. For one loop; called on its thread only. */
public interface IdleStrategy {
    /** There was work. */
    void worked();

    /** There was none: spend a moment. False: go to sleep. */
    boolean spin();

    /** The loop slept for so many nanoseconds until something woke it. */
    void slept(long nanos);
}
