package io.zonewright.vfiouser.message;

import java.nio.ByteBuffer;

/**
 * VFIO_USER_DMA_UNMAP: u32 argsz, u32 flags, u64 address, u64 size.
 *
 * @param all everything goes, address and size are 0 (VFIO_DMA_UNMAP_FLAG_ALL, bit 1)
 * @param address of one range, as it was mapped
 * @param size bytes, as it was mapped
 */
public record DmaUnmapMessage(boolean all, long address, long size) {
    public static final int SIZE = 24;
    /** Bit 0 of linux/vfio.h: the client wants a bitmap of dirty pages. Migration is not offered. */
    public static final int GET_DIRTY_BITMAP = 1;

    public static final int ALL = 2;

    /** Reads and checks a payload of {@link #SIZE} bytes. */
    public static DmaUnmapMessage read(ByteBuffer payload) throws RequestException {
        ArgSize.require(payload.getInt(0), SIZE);
        int flags = payload.getInt(4);
        long address = payload.getLong(8);
        long size = payload.getLong(16);
        if (flags == ALL) {
            if (address != 0 || size != 0) {
                throw RequestException.invalid("DMA_UNMAP of everything names a range");
            }
            return new DmaUnmapMessage(true, 0, 0);
        }
        if (flags == GET_DIRTY_BITMAP) {
            throw RequestException.notSupported("DMA_UNMAP asks for dirty pages, which are not tracked");
        }
        if (flags != 0) {
            throw RequestException.invalid("DMA_UNMAP has flags 0x" + Integer.toHexString(flags));
        }
        DmaMapMessage.requireRange(address, size);
        return new DmaUnmapMessage(false, address, size);
    }
}
