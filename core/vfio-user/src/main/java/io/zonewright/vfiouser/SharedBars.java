package io.zonewright.vfiouser;

import io.zonewright.posix.Fd;
import io.zonewright.posix.Linux;
import io.zonewright.posix.MappedFile;
import io.zonewright.posix.Mapping;
import io.zonewright.posix.Posix;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * The memory behind mapped areas: a file in memory for each BAR that has some, as long as the BAR. Made anew for each
 * client, since one that has gone may keep its mapping. Sealed against a change of size, so neither side can fault.
 */
final class SharedBars implements AutoCloseable {
    private final @Nullable Mapping[] mappings = new @Nullable Mapping[PciFunction.BARS];

    SharedBars(Posix posix, PciFunction function) {
        try {
            for (PciBar bar : function.bars()) {
                if (!bar.mapped().isEmpty()) {
                    Mapping mapping = MappedFile.inMemory(posix, "zonewright-bar" + bar.index(), bar.size());
                    mappings[bar.index()] = mapping;
                    posix.addSeals(mapping.fd(), Linux.F_SEAL_SHRINK | Linux.F_SEAL_GROW | Linux.F_SEAL_SEAL);
                }
            }
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    MemorySegment memory(int bar) {
        return require(bar).segment();
    }

    Fd file(int bar) {
        return require(bar).fd();
    }

    private Mapping require(int bar) {
        Mapping mapping = bar >= 0 && bar < mappings.length ? mappings[bar] : null;
        if (mapping == null) {
            throw new IllegalArgumentException("BAR " + bar + " has no mapped area");
        }
        return mapping;
    }

    @Override
    public void close() {
        for (Mapping mapping : mappings) {
            if (mapping != null) {
                mapping.close();
            }
        }
    }
}
