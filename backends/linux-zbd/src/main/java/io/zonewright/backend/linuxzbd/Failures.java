package io.zonewright.backend.linuxzbd;

import io.zonewright.api.result.Cause;
import io.zonewright.posix.Errno;
import org.jspecify.annotations.Nullable;

/**
 * What the kernel's errors mean. The block layer gives a driver's status to user space as one of a few errors
 * (Linux 7.0, block/blk-core.c, {@code blk_errors}); file systems and the calls themselves add theirs. Drivers of zoned
 * disks say EIO for most of what the zone rules forbid, so nothing is concluded from EIO here: the zone's report is.
 */
final class Failures {
    private Failures() {}

    /** The cause for an error; {@link Cause#DONE} for 0. */
    static Cause cause(int errno) {
        if (errno == 0) {
            return Cause.DONE;
        }
        @Nullable Errno known = Errno.of(errno);
        if (known == null) {
            return Cause.MEDIUM_ERROR;
        }
        return switch (known) {
            case ETOOMANYREFS -> Cause.OPEN_LIMIT; // BLK_STS_ZONE_OPEN_RESOURCE
            case EOVERFLOW -> Cause.ACTIVE_LIMIT; // BLK_STS_ZONE_ACTIVE_RESOURCE
            case ENOSPC, // BLK_STS_NOSPC, and file systems
                    EDQUOT,
                    EFBIG -> Cause.NO_SPACE;
            case EOPNOTSUPP, // BLK_STS_NOTSUPP
                    ENOTTY,
                    ENOSYS -> Cause.UNSUPPORTED;
            case EROFS, EPERM -> Cause.DEVICE_READ_ONLY; // bdev_read_only(): zone actions say EPERM
            case ECANCELED -> Cause.ABORTED;
            case EINVAL, // what the engine has checked: range, alignment; or BLK_STS_INVAL
                    EBADF,
                    EFAULT -> // the memory of the peer is gone
                Cause.INTERNAL_ERROR;
            default -> Cause.MEDIUM_ERROR;
        };
    }

    /**
     * Whether an error alone says that the device is gone: BLK_STS_OFFLINE, or no driver behind the node any more. Other
     * errors of a device that goes (EIO) need a look at sysfs.
     */
    static boolean saysGone(int errno) {
        return Errno.ENODEV.number() == errno || Errno.ENXIO.number() == errno;
    }
}
