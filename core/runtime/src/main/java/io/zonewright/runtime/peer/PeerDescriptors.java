package io.zonewright.runtime.peer;

import io.zonewright.posix.EventFd;
import io.zonewright.posix.Fd;
import io.zonewright.posix.Mapping;
import io.zonewright.posix.Posix;
import io.zonewright.posix.PosixException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Takes over descriptors that a peer sent. */
public final class PeerDescriptors {
    private static final String EVENTFD = "anon_inode:[eventfd]";

    private PeerDescriptors() {}

    /**
     * Makes sure that it is an eventfd, and that it does not block. A write to any other kind of file may block for as
     * long as the peer likes, and with it a loop that serves others too. On failure the descriptor is closed.
     */
    public static EventFd eventFd(Posix posix, Fd fd) throws PeerException {
        Path link = Path.of("/proc/self/fd", Integer.toString(fd.number()));
        try {
            if (!Files.readSymbolicLink(link).toString().equals(EVENTFD)) {
                fd.close();
                throw new PeerException("a descriptor for notifications is not an eventfd");
            }
            return EventFd.adopt(posix, fd);
        } catch (IOException | PosixException e) {
            fd.close();
            throw new PeerException("a descriptor for notifications cannot be examined: " + e.getMessage());
        }
    }

    /**
     * Maps a part of the peer's memory for reading and writing. The descriptor is taken over, on failure too. Only
     * regular files (memfd, tmpfs and hugetlbfs are regular) are taken: of nothing else can it be told whether the part
     * lies inside.
     *
     * @throws PosixException from the kernel, with the errno to answer
     */
    public static Mapping memory(Posix posix, Fd fd, long offset, long length) throws PeerException {
        try {
            if (!posix.fstat(fd).isRegularFile()) {
                throw new PeerException("memory is not backed by a file or memfd");
            }
        } catch (PeerException | PosixException e) {
            fd.close();
            throw e;
        }
        return Mapping.ofFile(posix, fd, offset, length, true);
    }
}
