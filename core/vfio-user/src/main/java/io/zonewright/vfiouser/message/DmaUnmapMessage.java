package io.zonewright.vfiouser.message;

import java.nio.ByteBuffer;

/**
 * VFIO_USER_DMA_UNMAP: u32 argsz, u32 flags, u64 address, u64 size. A hypervisor that takes a virtual IOMMU's window away
 * names all of it, up to the last page of 64 bits, whatever is mapped there.
 *
 * @param all everything goes, address and size are 0 (VFIO_DMA_UNMAP_FLAG_ALL, bit 1)
 * @param first address from where on ranges go, unsigned
 * @param last address up to which they go, inclusive and unsigned: the end of 64 bits can be named
 */
public record DmaUnmapMessage(boolean all, long first, long last) {
    public static final int SIZE = 24;
    private static final int SIZE_OFFSET = 16;

    /** Bit 0 of linux/vfio.h: the client wants a bitmap of dirty pages. Migration is not offered. */
    public static final int GET_DIRTY_BITMAP = 1;

    public static final int ALL = 2;

    /** Reads and checks a payload of {@link #SIZE} bytes. */
    public static DmaUnmapMessage read(ByteBuffer payload) throws RequestException {
        ArgSize.require(payload.getInt(0), SIZE);
        int flags = payload.getInt(4);
        long address = payload.getLong(8);
        long size = payload.getLong(SIZE_OFFSET);
        if (flags == ALL) {
            if (address != 0 || size != 0) {
                throw RequestException.invalid("DMA_UNMAP of everything names a range");
            }
            return new DmaUnmapMessage(true, 0, -1);
        }
        if (flags == GET_DIRTY_BITMAP) {
            throw RequestException.notSupported("DMA_UNMAP asks for dirty pages, which are not tracked");
        }
        if (flags != 0) {
            throw RequestException.invalid("DMA_UNMAP has flags 0x" + Integer.toHexString(flags));
        }
        long last = address + size - 1;
        boolean wraps = Long.compareUnsigned(last, address) < 0;
        if (size == 0 || size % DmaMapMessage.PAGE != 0 || address % DmaMapMessage.PAGE != 0 || wraps) {
            throw RequestException.invalid("DMA_UNMAP of 0x" + Long.toHexString(size) + " bytes at 0x"
                    + Long.toHexString(address) + " names no pages");
        }
        return new DmaUnmapMessage(false, address, last);
    }

    /** Turns a request into its reply, which says how many bytes were unmapped. */
    public static int writeReply(ByteBuffer answer, ByteBuffer request, long unmapped) {
        answer.put(0, request, 0, SIZE);
        answer.putLong(SIZE_OFFSET, unmapped);
        return SIZE;
    }
}
