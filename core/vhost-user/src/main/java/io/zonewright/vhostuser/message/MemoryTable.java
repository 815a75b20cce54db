package io.zonewright.vhostuser.message;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * "Memory regions description", the payload of SET_MEM_TABLE: u32 number of regions, u32 padding, the regions; with one
 * descriptor for each.
 */
public final class MemoryTable {
    public static final int HEADER_SIZE = 8;
    public static final int COUNT_OFFSET = 0;

    /**
     * Most regions in one message. The document has 8, as QEMU; hypervisors built on rust-vmm's library send up to 32,
     * the most descriptors that it attaches to a message.
     */
    public static final int MAX_REGIONS = 32;

    public static final int MAX_SIZE = HEADER_SIZE + MAX_REGIONS * RegionDescription.SIZE;

    private MemoryTable() {}

    /** The regions, one for each of {@code descriptors}. */
    public static List<RegionDescription> read(ByteBuffer payload, int payloadBytes, int descriptors)
            throws MessageException {
        int count = payload.getInt(COUNT_OFFSET);
        if (count < 0 || count > MAX_REGIONS) {
            throw new MessageException(
                    "a memory table has " + Integer.toUnsignedString(count) + " regions, not up to " + MAX_REGIONS);
        }
        if (payloadBytes < HEADER_SIZE + count * RegionDescription.SIZE) {
            throw new MessageException(
                    "a memory table of " + count + " regions has a payload of only " + payloadBytes + " bytes");
        }
        if (descriptors != count) {
            throw new MessageException(
                    "a memory table of " + count + " regions carries " + descriptors + " descriptors");
        }
        List<RegionDescription> regions = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            regions.add(RegionDescription.read(payload, HEADER_SIZE + i * RegionDescription.SIZE));
        }
        return regions;
    }
}
