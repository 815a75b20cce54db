package io.zonewright.vfiouser;

import java.util.List;

/**
 * One base address register with the memory behind it.
 *
 * @param index 0 to 5; one of 64 bits takes {@code index + 1} as well
 * @param size bytes, a power of two of at least 4096
 * @param wide whether it takes 64-bit addresses
 * @param mapped what the client may map and then writes without telling us: reads and writes of it go to
 *     {@link PciHost#shared}; in ascending order, not overlapping
 */
public record PciBar(int index, long size, boolean wide, List<MappedArea> mapped) {
    /** Smallest BAR: so each has pages of its own, and areas of it can be mapped. */
    public static final long MIN_SIZE = 4096;

    /** Largest BAR, bytes. */
    public static final long MAX_SIZE = 1L << 30;

    public PciBar {
        if (index < 0 || index > (wide ? 4 : 5)) {
            throw new IllegalArgumentException("BAR " + index);
        }
        if (size < MIN_SIZE || size > MAX_SIZE || Long.bitCount(size) != 1) {
            throw new IllegalArgumentException("BAR " + index + " has " + size + " bytes");
        }
        mapped = List.copyOf(mapped);
        long end = 0;
        for (MappedArea area : mapped) {
            if (area.offset() < end || area.length() > size - area.offset()) {
                throw new IllegalArgumentException("BAR " + index + " has no place for " + area);
            }
            end = area.offset() + area.length();
        }
    }

    /** All trapped: each access is a message. */
    public static PciBar trapped(int index, long size) {
        return new PciBar(index, size, true, List.of());
    }

    /** Whether any byte of this range lies in a mapped area. */
    public boolean touchesMapped(long offset, long length) {
        for (MappedArea area : mapped) {
            if (offset < area.offset() + area.length() && area.offset() < offset + length) {
                return true;
            }
        }
        return false;
    }

    /**
     * A part that the client may map.
     *
     * @param offset in the BAR, bytes, a multiple of 4096
     * @param length bytes, a multiple of 4096
     */
    public record MappedArea(long offset, long length) {
        private static final long PAGE = 4096;

        public MappedArea {
            if (offset < 0 || length <= 0 || offset % PAGE != 0 || length % PAGE != 0) {
                throw new IllegalArgumentException("an area of " + length + " bytes from " + offset + " on");
            }
        }
    }
}
