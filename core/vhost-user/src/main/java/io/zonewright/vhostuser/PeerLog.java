package io.zonewright.vhostuser;

import io.zonewright.runtime.LogLimiter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** What a driver can make us log, bounded in rate whatever it does. Any thread. */
final class PeerLog {
    private static final Logger LOG = LoggerFactory.getLogger(VhostUserEndpoint.class);

    private final String device;
    private final LogLimiter limiter;

    PeerLog(String device, LogLimiter limiter) {
        this.device = device;
        this.limiter = limiter;
    }

    /** Something in the ordinary course of things. */
    void info(String what) {
        log(Level.INFO, what);
    }

    /** Something that a healthy driver does not do. */
    void warn(String what) {
        log(Level.WARN, what);
    }

    private void log(Level level, String what) {
        long held = limiter.permit();
        if (held < 0) {
            return;
        }
        if (held == 0) {
            LOG.atLevel(level).log("{}: {}", device, what);
        } else {
            LOG.atLevel(level).log("{}: {} ({} lines held back before this one)", device, what, held);
        }
    }
}
