package io.zonewright.backend.linuxzbd.data;

import io.zonewright.api.buffer.SpanList;
import io.zonewright.api.request.DeviceRequest;
import io.zonewright.api.request.Operation;
import io.zonewright.posix.Errno;
import io.zonewright.posix.IoVecs;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One read or write on its way, piece by piece: which memory the next call gets, and what its result means. Who makes the
 * calls is not this class's business:
 *
 * <pre>{@code
 * transfer.begin(request);
 * if (transfer.needsBounce()) transfer.bounceThrough(buffer);
 * while (transfer.prepare()) transfer.moved(call(transfer.vectors(), transfer.fileOffset()));
 * }</pre>
 *
 * <p>Reusable; for one thread at a time.
 */
final class Transfer {
    /** Pieces of memory in one call: 1 MiB of scattered pages; the kernel's own limit is {@link IoVecs#MAX_CAPACITY}. */
    static final int MAX_VECTORS = 256;

    /** How often in a row the kernel may say "again" without moving anything. */
    private static final int MAX_RETRIES = 16;

    private final DataPathOptions options;
    private final DataPathCounters counters;
    private final IoVecs vectors = new IoVecs(MAX_VECTORS);
    private final SpanCursor cursor = new SpanCursor();
    private @Nullable DeviceRequest request;
    private @Nullable BounceBuffer bounce;
    private boolean reading;
    private boolean needsBounce;
    private boolean ended;
    private long moved;
    private long pieceBytes;
    private int retries;
    private int errno;

    Transfer(DataPathOptions options, DataPathCounters counters) {
        this.options = options;
        this.counters = counters;
    }

    /** Starts with a read or write. */
    void begin(DeviceRequest next) {
        request = next;
        reading = next.operation() == Operation.READ;
        moved = 0;
        pieceBytes = 0;
        retries = 0;
        errno = 0;
        ended = false;
        vectors.clear();
        cursor.seek(next.data(), 0);
        needsBounce = !aligned(next.data());
    }

    /** Whether memory goes to the kernel as it is: off the heap, at addresses and in lengths that direct I/O takes. */
    private boolean aligned(SpanList spans) {
        boolean aligned = true;
        for (int i = 0; i < spans.count(); i++) {
            MemorySegment segment = spans.segment(i);
            if (!segment.isNative()) {
                errno = Errno.EFAULT.number(); // Java's heap moves: no kernel gets it
                return true;
            }
            aligned &= (segment.address() + spans.offset(i) & options.dmaAlignment() - 1) == 0
                    && (spans.length(i) & options.blockSize() - 1) == 0;
        }
        return aligned;
    }

    /** Whether a bounce buffer is needed before the next {@link #prepare}. */
    boolean needsBounce() {
        return needsBounce && errno == 0;
    }

    /** Gives what {@link #needsBounce} asked for. */
    void bounceThrough(BounceBuffer buffer) {
        bounce = buffer;
        needsBounce = false;
        counters.bouncing();
    }

    /** Whether there is another call to make, and if so, gets its memory ready. */
    boolean prepare() {
        DeviceRequest current = request();
        if (errno != 0 || ended || moved == current.length()) {
            return false;
        }
        if (vectors.byteCount() > 0) {
            return true; // the rest of a piece that was cut short, or the same once more
        }
        vectors.clear();
        long left = Math.min(current.length() - moved, options.maxTransferBytes());
        BounceBuffer buffer = bounce;
        if (buffer == null) {
            pieceBytes = cursor.take(current.data(), vectors, left);
            return pieceBytes > 0;
        }
        pieceBytes = Math.min(left, buffer.size());
        if (!reading) {
            errno = buffer.fill(current.data(), cursor, pieceBytes);
            if (errno != 0) {
                return false;
            }
        }
        vectors.add(buffer.memory(), 0, pieceBytes);
        return true;
    }

    /** The memory of the next call. */
    IoVecs vectors() {
        return vectors;
    }

    /** The offset of the next call, bytes. */
    long fileOffset() {
        return request().offset() + moved;
    }

    /** Whether data goes from the medium to memory. */
    boolean reading() {
        return reading;
    }

    /** Whether the next call's data has to be stable when it ends: {@code RWF_DSYNC}. */
    boolean stable() {
        return !reading && options.volatileCache() && request().forceUnitAccess();
    }

    /** The call's result: bytes, or a negated errno. */
    void moved(long result) {
        if (result < 0) {
            failed((int) -result);
            return;
        }
        if (result == 0 || result > vectors.byteCount()) {
            ended = true;
            return;
        }
        BounceBuffer buffer = bounce;
        if (buffer != null) {
            if (reading) {
                errno = buffer.drain(request().data(), cursor, pieceBytes - vectors.byteCount(), result);
                if (errno != 0) {
                    return;
                }
            }
            counters.bounced(result);
        }
        retries = 0;
        vectors.advance(result);
        moved += result;
        if ((result & options.blockSize() - 1) != 0) {
            ended = true; // a file that does not end with a block
        } else if (vectors.byteCount() > 0) {
            counters.continued();
        }
    }

    private void failed(int number) {
        Errno known = Errno.of(number);
        if ((known == Errno.EINTR || known == Errno.EAGAIN) && retries < MAX_RETRIES) {
            retries++;
        } else if (known == Errno.EINVAL && bounce == null) {
            // The medium wants memory aligned otherwise than it said. Nothing of this piece was moved.
            counters.refused();
            vectors.clear();
            cursor.seek(request().data(), moved);
            needsBounce = true;
        } else {
            errno = number;
        }
    }

    /** How many bytes from the front have been moved. */
    long moved() {
        return moved;
    }

    /** The error that ended the transfer, 0 if none did. */
    int errno() {
        return errno;
    }

    /** Whether there is a request under way. */
    boolean busy() {
        return request != null;
    }

    /** The request under way. */
    DeviceRequest request() {
        return Objects.requireNonNull(request);
    }

    /** Forgets the request; its bounce buffer, if it had one, is the caller's. */
    @Nullable
    BounceBuffer end() {
        BounceBuffer buffer = bounce;
        bounce = null;
        request = null;
        vectors.clear();
        return buffer;
    }
}
