package io.zonewright.posix;

import java.nio.file.Path;

/** Opens files to map them. */
public final class MappedFile {
    private MappedFile() {}

    /** Maps all of an existing file. */
    public static Mapping open(Posix posix, Path path, boolean writable) {
        Fd fd = posix.open(path, writable ? Linux.O_RDWR : Linux.O_RDONLY, 0);
        return Mapping.ofFile(posix, fd, 0, sizeOrClose(posix, fd), writable);
    }

    /** Makes a new file of this size, all holes, and maps it; fails if there is one already. */
    public static Mapping create(Posix posix, Path path, long length, int mode) {
        Fd fd = posix.open(path, Linux.O_RDWR | Linux.O_CREAT | Linux.O_EXCL, mode);
        return resized(posix, fd, length);
    }

    /**
     * Makes a file in memory, without a name in the file system, and maps it; once mapped it can be sealed through its
     * descriptor.
     */
    public static Mapping inMemory(Posix posix, String name, long length) {
        return resized(posix, posix.memfd(name, Linux.MFD_ALLOW_SEALING), length);
    }

    private static Mapping resized(Posix posix, Fd fd, long length) {
        try {
            posix.ftruncate(fd, length);
        } catch (RuntimeException e) {
            fd.close();
            throw e;
        }
        return Mapping.ofFile(posix, fd, 0, length, true);
    }

    private static long sizeOrClose(Posix posix, Fd fd) {
        try {
            return posix.fileSize(fd);
        } catch (RuntimeException e) {
            fd.close();
            throw e;
        }
    }
}
