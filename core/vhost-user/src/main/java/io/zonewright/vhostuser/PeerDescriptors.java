package io.zonewright.vhostuser;

import io.zonewright.posix.EventFd;
import io.zonewright.posix.Fd;
import io.zonewright.posix.Posix;
import io.zonewright.posix.PosixException;
import io.zonewright.vhostuser.message.MessageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Takes over descriptors that a driver sent for kicks, calls and errors. */
final class PeerDescriptors {
    private static final String EVENTFD = "anon_inode:[eventfd]";

    private PeerDescriptors() {}

    /**
     * Makes sure that it is an eventfd, and that it does not block. A write to any other kind of file may block for as
     * long as the driver likes, and with it a loop that serves others too.
     */
    static EventFd adopt(Posix posix, Fd fd) throws MessageException {
        Path link = Path.of("/proc/self/fd", Integer.toString(fd.number()));
        try {
            if (!Files.readSymbolicLink(link).toString().equals(EVENTFD)) {
                fd.close();
                throw new MessageException("a ring descriptor is not an eventfd");
            }
            return EventFd.adopt(posix, fd);
        } catch (IOException | PosixException e) {
            fd.close();
            throw new MessageException("a ring descriptor cannot be examined: " + e.getMessage());
        }
    }
}
