package io.zonewright.testkit.nvme;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What Zone Management Receive gives (ZNS section 3.4.2.2.1, figures 34 to 37): a header of 64 bytes with the number of
 * zones, then descriptors of 64 bytes, each followed by its extension in an extended report.
 *
 * @param count Number of Zones in the header, which may exceed what fits the buffer unless the report was a partial one
 * @param zones those that fit wholly
 */
public record NvmeZoneReport(long count, List<Zone> zones) {
    public static final int HEADER_BYTES = 64;
    public static final int ZONE_BYTES = 64;

    /**
     * A zone; positions in logical blocks.
     *
     * @param attributes byte 2: bit 0 ZFC, 1 FZR, 2 RZR, 3 ZRWAV, 7 ZDEV
     * @param extension empty in a report that is not extended
     */
    @SuppressWarnings("ArrayRecordComponent") // bytes off the wire
    public record Zone(
            int type, int state, int attributes, long capacity, long start, long pointer, byte[] extension) {}

    /**
     * Reads a report.
     *
     * @param extensionBytes bytes of an extension; 0 for a report that is not extended
     * @throws IllegalStateException if a reserved field is not zero
     */
    public static NvmeZoneReport parse(byte[] bytes, int extensionBytes) {
        ByteBuffer b = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        long count = b.getLong(0);
        requireZero(bytes, 8, Math.min(HEADER_BYTES, bytes.length));
        int stride = ZONE_BYTES + extensionBytes;
        List<Zone> zones = new ArrayList<>();
        for (int at = HEADER_BYTES; zones.size() < count && at + stride <= bytes.length; at += stride) {
            int type = bytes[at] & 0xFF;
            int state = bytes[at + 1] & 0xFF;
            if ((state & 0xF) != 0 || (type & 0xF0) != 0) {
                throw new IllegalStateException("reserved nibbles of type or state at byte " + at + " are not zero");
            }
            requireZero(bytes, at + 4, at + 8);
            requireZero(bytes, at + 32, at + ZONE_BYTES);
            zones.add(new Zone(
                    type,
                    state >>> 4,
                    bytes[at + 2] & 0xFF,
                    b.getLong(at + 8),
                    b.getLong(at + 16),
                    b.getLong(at + 24),
                    Arrays.copyOfRange(bytes, at + ZONE_BYTES, at + stride)));
        }
        return new NvmeZoneReport(count, zones);
    }

    private static void requireZero(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            if (bytes[i] != 0) {
                throw new IllegalStateException("reserved byte " + i + " of the report is " + bytes[i]);
            }
        }
    }
}
