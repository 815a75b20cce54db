package io.zonewright.backend.nullzoned;

/** Waiting for threads to end. */
final class Threads {
    private Threads() {}

    /** Waits until {@code thread} has ended, which it has been told to; an interrupt is kept for later. */
    static void join(Thread thread) {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
