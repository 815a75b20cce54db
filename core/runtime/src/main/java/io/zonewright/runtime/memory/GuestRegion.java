package io.zonewright.runtime.memory;

import java.lang.foreign.MemorySegment;

/**
 * One contiguous piece of the driver's memory.
 *
 * @param guestAddress its first byte as the guest's driver names it (guest-physical)
 * @param userAddress its first byte as the hypervisor names it; ring addresses come in these
 * @param memory exactly this region, mapped shared
 */
public record GuestRegion(long guestAddress, long userAddress, MemorySegment memory) {
    /**
     * Highest address, exclusive, that a region may reach: beyond the 52 bits of any guest-physical and the 57 bits of
     * any user address of today's machines, and low enough that sums never overflow.
     */
    public static final long ADDRESS_LIMIT = 1L << 62;

    /** @throws IllegalArgumentException if the region is empty or reaches beyond {@link #ADDRESS_LIMIT} */
    public GuestRegion {
        long size = memory.byteSize();
        if (size <= 0) {
            throw new IllegalArgumentException("a memory region is empty");
        }
        requireBelowLimit("guest", guestAddress, size);
        requireBelowLimit("user", userAddress, size);
    }

    /** Bytes. */
    public long size() {
        return memory.byteSize();
    }

    private static void requireBelowLimit(String what, long address, long size) {
        if (address < 0 || size > ADDRESS_LIMIT || address > ADDRESS_LIMIT - size) {
            throw new IllegalArgumentException("a memory region of " + size + " bytes at " + what + " address 0x"
                    + Long.toHexString(address) + " reaches beyond 2^62");
        }
    }

    @Override
    public String toString() {
        return "guest 0x" + Long.toHexString(guestAddress) + " user 0x" + Long.toHexString(userAddress) + " size 0x"
                + Long.toHexString(size());
    }
}
