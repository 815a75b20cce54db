package io.zonewright.backend.linuxzbd;

import io.zonewright.api.request.DeviceRequest;
import io.zonewright.backend.linuxzbd.open.OpenedDevice;
import io.zonewright.backend.linuxzbd.open.Sysfs;
import io.zonewright.posix.Errno;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether the device is still there, and what was said about its failures. A device that is gone stays gone: if the same
 * disk comes back it is another device to the kernel, and our descriptor never finds it.
 */
final class Health {
    private static final Logger LOG = LoggerFactory.getLogger(Health.class);

    private final LinuxZbdConfig config;
    private final OpenedDevice opened;
    private final Sysfs sysfs;
    private final AtomicBoolean goneLogged = new AtomicBoolean();
    /** Bit n: a failure with errno n was logged, for the numbers below 64 and the others together. */
    private final AtomicLong logged = new AtomicLong();

    private volatile boolean gone;

    Health(LinuxZbdConfig config, OpenedDevice opened, Sysfs sysfs) {
        this.config = config;
        this.opened = opened;
        this.sysfs = sysfs;
    }

    /** Whether nothing has to be tried any more. */
    boolean gone() {
        return gone;
    }

    /**
     * A request failed: the first of its kind is worth a line, unless it is a client that asks for more open zones than
     * there are; and it may mean that the device is gone.
     */
    void failed(DeviceRequest request, int errno) {
        if (gone) {
            return;
        }
        if (Failures.saysGone(errno) || (opened.blockDevice() && !sysfs.knows(opened.number()))) {
            gone = true;
            if (goneLogged.compareAndSet(false, true)) {
                LOG.error(
                        "device {}: {} is gone ({}); every request fails from now on. Start the device again when it is back",
                        config.device(),
                        config.path(),
                        Errno.nameOf(errno));
            }
            return;
        }
        long bit = 1L << Math.min(errno, 63);
        boolean limit = errno == Errno.ETOOMANYREFS.number() || errno == Errno.EOVERFLOW.number();
        if (!limit && (logged.getAndUpdate(bits -> bits | bit) & bit) == 0) {
            LOG.warn(
                    "device {}: {}: {}; more failures of this kind are logged at level debug",
                    config.device(),
                    request,
                    errno == 0 ? "the device ended before it" : Errno.nameOf(errno));
        } else {
            LOG.debug("device {}: {}: {}", config.device(), request, Errno.nameOf(errno));
        }
    }
}
