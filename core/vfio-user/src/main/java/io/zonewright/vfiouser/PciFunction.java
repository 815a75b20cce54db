package io.zonewright.vfiouser;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The shape of a PCI function: all that a client sees before the device does anything. The library makes the rest of
 * configuration space from it: header, power management, PCI Express and MSI-X capabilities, BAR sizing.
 *
 * @param bars in any order
 * @param msix vectors; a function without has only its pin
 * @param pin whether it can interrupt through INTA#
 * @param capabilities vendor-specific ones, in this order
 */
public record PciFunction(
        PciIdentity identity,
        List<PciBar> bars,
        @Nullable MsixLayout msix,
        boolean pin,
        List<VendorCapability> capabilities) {
    /** BAR registers in a header of type 0. */
    public static final int BARS = 6;

    public PciFunction {
        bars = List.copyOf(bars);
        capabilities = List.copyOf(capabilities);
        boolean[] used = new boolean[BARS];
        for (PciBar bar : bars) {
            take(used, bar.index());
            if (bar.wide()) {
                take(used, bar.index() + 1);
            }
        }
        if (msix != null) {
            requireInside(bars, msix.tableBar(), msix.tableOffset(), msix.tableBytes());
            requireInside(bars, msix.pbaBar(), msix.pbaOffset(), msix.pbaBytes());
        }
    }

    /** The BAR with this index, or null: there is none, or it is the upper half of one. */
    public @Nullable PciBar bar(int index) {
        return find(bars, index);
    }

    /** How many MSI-X vectors there are. */
    public int vectors() {
        MsixLayout layout = msix;
        return layout == null ? 0 : layout.vectors();
    }

    /** The BARs in ascending order. */
    public List<PciBar> barsInOrder() {
        List<PciBar> sorted = new ArrayList<>(bars);
        sorted.sort((a, b) -> Integer.compare(a.index(), b.index()));
        return sorted;
    }

    private static @Nullable PciBar find(List<PciBar> bars, int index) {
        for (PciBar bar : bars) {
            if (bar.index() == index) {
                return bar;
            }
        }
        return null;
    }

    private static void take(boolean[] used, int index) {
        if (used[index]) {
            throw new IllegalArgumentException("BAR " + index + " is used twice");
        }
        used[index] = true;
    }

    private static void requireInside(List<PciBar> bars, int index, long offset, long length) {
        PciBar bar = find(bars, index);
        if (bar == null || offset > bar.size() - length || bar.touchesMapped(offset, length)) {
            throw new IllegalArgumentException("BAR " + index + " has no place for MSI-X at " + offset);
        }
    }
}
