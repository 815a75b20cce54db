package io.zonewright.vfiouser.memory;

import io.zonewright.posix.Mapping;
import io.zonewright.runtime.memory.GuestRegion;
import org.jspecify.annotations.Nullable;

/**
 * One range that the client announced.
 *
 * @param address first byte as the device names it
 * @param size bytes
 * @param mapping owned; null: a range that the device cannot reach
 */
record DmaRange(long address, long size, @Nullable Mapping mapping) {
    boolean overlaps(long otherAddress, long otherSize) {
        return address < otherAddress + otherSize && otherAddress < address + size;
    }

    boolean is(long otherAddress, long otherSize) {
        return address == otherAddress && size == otherSize;
    }

    @Nullable
    GuestRegion region() {
        Mapping mapped = mapping;
        return mapped == null ? null : new GuestRegion(address, address, mapped.segment());
    }

    void close() {
        Mapping mapped = mapping;
        if (mapped != null) {
            mapped.close();
        }
    }
}
