package io.zonewright.backend.nullzoned;

import io.zonewright.api.buffer.SpanList;
import io.zonewright.posix.Linux;
import io.zonewright.posix.Mapping;
import io.zonewright.posix.Posix;
import io.zonewright.posix.PosixException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * {@code data: keep}: one private anonymous mapping as long as the device. The kernel provides a page when it is first
 * written and takes it back when {@link #release} says so; see docs/decisions/0040 for the alternatives measured.
 */
final class SparseStore implements Store {
    /** The largest piece: a huge page on x86-64 and on aarch64 with 4 KiB pages, and what one page of page tables maps. */
    static final long MAX_PIECE_BYTES = 2 << 20;

    /** Machines with larger pages have huge pages of up to 512 MiB, too coarse for a sparse device. */
    private static final long SMALL_PAGE_BYTES = 4096;

    /** Devices without zones get small pieces, since their discards come in any size. */
    private static final long UNZONED_PIECE_BYTES = 64 << 10;

    /** Giving back this much takes about a millisecond in 4 KiB pages: a longer pause is not for a queue's thread. */
    private static final long QUICK_RELEASE_BYTES = 16 << 20;

    /** Looking through this many bits of the map takes a few microseconds. */
    private static final long QUICK_SCAN_PIECES = 1 << 16;

    private final long pageBytes;
    private final long pieceBytes;
    private final Mapping mapMapping;
    private final PieceMap pieces;
    private final Mapping dataMapping;
    private final long base;
    private final MemorySegment memory;

    /**
     * @throws IOException if the address space has no room, with what to do
     */
    SparseStore(Posix posix, NullZonedConfig config) throws IOException {
        long deviceBytes = config.geometry().deviceBytes();
        pageBytes = posix.pageSize();
        pieceBytes = pieceBytes(config.geometry().zoneSize(), pageBytes);
        try {
            mapMapping = Mapping.anonymous(posix, PieceMap.mapBytes(deviceBytes, pieceBytes));
        } catch (PosixException e) {
            throw noRoom(config, e);
        }
        pieces = new PieceMap(mapMapping.segment(), pieceBytes, config.maxMemoryBytes() / pieceBytes);
        try {
            // Old kernels do not align by themselves, and a huge page shall not lie in two zones.
            dataMapping = Mapping.anonymous(posix, roundUp(deviceBytes, pageBytes) + MAX_PIECE_BYTES);
        } catch (PosixException e) {
            mapMapping.close();
            throw noRoom(config, e);
        }
        base = -dataMapping.segment().address() & (MAX_PIECE_BYTES - 1);
        memory = dataMapping.segment().asSlice(base, deviceBytes);
        advise(config);
    }

    /** The unit of accounting: zones do not share a piece, if they are multiples of a page. */
    static long pieceBytes(long zoneBytes, long pageBytes) {
        long wanted = zoneBytes == 0 ? UNZONED_PIECE_BYTES : Long.lowestOneBit(zoneBytes);
        return Math.clamp(wanted, pageBytes, Math.max(pageBytes, MAX_PIECE_BYTES));
    }

    private void advise(NullZonedConfig config) {
        long all = dataMapping.segment().byteSize();
        quietly(0, all, Linux.MADV_DONTDUMP);
        quietly(0, all, Linux.MADV_NOHUGEPAGE);
        long sequential = config.conventionalZones() * config.geometry().zoneSize();
        if (config.hugePages()
                && config.geometry().model().zoned()
                && pieceBytes == MAX_PIECE_BYTES
                && pageBytes == SMALL_PAGE_BYTES) {
            quietly(base + sequential, all - base - sequential, Linux.MADV_HUGEPAGE);
        }
    }

    /** Advice that a kernel built without the feature refuses; everything works without it. */
    private void quietly(long start, long length, int advice) {
        try {
            dataMapping.advise(start, length, advice);
        } catch (PosixException e) {
            NullZonedBackend.LOG.debug("no matter: {}", e.getMessage());
        }
    }

    private static IOException noRoom(NullZonedConfig config, PosixException cause) {
        String size = Sizes.text(config.geometry().deviceBytes());
        return new IOException(
                "no address space for the memory of a " + size + " device: " + cause.getMessage() + ". "
                        + (overcommitIsStrict()
                                ? "The kernel counts address space as memory here: set sysctl vm.overcommit_memory to 0 or 1. "
                                : "")
                        + "Otherwise make 'size' smaller, or set 'data: discard'",
                cause);
    }

    private static boolean overcommitIsStrict() {
        try {
            return Files.readString(Path.of("/proc/sys/vm/overcommit_memory"))
                    .strip()
                    .equals("2");
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public void read(SpanList data, long offset, long length) {
        long end = offset + length;
        long stop;
        for (long at = offset; at < end; at = stop) {
            boolean held = pieces.holds(at);
            stop = runEnd(at, end, held);
            if (held) {
                data.copyFrom(memory, at, at - offset, stop - at);
            } else {
                Zeroes.fill(data, at - offset, stop - at);
            }
        }
    }

    @Override
    public void lend(SpanList data, long offset, long length) {
        long end = offset + length;
        long stop;
        for (long at = offset; at < end; at = stop) {
            boolean held = pieces.holds(at);
            stop = runEnd(at, end, held);
            if (held) {
                data.add(memory, at, stop - at);
            } else {
                data.addZeroes(stop - at);
            }
        }
    }

    /** Where the pieces from {@code at} on that hold data, or do not, end, at most {@code end}. */
    private long runEnd(long at, long end, boolean held) {
        long stop = pieces.pieceEnd(at);
        while (stop < end && pieces.holds(stop) == held) {
            stop = pieces.pieceEnd(stop);
        }
        return Math.min(stop, end);
    }

    @Override
    public long write(SpanList data, long offset, long length) {
        long room = pieces.claim(offset, length);
        if (room > 0) {
            data.copyTo(0, memory, offset, room);
            pieces.confirm(offset, room);
        }
        return room;
    }

    @Override
    public boolean releasesQuickly(long offset, long length) {
        if (length <= QUICK_RELEASE_BYTES) {
            return true;
        }
        long enough = QUICK_RELEASE_BYTES / pieceBytes;
        return length / pieceBytes <= QUICK_SCAN_PIECES && pieces.count(offset, length, enough) <= enough;
    }

    @Override
    public void release(long offset, long length) {
        if (length == 0 || pieces.count(offset, length, 0) == 0) {
            return;
        }
        long end = offset + length;
        boolean last = end == memory.byteSize();
        // Piece and page that hold the device's last byte hold nothing after it.
        pieces.forget(offset, (last ? roundUp(end, pieceBytes) : end) - offset);
        long firstPage = roundUp(offset, pageBytes);
        long endPage = last ? roundUp(end, pageBytes) : end / pageBytes * pageBytes;
        if (firstPage > endPage) {
            zero(offset, end);
            return;
        }
        if (firstPage < endPage) {
            dataMapping.advise(base + firstPage, endPage - firstPage, Linux.MADV_DONTNEED);
        }
        zero(offset, firstPage);
        zero(endPage, end);
    }

    /** Zeroes a part of one page, whose other part somebody may need. */
    private void zero(long from, long to) {
        if (from < to && pieces.holds(from)) {
            memory.asSlice(from, to - from).fill((byte) 0);
        }
    }

    /** Bytes of all pieces that hold data: what {@code max-memory} bounds. */
    long heldBytes() {
        return pieces.marked() * pieceBytes;
    }

    /** The memory that holds device bytes {@code [0, size)}; for tests, which ask the kernel about it. */
    MemorySegment memory() {
        return memory;
    }

    @Override
    public void close() {
        dataMapping.close();
        mapMapping.close();
    }

    private static long roundUp(long value, long unit) {
        return (value + unit - 1) / unit * unit;
    }
}
