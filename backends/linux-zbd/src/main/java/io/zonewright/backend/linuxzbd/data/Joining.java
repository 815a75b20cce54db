package io.zonewright.backend.linuxzbd.data;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Waiting for threads to end. */
public final class Joining {
    private Joining() {}

    /** Waits for all of them, together for at most so long and whether interrupted or not; whether they have ended. */
    public static boolean within(Duration patience, @Nullable Thread... threads) {
        long deadline = System.nanoTime() + patience.toNanos();
        boolean ended = true;
        boolean interrupted = false;
        for (Thread thread : threads) {
            while (thread != null && thread.isAlive()) {
                Duration left = Duration.ofNanos(deadline - System.nanoTime());
                if (!left.isPositive()) {
                    ended = false;
                    break;
                }
                try {
                    thread.join(left);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return ended;
    }
}
