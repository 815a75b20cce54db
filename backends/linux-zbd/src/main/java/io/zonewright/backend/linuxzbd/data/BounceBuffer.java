package io.zonewright.backend.linuxzbd.data;

import io.zonewright.api.buffer.SpanList;
import io.zonewright.posix.Errno;
import io.zonewright.posix.Fd;
import io.zonewright.posix.IoVecs;
import io.zonewright.posix.Posix;
import java.lang.foreign.MemorySegment;

/**
 * Aligned memory for payload that cannot go directly. It is the mapping of a part of a file in memory, and copying is done
 * by reading and writing that file: so the kernel touches the guest's memory, and answers {@code EFAULT} where it is gone.
 * For one thread at a time.
 */
final class BounceBuffer {
    private final Posix posix;
    private final Fd file;
    private final long fileOffset;
    private final MemorySegment memory;
    private final IoVecs pieces = new IoVecs(Transfer.MAX_VECTORS);

    /** @param memory the mapping of {@code file} from {@code fileOffset} on */
    BounceBuffer(Posix posix, Fd file, long fileOffset, MemorySegment memory) {
        this.posix = posix;
        this.file = file;
        this.fileOffset = fileOffset;
        this.memory = memory;
    }

    /** The aligned memory. */
    MemorySegment memory() {
        return memory;
    }

    /** Its size in bytes. */
    long size() {
        return memory.byteSize();
    }

    /** Copies the next {@code length} bytes behind {@code cursor} into this buffer; 0 or an errno. */
    int fill(SpanList spans, SpanCursor cursor, long length) {
        return copy(spans, cursor, 0, length, true);
    }

    /** Copies {@code length} bytes from {@code start} of this buffer to behind {@code cursor}; 0 or an errno. */
    int drain(SpanList spans, SpanCursor cursor, long start, long length) {
        return copy(spans, cursor, start, length, false);
    }

    private int copy(SpanList spans, SpanCursor cursor, long start, long length, boolean in) {
        long at = fileOffset + start;
        long left = length;
        int errno = 0;
        while (left > 0 && errno == 0) {
            if (pieces.byteCount() == 0) {
                pieces.clear();
                cursor.take(spans, pieces, left);
            }
            long done = in ? posix.pwritev2(file, pieces, at, 0) : posix.preadv2(file, pieces, at, 0);
            if (done > 0) {
                pieces.advance(done);
                at += done;
                left -= done;
            } else {
                errno = done == 0 ? Errno.EFAULT.number() : (int) -done;
            }
        }
        pieces.clear(); // forgets the guest's segments
        return errno;
    }
}
