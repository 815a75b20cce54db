package io.zonewright.vfiouser.memory;

import org.jspecify.annotations.Nullable;

/**
 * One range that the client announced.
 *
 * @param address first byte as the device names it
 * @param size bytes
 * @param file where it lies; null: the device cannot reach it
 */
public record DmaRange(long address, long size, @Nullable SharedFile file) {
    /** First address behind it. */
    long end() {
        return address + size;
    }
}
