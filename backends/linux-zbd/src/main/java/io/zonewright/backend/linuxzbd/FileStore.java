package io.zonewright.backend.linuxzbd;

import io.zonewright.posix.Errno;
import io.zonewright.posix.Fd;
import io.zonewright.posix.Linux;
import io.zonewright.posix.Posix;
import io.zonewright.posix.PosixException;

/** Ranges of a regular file. */
final class FileStore implements Store {
    private final Posix posix;
    private final Fd fd;

    /** Whether the file system can make zeroes that keep their space (tmpfs cannot). */
    private volatile boolean zeroRange = true;

    FileStore(Posix posix, Fd fd) {
        this.posix = posix;
        this.fd = fd;
    }

    /** Zeroes with space for them where that can be had, a hole otherwise. */
    @Override
    public void zero(long start, long length) {
        if (zeroRange) {
            try {
                posix.fallocate(fd, Linux.FALLOC_FL_ZERO_RANGE | Linux.FALLOC_FL_KEEP_SIZE, start, length);
                return;
            } catch (PosixException e) {
                if (!e.is(Errno.EOPNOTSUPP)) {
                    throw e;
                }
                zeroRange = false;
            }
        }
        discard(start, length);
    }

    @Override
    public void stabilize() {
        posix.fdatasync(fd);
    }

    @Override
    public void discard(long start, long length) {
        posix.punchHole(fd, start, length);
    }
}
