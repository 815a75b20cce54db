package io.zonewright.vfiouser.memory;

import io.zonewright.posix.Errno;
import io.zonewright.posix.Fd;
import io.zonewright.posix.FileStatus;
import io.zonewright.posix.Mapping;
import io.zonewright.posix.Posix;
import io.zonewright.posix.PosixException;
import io.zonewright.vfiouser.message.RequestException;
import java.util.ArrayList;
import java.util.List;

/**
 * The files that a client's ranges lie in. Each is mapped once and as a whole: a guest with a virtual IOMMU has tens of
 * thousands of ranges in one file, more than a process may have mappings (vm.max_map_count) or descriptors. For the
 * control thread.
 */
final class SharedFiles {
    /** Each holds a descriptor; a guest's memory has a few. */
    static final int MAX_FILES = 512;

    private final Posix posix;
    private final List<SharedFile> files = new ArrayList<>();

    SharedFiles(Posix posix) {
        this.posix = posix;
    }

    /** Whether all files are still as long as when they were mapped; allocates nothing. */
    boolean areBacked() {
        for (int i = 0; i < files.size(); i++) {
            if (!files.get(i).isBacked()) {
                return false;
            }
        }
        return true;
    }

    /** How many files are mapped. */
    int count() {
        return files.size();
    }

    /**
     * The file behind a descriptor, of which a part up to {@code end} is wanted.
     *
     * @param fd stays the caller's
     * @throws PosixException from the kernel, with the errno to answer
     */
    SharedFile of(Fd fd, long end, boolean forWriting) throws RequestException {
        FileStatus status = posix.fstat(fd);
        if (!status.isRegularFile()) {
            // Of nothing else can it be told whether the part lies inside.
            throw RequestException.invalid("memory is not backed by a file or memfd");
        }
        if (end > status.sizeBytes()) {
            throw new RequestException(
                    Errno.ENXIO, "a DMA range ends at byte " + end + " of a file of " + status.sizeBytes() + " bytes");
        }
        for (SharedFile file : files) {
            if (file.holds(status, end, forWriting)) {
                return file;
            }
        }
        requireRoom(status);
        SharedFile added = map(fd, status, forWriting);
        files.add(added);
        return added;
    }

    private SharedFile map(Fd fd, FileStatus status, boolean forWriting) {
        try {
            return new SharedFile(status, Mapping.ofFile(posix, fd.duplicate(), 0, status.sizeBytes(), true), true);
        } catch (PosixException e) {
            if (forWriting) {
                throw e;
            }
            // A file that the client itself may only read.
            return new SharedFile(status, Mapping.ofFile(posix, fd.duplicate(), 0, status.sizeBytes(), false), false);
        }
    }

    private void requireRoom(FileStatus next) throws RequestException {
        long bytes = next.sizeBytes();
        for (SharedFile file : files) {
            bytes += file.bytes();
        }
        if (files.size() == MAX_FILES || bytes < 0 || bytes > DmaMap.MAX_BYTES) {
            throw new RequestException(
                    Errno.ENOSPC, files.size() + " files and one more would have " + bytes + " bytes");
        }
    }

    /** One of a file's ranges is gone, and nothing uses it any more. */
    void release(SharedFile file) {
        if (file.release()) {
            files.remove(file);
        }
    }
}
