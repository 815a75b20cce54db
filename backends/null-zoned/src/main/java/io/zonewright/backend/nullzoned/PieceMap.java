package io.zonewright.backend.nullzoned;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Which pieces of the device hold data: a bit each, in sparse memory of its own, so that the map too costs only what
 * is used.
 *
 * <p>Two things need it. Reading memory that was never written makes the kernel fill page tables (2 MiB of them for each
 * GiB read), which a guest that reads a 16 TiB device from end to end would turn into 32 GiB: with the map such reads
 * never touch the memory. And counting pieces bounds the memory in use, on the slow path of a piece's first write only.
 *
 * <p>Lock-free. A write marks its pieces, copies, and marks them again; a release unmarks, then gives memory back. So
 * whatever races with a release that a client was foolish enough to overlap with a write, a piece that holds the
 * write's data is marked once both are done, and data given back never reappears.
 */
final class PieceMap {
    private static final VarHandle WORD = JAVA_LONG.varHandle();

    private final MemorySegment words;
    private final int shift;
    private final long limit;
    private final AtomicLong marked = new AtomicLong();

    /**
     * @param words zeroed memory of {@link #mapBytes} bytes
     * @param pieceBytes size of a piece, a power of two
     * @param limit most pieces that {@link #claim} marks
     */
    PieceMap(MemorySegment words, long pieceBytes, long limit) {
        this.words = words;
        this.shift = Long.numberOfTrailingZeros(pieceBytes);
        this.limit = limit;
    }

    /** Bytes of map for a device of this size. */
    static long mapBytes(long deviceBytes, long pieceBytes) {
        return ((deviceBytes - 1) / pieceBytes / Long.SIZE + 1) * Long.BYTES;
    }

    /** Pieces marked. Exact when nothing is in flight. */
    long marked() {
        return marked.get();
    }

    /** Whether the piece that holds byte {@code offset} is marked. */
    boolean holds(long offset) {
        long piece = offset >>> shift;
        return (word(piece) & bit(piece)) != 0;
    }

    /** First byte after the piece that holds byte {@code offset}. */
    long pieceEnd(long offset) {
        return ((offset >>> shift) + 1) << shift;
    }

    /**
     * Marks the pieces of a range that is about to be written.
     *
     * @return bytes from {@code offset} on that have room: {@code length} unless the limit was reached
     */
    long claim(long offset, long length) {
        long end = offset + length;
        for (long at = offset; at < end; at = pieceEnd(at)) {
            if (!holds(at) && !claimOne(at >>> shift)) {
                return at - offset;
            }
        }
        return length;
    }

    /** Marks the pieces of a range that was written, in case a release came in between; heeds no limit. */
    void confirm(long offset, long length) {
        long end = offset + length;
        for (long at = offset; at < end; at = pieceEnd(at)) {
            if (!holds(at)) {
                mark(at >>> shift);
            }
        }
    }

    private boolean claimOne(long piece) {
        if (marked.incrementAndGet() > limit) {
            marked.decrementAndGet();
            // Another writer may have marked this very piece with the last of the room.
            return (word(piece) & bit(piece)) != 0;
        }
        if ((set(piece) & bit(piece)) != 0) {
            marked.decrementAndGet();
        }
        return true;
    }

    private void mark(long piece) {
        if ((set(piece) & bit(piece)) == 0) {
            marked.incrementAndGet();
        }
    }

    /** Unmarks every piece that lies wholly inside the range. */
    void forget(long offset, long length) {
        long first = (offset + (1L << shift) - 1) >>> shift;
        long end = (offset + length) >>> shift;
        for (long piece = first; piece < end; piece = nextWord(piece)) {
            long mask = mask(piece, end);
            if ((word(piece) & mask) != 0) {
                long old = (long) WORD.getAndBitwiseAnd(words, position(piece), ~mask);
                marked.addAndGet(-Long.bitCount(old & mask));
            }
        }
    }

    /** Marked pieces that the range touches, but counting stops soon after {@code enough}. */
    long count(long offset, long length, long enough) {
        long end = ((offset + length - 1) >>> shift) + 1;
        long found = 0;
        for (long piece = offset >>> shift; piece < end && found <= enough; piece = nextWord(piece)) {
            found += Long.bitCount(word(piece) & mask(piece, end));
        }
        return found;
    }

    private long word(long piece) {
        return (long) WORD.getAcquire(words, position(piece));
    }

    private long set(long piece) {
        return (long) WORD.getAndBitwiseOr(words, position(piece), bit(piece));
    }

    private static long position(long piece) {
        return piece / Long.SIZE * Long.BYTES;
    }

    private static long bit(long piece) {
        return 1L << piece;
    }

    private static long nextWord(long piece) {
        return (piece / Long.SIZE + 1) * Long.SIZE;
    }

    /** The bits of {@code piece}'s word from {@code piece} up to, not including, {@code end}. */
    private static long mask(long piece, long end) {
        long mask = -1L << piece;
        return end >= nextWord(piece) ? mask : mask & ((1L << end) - 1);
    }
}
