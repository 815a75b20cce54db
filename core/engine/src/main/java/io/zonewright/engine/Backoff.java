package io.zonewright.engine;

/** How to wait for something that another thread holds for a few instructions. */
final class Backoff {
    private static final int SPINS_BEFORE_YIELD = 64;

    private Backoff() {}

    /**
     * Waits a moment.
     *
     * @param round how often the caller waited before, from 0
     */
    // Correctness does not rest on the scheduler: yielding only lets a holder run that lost its processor.
    @SuppressWarnings("ThreadPriorityCheck")
    static void pause(int round) {
        if (round < SPINS_BEFORE_YIELD) {
            Thread.onSpinWait();
        } else {
            Thread.yield();
        }
    }
}
