package io.zonewright.vfiouser.message;

import io.zonewright.vfiouser.PciBar;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * VFIO_USER_DEVICE_GET_REGION_INFO: u32 argsz, u32 flags, u32 index, u32 cap_offset, u64 size, u64 offset; with areas that
 * can be mapped follows a capability: u16 id, u16 version, u32 next, u32 nr_areas, u32 reserved, { u64 offset, u64 size }.
 *
 * @param argSize bytes that the client has room for
 * @param index of the region
 */
public record RegionInfo(int argSize, int index) {
    public static final int SIZE = 32;
    public static final int READ = 1;
    public static final int WRITE = 2;
    public static final int MMAP = 4;
    public static final int CAPS = 8;

    private static final int CAP_HEADER_SIZE = 16;
    private static final int AREA_SIZE = 16;
    private static final short CAP_SPARSE_MMAP = 1;
    private static final short CAP_VERSION = 1;

    /** Reads and checks a request of at least {@link #SIZE} bytes. */
    public static RegionInfo read(ByteBuffer payload) throws RequestException {
        int argSize = payload.getInt(0);
        ArgSize.require(argSize, SIZE);
        return new RegionInfo(argSize, RegionIndex.require(payload.getInt(8)));
    }

    /** Whether the reply has room for these areas; only then a descriptor goes along. */
    public boolean roomFor(List<PciBar.MappedArea> areas) {
        return argSize >= fullSize(areas);
    }

    /**
     * Writes the reply. Without room for the areas it says how much they need, and has no CAPS flag: QEMU takes that flag
     * with a cap_offset of 0 for an error.
     *
     * @param bytes size of the region, 0: there is none
     * @return its size
     */
    public int write(ByteBuffer reply, long bytes, List<PciBar.MappedArea> areas) {
        boolean room = roomFor(areas);
        int flags = bytes == 0 ? 0 : READ | WRITE;
        if (!areas.isEmpty()) {
            flags |= room ? MMAP | CAPS : MMAP;
        }
        reply.putInt(0, fullSize(areas));
        reply.putInt(4, flags);
        reply.putInt(8, index);
        reply.putInt(12, (flags & CAPS) == 0 ? 0 : SIZE);
        reply.putLong(16, bytes);
        reply.putLong(24, 0); // a file of its own for each region
        if ((flags & CAPS) == 0) {
            return SIZE;
        }
        reply.putShort(SIZE, CAP_SPARSE_MMAP);
        reply.putShort(SIZE + 2, CAP_VERSION);
        reply.putInt(SIZE + 4, 0);
        reply.putInt(SIZE + 8, areas.size());
        reply.putInt(SIZE + 12, 0);
        int at = SIZE + CAP_HEADER_SIZE;
        for (PciBar.MappedArea area : areas) {
            reply.putLong(at, area.offset());
            reply.putLong(at + 8, area.length());
            at += AREA_SIZE;
        }
        return at;
    }

    private static int fullSize(List<PciBar.MappedArea> areas) {
        return areas.isEmpty() ? SIZE : SIZE + CAP_HEADER_SIZE + AREA_SIZE * areas.size();
    }
}
