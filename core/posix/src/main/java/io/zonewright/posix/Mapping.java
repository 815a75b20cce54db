package io.zonewright.posix;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Mapped memory and, where it has one, the file behind it. Any thread may use the memory. Closing unmaps it: whoever
 * uses it afterwards gets an {@code IllegalStateException}, and closing while a system call uses it fails instead.
 *
 * <p>A file can be cut short by whoever else holds it open, and touching a lost page then is an {@code InternalError},
 * perhaps a little late. {@link #isSealed} tells that this cannot happen; otherwise {@link #isBacked} is asked now and
 * then, and loops over such memory are ready for the error.
 */
public final class Mapping implements AutoCloseable {
    private static final int MAX_BLOCK = 1 << 30;

    private final Posix posix;
    private final Arena arena;
    private final MemorySegment segment;
    private final @Nullable Fd fd;
    private final long fileEnd;
    private final boolean sealed;

    private Mapping(Posix posix, Arena arena, MemorySegment segment, @Nullable Fd fd, long fileEnd, boolean sealed) {
        this.posix = posix;
        this.arena = arena;
        this.segment = segment;
        this.fd = fd;
        this.fileEnd = fileEnd;
        this.sealed = sealed;
    }

    /** Private memory that is zero until written, and takes none of the machine's until then. */
    public static Mapping anonymous(Posix posix, long length) {
        return anonymous(posix, length, Linux.MAP_PRIVATE | Linux.MAP_NORESERVE);
    }

    /** As {@link #anonymous(Posix, long)} with other {@code MAP_*} flags. */
    @SuppressWarnings("MustBeClosedChecker") // the mapping becomes the arena's owner
    public static Mapping anonymous(Posix posix, long length, int flags) {
        requirePositive(length);
        Arena arena = Arena.ofShared();
        try {
            MemorySegment segment =
                    posix.map(arena, length, Linux.PROT_READ | Linux.PROT_WRITE, flags | Linux.MAP_ANONYMOUS, null, 0);
            return new Mapping(posix, arena, segment, null, 0, true);
        } catch (RuntimeException e) {
            arena.close();
            throw e;
        }
    }

    /**
     * Maps a part of a file, shared with everybody who maps it. The file must be long enough already. Offset and length
     * need no alignment. The mapping takes the descriptor over and closes it, on failure too.
     *
     * @param writable false gives read-only memory and needs no write permission
     */
    @SuppressWarnings("MustBeClosedChecker") // the mapping becomes the arena's owner
    public static Mapping ofFile(Posix posix, Fd fd, long offset, long length, boolean writable) {
        Arena arena = Arena.ofShared();
        try {
            requirePositive(length);
            Objects.checkFromIndexSize(offset, length, Long.MAX_VALUE);
            FileStatus status = posix.fstat(fd);
            if (status.isRegularFile() && status.sizeBytes() < offset + length) {
                throw new PosixException(
                        "mmap",
                        "length=" + length + ", fd=" + fd + ", offset=" + offset,
                        Errno.ENXIO.number(),
                        "The file has only " + status.sizeBytes() + " bytes");
            }
            // Huge-page files are mapped in units of their own pages, which statx gives as the block size.
            long unit = Math.max(posix.pageSize(), unit(status.blockSize()));
            long slack = offset % unit;
            long span = (slack + length + unit - 1) / unit * unit;
            MemorySegment whole = posix.map(
                    arena,
                    span,
                    writable ? Linux.PROT_READ | Linux.PROT_WRITE : Linux.PROT_READ,
                    Linux.MAP_SHARED,
                    fd,
                    offset - slack);
            boolean sealed = (posix.seals(fd) & Linux.F_SEAL_SHRINK) != 0;
            return new Mapping(posix, arena, whole.asSlice(slack, length), fd, offset + length, sealed);
        } catch (RuntimeException e) {
            arena.close();
            fd.close();
            throw e;
        }
    }

    private static void requirePositive(long length) {
        if (length <= 0) {
            throw new IllegalArgumentException("cannot map " + length + " bytes");
        }
    }

    private static int unit(int blockSize) {
        return blockSize > 0 && blockSize <= MAX_BLOCK && Integer.bitCount(blockSize) == 1 ? blockSize : 1;
    }

    /** The memory, exactly the part that was asked for. */
    public MemorySegment segment() {
        return segment;
    }

    /** Whether no one can make the file shorter (F_SEAL_SHRINK), or there is none. */
    public boolean isSealed() {
        return sealed;
    }

    /** Whether the file is still long enough for all of the mapping, right now; allocates nothing. */
    public boolean isBacked() {
        return sealed || fd == null || posix.fileSize(fd) >= fileEnd;
    }

    /** madvise(2) for a part, which must begin at a page boundary. */
    public void advise(long start, long length, int advice) {
        posix.madvise(segment, start, length, advice);
    }

    /** The file behind the memory; this object stays its owner. Anonymous memory has none and throws. */
    public Fd fd() {
        if (fd == null) {
            throw new IllegalStateException("anonymous memory has no file");
        }
        return fd;
    }

    /**
     * Unmaps the memory and closes the file. Closing twice is harmless.
     *
     * @throws IllegalStateException if a system call is using the memory; nothing is closed then
     */
    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            arena.close();
            if (fd != null) {
                fd.close();
            }
        }
    }
}
