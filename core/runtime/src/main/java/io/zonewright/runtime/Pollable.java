package io.zonewright.runtime;

/**
 * A member of a {@link PollLoop}: a queue, a ring of completions. All methods are called on the loop's thread, must
 * not block, and in normal operation allocate nothing.
 */
public interface Pollable {
    /** For the log: {@code archive queue 2}. */
    String name();

    /**
     * Does at most {@code limit} pieces of work, so that other members of the loop get their turn.
     *
     * @return pieces of work done; 0 lets the loop go idle
     */
    int poll(int limit);

    /**
     * The loop is about to sleep: ask whoever brings work to wake it, through a descriptor that the loop watches or
     * through {@link PollLoop#wake}, then look once more.
     *
     * @return whether there is work now; the loop then does not sleep
     */
    boolean arm();

    /** The loop polls again; being woken is not necessary while it does. */
    void disarm();

    /**
     * The loop ends, and this is the member's last call: nothing polls it any more. It may block for what it alone can bring
     * to an end.
     */
    default void loopEnds() {}

    /**
     * The member threw out of one of the methods above and has been removed from its loop, which goes on without it.
     * Memory that was truncated under it shows as an {@link InternalError}, perhaps a little late.
     */
    void failed(Throwable cause);
}
