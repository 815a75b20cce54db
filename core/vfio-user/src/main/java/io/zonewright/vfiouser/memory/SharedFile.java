package io.zonewright.vfiouser.memory;

import io.zonewright.posix.FileStatus;
import io.zonewright.posix.Mapping;
import java.lang.foreign.MemorySegment;

/** A file of the client's, mapped as a whole, and how many ranges lie in it. For the control thread. */
final class SharedFile {
    private final FileStatus status;
    private final Mapping mapping;
    private final boolean writable;
    private int ranges;

    SharedFile(FileStatus status, Mapping mapping, boolean writable) {
        this.status = status;
        this.mapping = mapping;
        this.writable = writable;
    }

    /** Whether a part of that file is in here, for writing if that is asked for. */
    boolean holds(FileStatus file, long end, boolean forWriting) {
        return status.sameFile(file) && end <= bytes() && (writable || !forWriting);
    }

    long bytes() {
        return mapping.segment().byteSize();
    }

    boolean isBacked() {
        return mapping.isBacked();
    }

    /** A part of it, for one range more. */
    MemorySegment take(long offset, long size, boolean forWriting) {
        ranges++;
        MemorySegment part = mapping.segment().asSlice(offset, size);
        return forWriting ? part : part.asReadOnly();
    }

    /** A range is gone; whether it was the last, and the file is unmapped. */
    boolean release() {
        ranges--;
        if (ranges != 0) {
            return false;
        }
        mapping.close();
        return true;
    }
}
