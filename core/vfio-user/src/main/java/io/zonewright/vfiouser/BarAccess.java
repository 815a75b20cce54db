package io.zonewright.vfiouser;

import io.zonewright.vfiouser.interrupt.Interrupts;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Accesses to BARs by message, cut into the parts that lie in the MSI-X table, in the pending bits, in mapped areas, and in
 * what is the device's own. For the control thread.
 *
 * <p>The parts of each BAR are made once. To make them for each access cost more than time: parts that were then merged
 * and optimised away made the JIT compiler forget a buffer that was still needed (decision 0197).
 */
final class BarAccess {
    private final PciDevice device;
    private final Interrupts interrupts;
    private final SharedBars shared;
    private final long tableOffset;
    private final long pendingOffset;

    /** By the BAR's index: what it consists of, in order and without a gap. */
    private final Part[][] parts = new Part[PciFunction.BARS][];

    BarAccess(PciDevice device, PciFunction function, Interrupts interrupts, SharedBars shared) {
        this.device = device;
        this.interrupts = interrupts;
        this.shared = shared;
        MsixLayout msix = function.msix();
        tableOffset = msix == null ? 0 : msix.tableOffset();
        pendingOffset = msix == null ? 0 : msix.pbaOffset();
        Arrays.fill(parts, new Part[0]);
        for (PciBar bar : function.bars()) {
            parts[bar.index()] = cut(bar, special(bar, msix));
        }
    }

    /** Fills {@code data}, from its position to its limit; the range is inside the BAR. */
    void read(PciBar bar, long offset, ByteBuffer data) {
        walk(bar, offset, data, false);
    }

    /** Stores {@code data}, from its position to its limit; the range is inside the BAR. */
    void write(PciBar bar, long offset, ByteBuffer data) {
        walk(bar, offset, data, true);
    }

    private void walk(PciBar bar, long offset, ByteBuffer data, boolean write) {
        Part[] row = parts[bar.index()];
        int begin = data.position();
        int end = data.limit();
        long at = offset;
        for (int i = 0; begin < end; i++) {
            Part part = row[i];
            if (at >= part.end()) {
                continue;
            }
            int step = (int) Math.min(end - begin, part.end() - at);
            ByteBuffer piece = data.slice(begin, step).order(ByteOrder.LITTLE_ENDIAN);
            if (write) {
                write(bar, part.kind(), at, piece);
            } else {
                read(bar, part.kind(), at, piece);
            }
            begin += step;
            at += step;
        }
    }

    private void read(PciBar bar, Kind kind, long at, ByteBuffer piece) {
        switch (kind) {
            case TABLE -> interrupts.readTable(at - tableOffset, piece, piece.remaining());
            case PENDING -> interrupts.readPending(at - pendingOffset, piece, piece.remaining());
            case MAPPED -> MemorySegment.ofBuffer(piece).copyFrom(slice(bar, at, piece));
            case OWN -> {
                MemorySegment.ofBuffer(piece).fill((byte) 0);
                device.read(bar.index(), at, piece);
            }
        }
    }

    private void write(PciBar bar, Kind kind, long at, ByteBuffer piece) {
        switch (kind) {
            case TABLE -> interrupts.writeTable(at - tableOffset, piece, piece.remaining());
            case PENDING -> {
                // Read-only (PCI Local Bus 3.0, section 6.8.2.10).
            }
            case MAPPED -> {
                slice(bar, at, piece).copyFrom(MemorySegment.ofBuffer(piece));
                device.write(bar.index(), at, piece);
            }
            case OWN -> device.write(bar.index(), at, piece);
        }
    }

    private MemorySegment slice(PciBar bar, long at, ByteBuffer piece) {
        return shared.memory(bar.index()).asSlice(at, piece.remaining());
    }

    // --- what a BAR consists of --------------------------------------------------------------------------------------

    /** All that is not the device's own; where two overlap, the first counts. */
    private static List<Part> special(PciBar bar, @Nullable MsixLayout msix) {
        List<Part> special = new ArrayList<>();
        if (msix != null && msix.tableBar() == bar.index()) {
            special.add(range(Kind.TABLE, msix.tableOffset(), msix.tableBytes()));
        }
        if (msix != null && msix.pbaBar() == bar.index()) {
            special.add(range(Kind.PENDING, msix.pbaOffset(), msix.pbaBytes()));
        }
        for (PciBar.MappedArea area : bar.mapped()) {
            special.add(range(Kind.MAPPED, area.offset(), area.length()));
        }
        return special;
    }

    private static Part[] cut(PciBar bar, List<Part> special) {
        NavigableSet<Long> cuts = new TreeSet<>(List.of(0L, bar.size()));
        special.forEach(part -> cuts.addAll(List.of(part.begin(), part.end())));
        List<Part> row = new ArrayList<>();
        for (long begin : cuts.headSet(bar.size(), false)) {
            Long end = cuts.higher(begin);
            row.add(new Part(kindAt(begin, special), begin, end == null ? bar.size() : end));
        }
        return row.toArray(Part[]::new);
    }

    private static Kind kindAt(long at, List<Part> special) {
        for (Part part : special) {
            if (at >= part.begin() && at < part.end()) {
                return part.kind();
            }
        }
        return Kind.OWN;
    }

    private static Part range(Kind kind, long begin, long length) {
        return new Part(kind, begin, begin + length);
    }

    private enum Kind {
        TABLE,
        PENDING,
        MAPPED,
        OWN
    }

    private record Part(Kind kind, long begin, long end) {}
}
