package io.zonewright.net;

import io.zonewright.posix.IoVecs;
import io.zonewright.posix.TcpConnection;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * What one connection has received and not yet understood: in one buffer of its loop, which it has only while it needs it.
 * Data of requests may stay there; who uses it {@linkplain NetBuffer#retain retains} the buffer, and what comes after goes
 * into another one. On the loop's thread; allocates nothing.
 */
public final class ReceiveBuffer {
    /** Nominal size of the buffer, bytes. */
    public static final int BYTES = 64 << 10;

    private final BufferPool pool;
    private final int largestPiece;
    private @Nullable NetBuffer buffer;
    private int start;
    private int end;
    private boolean starved;

    /** @param largestPiece bytes that have to lie in one piece, at most {@link #BYTES} */
    public ReceiveBuffer(BufferPool pool, int largestPiece) {
        if (largestPiece > BYTES) {
            throw new IllegalArgumentException("pieces of " + largestPiece + " bytes");
        }
        this.pool = pool;
        this.largestPiece = largestPiece;
    }

    // Memory -------------------------------------------------------------------------------------------------------

    /** Whether there was no memory to receive into, since {@link #retry}. */
    public boolean starved() {
        return starved;
    }

    /** Memory may have come back. */
    public void retry() {
        starved = false;
    }

    /** Memory that is held, bytes. */
    public long held() {
        NetBuffer in = buffer;
        return in == null ? 0 : in.size();
    }

    /**
     * Makes sure that there is memory to receive into before the peer is asked for data; false if there is none. Else many
     * peers that were all asked could fill the pool, and none of them be heard.
     */
    public boolean reserve() {
        if (buffer == null) {
            buffer = pool.take(BYTES);
            start = 0;
            end = 0;
        }
        return buffer != null;
    }

    /** Makes sure that what has begun can be completed in one piece; else it is {@link #starved} and the answer no. */
    public boolean makeRoom() {
        starved = !tryMakeRoom();
        return !starved;
    }

    private boolean tryMakeRoom() {
        NetBuffer in = buffer;
        if (in == null) {
            return reserve();
        }
        if (in.size() - start >= largestPiece && end < in.size()) {
            return true;
        }
        int partial = end - start;
        if (in.users() == 1) {
            MemorySegment.copy(in.segment(), start, in.segment(), 0, partial);
        } else {
            // Requests still use what lies before.
            NetBuffer fresh = pool.take(BYTES);
            if (fresh == null) {
                return false;
            }
            MemorySegment.copy(in.segment(), start, fresh.segment(), 0, partial);
            in.release();
            buffer = fresh;
        }
        start = 0;
        end = partial;
        return true;
    }

    /** Forgets what was received, for room that nobody else uses; else it is {@link #starved} and the answer no. */
    public boolean clear() {
        NetBuffer in = buffer;
        if (in != null && in.users() > 1) {
            release();
        }
        start = 0;
        end = 0;
        starved = !reserve();
        return !starved;
    }

    /** Forgets what was received, and lets go of the memory. */
    public void release() {
        NetBuffer in = buffer;
        buffer = null;
        start = 0;
        end = 0;
        if (in != null) {
            in.release();
        }
    }

    // Receiving ----------------------------------------------------------------------------------------------------

    /** Bytes that may be received; 0 without memory. */
    public int room() {
        NetBuffer in = buffer;
        return in == null ? 0 : in.size() - end;
    }

    /**
     * Receives behind what there is.
     *
     * @param most bytes, at most {@link #room}
     * @return as {@link TcpConnection#receive(MemorySegment, long, long)}
     */
    public long receive(TcpConnection socket, int most) {
        long got = socket.receive(buffer().segment(), end, most);
        end += (int) Math.max(0, got);
        return got;
    }

    /** Adds room to what is received into. */
    public void addRoom(IoVecs vectors, int most) {
        vectors.add(buffer().segment(), end, most);
    }

    /** So many bytes were received into {@linkplain #addRoom such room}. */
    public void received(int bytes) {
        end += bytes;
    }

    // What was received --------------------------------------------------------------------------------------------

    /** Whether nothing is left. */
    public boolean isEmpty() {
        return start == end;
    }

    /** Bytes that are left. */
    public int bytes() {
        return end - start;
    }

    /** Where in the buffer the first of them lies. */
    public int start() {
        return start;
    }

    /** The first of them are done with. */
    public void consume(int bytes) {
        start += bytes;
    }

    /**
     * Where they lie.
     *
     * @throws IllegalStateException if there is no memory
     */
    public NetBuffer buffer() {
        NetBuffer in = buffer;
        if (in == null) {
            throw new IllegalStateException("nothing was received");
        }
        return in;
    }

    /** Memory of the buffer; likewise. */
    public MemorySegment segment() {
        return buffer().segment();
    }
}
