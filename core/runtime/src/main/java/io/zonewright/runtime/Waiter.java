package io.zonewright.runtime;

import io.zonewright.posix.Fd;

/** What a loop sleeps on. All methods but {@link #wake} belong to the loop's thread. */
interface Waiter extends AutoCloseable {
    /** Sleeps until {@link #wake}, or until a watched descriptor becomes readable. Returns early at will. */
    void await();

    /** {@link #await} for at most {@code nanos} nanoseconds. */
    void await(long nanos);

    /** Ends the present {@link #await}, or the next one. From any thread. */
    void wake();

    /** Also ends {@link #await} whenever something is written to {@code fd}. The descriptor is never read. */
    void watch(Fd fd);

    /** Ends {@link #watch}; before the descriptor is closed. */
    void unwatch(Fd fd);

    @Override
    void close();
}
