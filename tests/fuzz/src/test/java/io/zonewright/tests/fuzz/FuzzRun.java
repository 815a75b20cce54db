package io.zonewright.tests.fuzz;

import java.util.Random;
import java.util.concurrent.TimeUnit;

/** Plays cases until the time is over, each from a seed of its own. */
final class FuzzRun {
    private static final String SEED = "zonewright.fuzz.seed";
    private static final String SECONDS = "zonewright.fuzz.seconds";
    private static final int SMOKE_SECONDS = 5;
    private static final long SMOKE_SEED = 20_261_122L;

    /** One case. */
    @FunctionalInterface
    interface Case {
        /** Throws whatever is wrong. */
        void play(Random random);
    }

    private FuzzRun() {}

    /** Plays and prints how many cases there were. */
    static int run(String target, Case one) {
        Long replay = Long.getLong(SEED);
        if (replay != null) {
            play(target, replay, one);
            return 1;
        }
        Integer seconds = Integer.getInteger(SECONDS);
        long seed = seconds == null ? SMOKE_SEED : System.nanoTime();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds == null ? SMOKE_SECONDS : seconds);
        System.out.println(target + ": first seed " + seed);
        int cases = 0;
        do {
            play(target, seed + cases, one);
            cases++;
        } while (System.nanoTime() < end);
        System.out.println(target + ": " + cases + " cases");
        return cases;
    }

    private static void play(String target, long seed, Case one) {
        try {
            one.play(new Random(seed));
        } catch (RuntimeException | AssertionError e) {
            throw new AssertionError(
                    target + " failed; play it again with -D" + SEED + "=" + seed + ": " + e.getMessage(), e);
        }
    }
}
