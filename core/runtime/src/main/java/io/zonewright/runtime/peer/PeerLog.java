package io.zonewright.runtime.peer;

import io.zonewright.runtime.LogLimiter;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.event.Level;
import org.slf4j.spi.LoggingEventBuilder;

/** What a peer can make us log, bounded in rate whatever it does. Any thread. */
public final class PeerLog {
    private static final int LINES = 20;
    private static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Logger log;
    private final String device;
    private final LogLimiter limiter;

    /**
     * @param log of the endpoint
     * @param device begins each line
     */
    public PeerLog(Logger log, String device) {
        this.log = log;
        this.device = device;
        limiter = new LogLimiter(LINES, INTERVAL_NANOS, System::nanoTime);
    }

    /** Something in the ordinary course of things. */
    public void info(String what) {
        log(Level.INFO, what);
    }

    /** Something that a healthy peer does not do. */
    public void warn(String what) {
        log(Level.WARN, what);
    }

    /** A fault of ours that a peer has brought to light, and perhaps can again. */
    public void error(String what, Throwable cause) {
        log(Level.ERROR, what, cause);
    }

    private void log(Level level, String what) {
        log(level, what, null);
    }

    private void log(Level level, String what, @Nullable Throwable cause) {
        long held = limiter.permit();
        if (held < 0) {
            return;
        }
        LoggingEventBuilder line = log.atLevel(level);
        if (cause != null) {
            line = line.setCause(cause);
        }
        if (held == 0) {
            line.log("{}: {}", device, what);
        } else {
            line.log("{}: {} ({} lines held back before this one)", device, what, held);
        }
    }
}
