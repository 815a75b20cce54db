package io.zonewright.vhostuser.message;

import io.zonewright.runtime.memory.GuestRegion;
import java.nio.ByteBuffer;

/**
 * A region of memory: u64 guest address, u64 size, u64 user address, u64 offset in the file.
 *
 * @param size bytes
 * @param fileOffset first byte of the region in the file that came with it
 */
public record RegionDescription(long guestAddress, long size, long userAddress, long fileOffset) {
    public static final int SIZE = 32;
    public static final int GUEST_OFFSET = 0;
    public static final int SIZE_OFFSET = 8;
    public static final int USER_OFFSET = 16;
    public static final int FILE_OFFSET = 24;

    public static RegionDescription read(ByteBuffer payload, int at) throws MessageException {
        RegionDescription region = new RegionDescription(
                payload.getLong(at + GUEST_OFFSET),
                payload.getLong(at + SIZE_OFFSET),
                payload.getLong(at + USER_OFFSET),
                payload.getLong(at + FILE_OFFSET));
        requireRange("guest address", region.guestAddress, region.size);
        requireRange("user address", region.userAddress, region.size);
        requireRange("file offset", region.fileOffset, region.size);
        return region;
    }

    /** Whether both are the same region; the offset in the file does not count (vhost-user.rst, REM_MEM_REG). */
    public boolean sameAs(RegionDescription other) {
        return guestAddress == other.guestAddress && size == other.size && userAddress == other.userAddress;
    }

    private static void requireRange(String what, long start, long size) throws MessageException {
        if (size <= 0 || start < 0 || size > GuestRegion.ADDRESS_LIMIT || start > GuestRegion.ADDRESS_LIMIT - size) {
            throw new MessageException("a memory region has " + what + " 0x" + Long.toHexString(start) + " and size 0x"
                    + Long.toHexString(size) + ": empty, or beyond 2^62");
        }
    }
}
