package io.zonewright.vfiouser.message;

import io.zonewright.runtime.memory.GuestRegion;
import java.nio.ByteBuffer;

/**
 * VFIO_USER_DMA_MAP: u32 argsz, u32 flags, u64 offset in the file, u64 address, u64 size.
 *
 * @param flags {@link #READABLE}, {@link #WRITABLE}
 * @param offset bytes, in the file behind the descriptor
 * @param address first byte as the device names it
 * @param size bytes
 */
public record DmaMapMessage(int flags, long offset, long address, long size) {
    public static final int SIZE = 32;
    public static final int READABLE = 1;
    public static final int WRITABLE = 2;

    /** What ranges are multiples of; the only page size that this server tells. */
    public static final int PAGE = 4096;

    /** Reads and checks a payload of {@link #SIZE} bytes. */
    public static DmaMapMessage read(ByteBuffer payload) throws RequestException {
        ArgSize.require(payload.getInt(0), SIZE);
        DmaMapMessage message =
                new DmaMapMessage(payload.getInt(4), payload.getLong(8), payload.getLong(16), payload.getLong(24));
        if (message.flags == 0 || (message.flags & ~(READABLE | WRITABLE)) != 0) {
            throw RequestException.invalid("DMA_MAP has flags 0x" + Integer.toHexString(message.flags));
        }
        requireRange(message.address, message.size);
        if (message.offset < 0 || message.offset % PAGE != 0 || message.offset > Long.MAX_VALUE - message.size) {
            throw RequestException.invalid("DMA_MAP has a file offset of 0x" + Long.toHexString(message.offset));
        }
        return message;
    }

    /** Whether the device may write there. */
    public boolean writable() {
        return (flags & WRITABLE) != 0;
    }

    private static void requireRange(long address, long size) throws RequestException {
        if (size <= 0 || size % PAGE != 0 || address % PAGE != 0) {
            throw RequestException.invalid("a DMA range of 0x" + Long.toHexString(size) + " bytes at 0x"
                    + Long.toHexString(address) + " is not made of pages");
        }
        if (address < 0 || size > GuestRegion.ADDRESS_LIMIT || address > GuestRegion.ADDRESS_LIMIT - size) {
            throw RequestException.invalid("a DMA range of 0x" + Long.toHexString(size) + " bytes at 0x"
                    + Long.toHexString(address) + " reaches beyond 2^62");
        }
    }
}
