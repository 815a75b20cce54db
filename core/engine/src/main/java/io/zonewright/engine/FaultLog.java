package io.zonewright.engine;

import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs what a layer threw that must not throw. A guest whose memory went away can cause as many of these as it sends
 * requests, so the first few are told whole and later ones ever more rarely. Any thread.
 */
final class FaultLog {
    private static final Logger LOG = LoggerFactory.getLogger(FaultLog.class);

    /** Told with their stack. */
    private static final int WHOLE = 4;

    private final String device;
    private final AtomicLong seen = new AtomicLong();

    FaultLog(String device) {
        this.device = device;
    }

    /** Counts one, and logs it if it is among the first or its number is a power of two. */
    void report(String what, Throwable thrown) {
        long number = seen.incrementAndGet();
        if (number <= WHOLE) {
            LOG.error("{}: {}", device, what, thrown);
        } else if (Long.bitCount(number) == 1) {
            LOG.error("{}: {}: {} (fault {} of this device)", device, what, thrown.toString(), number);
        }
    }
}
