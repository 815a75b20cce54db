package io.zonewright.backend.linuxzbd.data;

import io.zonewright.posix.PosixException;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a ring makes of {@code io_uring_enter} that fails: it tries again, and when that goes on, gives up what it could not
 * hand over. The log hears of it at a bounded rate. For the ring's thread.
 */
final class EnterTrouble {
    /** Failures in a row that may pass by. */
    static final int TRIES = 16;

    private static final Logger LOG = LoggerFactory.getLogger(EnterTrouble.class);
    private static final long LOG_EVERY_NANOS = 10_000_000_000L;

    private final LongSupplier clock;
    private int failures;
    private long logged;
    private int told;

    /** @param clock {@link System#nanoTime} */
    EnterTrouble(LongSupplier clock) {
        this.clock = clock;
    }

    /** It worked. */
    void over() {
        failures = 0;
    }

    /** It failed; whether it has for good. */
    boolean failed(String ring, PosixException cause) {
        failures++;
        long now = clock.getAsLong();
        if (told == 0 || now - logged >= LOG_EVERY_NANOS) {
            told++;
            logged = now;
            LOG.error(
                    "{} cannot enter the kernel ({} times in a row); requests that it cannot hand over fail",
                    ring,
                    failures,
                    cause);
        }
        return failures >= TRIES;
    }

    /** How often the log was told. */
    int told() {
        return told;
    }
}
