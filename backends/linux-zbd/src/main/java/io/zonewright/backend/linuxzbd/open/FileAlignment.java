package io.zonewright.backend.linuxzbd.open;

import io.zonewright.posix.DirectAlignment;
import io.zonewright.posix.Errno;
import io.zonewright.posix.Fd;
import io.zonewright.posix.Posix;
import io.zonewright.posix.PosixException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What direct I/O on a file wants to be aligned to.
 *
 * @param block bytes that offsets and lengths are multiples of: the logical block
 * @param memory bytes that addresses are multiples of
 */
record FileAlignment(int block, int memory) {
    private static final int SMALL = 512;
    private static final int LARGE = 4096;

    /** What the file system says; empty if it says nothing, or what no disk looks like. */
    static Optional<FileAlignment> told(Posix posix, Fd fd) {
        @Nullable DirectAlignment told = posix.directAlignment(fd);
        if (told == null || !alignment(told.offset()) || !alignment(told.memory())) {
            return Optional.empty();
        }
        return Optional.of(new FileAlignment(Math.max(SMALL, told.offset()), told.memory()));
    }

    private static boolean alignment(int bytes) {
        return Integer.bitCount(bytes) == 1 && bytes > 0 && bytes <= LARGE;
    }

    /**
     * What the file system says, else what it does: reading changes nothing, and a file system refuses what is not
     * aligned with EINVAL.
     */
    static FileAlignment of(Posix posix, Fd fd, boolean direct) throws IOException {
        if (!direct) {
            return new FileAlignment(SMALL, 1);
        }
        Optional<FileAlignment> told = told(posix, fd);
        if (told.isPresent()) {
            return told.get();
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(2L * LARGE, LARGE);
            for (int block : new int[] {SMALL, LARGE}) {
                if (reads(posix, fd, memory, block)) {
                    return new FileAlignment(block, block);
                }
            }
        }
        throw new IOException("its file system refuses direct I/O in blocks of 512 and of 4096 bytes");
    }

    /** Whether a block that is aligned to its own size and to nothing larger can be read. */
    private static boolean reads(Posix posix, Fd fd, MemorySegment memory, int block) {
        try {
            posix.pread(fd, memory, block, block, block);
            return true;
        } catch (PosixException e) {
            if (e.is(Errno.EINVAL)) {
                return false;
            }
            throw e;
        }
    }
}
