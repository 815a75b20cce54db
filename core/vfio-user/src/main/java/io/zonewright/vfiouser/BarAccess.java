package io.zonewright.vfiouser;

import io.zonewright.vfiouser.interrupt.Interrupts;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * Accesses to BARs by message, cut into the parts that lie in the MSI-X table, in the pending bits, in mapped areas, and in
 * what is the device's own. For the control thread.
 */
final class BarAccess {
    private final PciDevice device;
    private final PciFunction function;
    private final Interrupts interrupts;
    private final SharedBars shared;

    BarAccess(PciDevice device, PciFunction function, Interrupts interrupts, SharedBars shared) {
        this.device = device;
        this.function = function;
        this.interrupts = interrupts;
        this.shared = shared;
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
        int end = data.limit();
        long at = offset;
        while (data.position() < end) {
            int left = end - data.position();
            Part part = partAt(bar, at);
            int step = (int) Math.min(left, part.end() - at);
            int begin = data.position();
            ByteBuffer piece = data.slice(begin, step).order(ByteOrder.LITTLE_ENDIAN);
            if (write) {
                write(bar, part, at, piece);
            } else {
                read(bar, part, at, piece);
            }
            data.position(begin + step);
            at += step;
        }
    }

    private void read(PciBar bar, Part part, long at, ByteBuffer piece) {
        switch (part.kind()) {
            case TABLE -> interrupts.readTable(at - part.begin(), piece, piece.remaining());
            case PENDING -> interrupts.readPending(at - part.begin(), piece, piece.remaining());
            case MAPPED -> MemorySegment.ofBuffer(piece).copyFrom(slice(bar, at, piece));
            case OWN -> {
                MemorySegment.ofBuffer(piece).fill((byte) 0);
                device.read(bar.index(), at, piece);
            }
        }
    }

    private void write(PciBar bar, Part part, long at, ByteBuffer piece) {
        switch (part.kind()) {
            case TABLE -> interrupts.writeTable(at - part.begin(), piece, piece.remaining());
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

    private Part partAt(PciBar bar, long at) {
        long end = bar.size();
        MsixLayout msix = function.msix();
        if (msix != null) {
            Part table =
                    msix.tableBar() == bar.index() ? range(Kind.TABLE, msix.tableOffset(), msix.tableBytes()) : null;
            Part pending = msix.pbaBar() == bar.index() ? range(Kind.PENDING, msix.pbaOffset(), msix.pbaBytes()) : null;
            for (Part part : new @Nullable Part[] {table, pending}) {
                if (part != null && part.holds(at)) {
                    return part;
                }
                if (part != null && part.begin() > at) {
                    end = Math.min(end, part.begin());
                }
            }
        }
        for (PciBar.MappedArea area : bar.mapped()) {
            Part part = range(Kind.MAPPED, area.offset(), area.length());
            if (part.holds(at)) {
                return part;
            }
            if (part.begin() > at) {
                end = Math.min(end, part.begin());
            }
        }
        return new Part(Kind.OWN, at, end);
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

    private record Part(Kind kind, long begin, long end) {
        boolean holds(long at) {
            return at >= begin && at < end;
        }
    }
}
