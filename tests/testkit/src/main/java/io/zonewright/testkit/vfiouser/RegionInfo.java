package io.zonewright.testkit.vfiouser;

import io.zonewright.posix.Fd;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a device says about a region.
 *
 * @param size bytes
 * @param fileOffset where the region starts in {@code fd}
 * @param areas parts that may be mapped; the whole region if the device names none
 * @param fd to map, if there is one; the receiver's
 */
public record RegionInfo(
        int index,
        int flags,
        long size,
        long fileOffset,
        List<Area> areas,
        @Nullable Fd fd) implements AutoCloseable {
    /** A part of a region, in bytes. */
    public record Area(long offset, long size) {}

    /** Whether parts of it can be mapped. */
    public boolean mappable() {
        return (flags & VfioUser.REGION_MMAP) != 0 && fd != null;
    }

    @Override
    public void close() {
        if (fd != null) {
            fd.close();
        }
    }
}
