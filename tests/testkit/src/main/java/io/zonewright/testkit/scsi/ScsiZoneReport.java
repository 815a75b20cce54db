package io.zonewright.testkit.scsi;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * What REPORT ZONES gives (ZBC-2 section 5.8.2): a header of 64 bytes, then descriptors of 64 bytes.
 *
 * @param listBytes ZONE LIST LENGTH, which may exceed what fits the allocation length unless the report was a partial one
 * @param same SAME: 0 types and lengths may differ, 1 all alike, 2 all but the last one's length, 3 alike types
 * @param maximumLba the device's last logical block
 * @param granularity ZONE STARTING LBA GRANULARITY, logical blocks; 0 if not told
 * @param zones those that fit wholly
 */
public record ScsiZoneReport(long listBytes, int same, long maximumLba, long granularity, List<Zone> zones) {
    public static final int HEADER_BYTES = 64;
    public static final int ZONE_BYTES = 64;

    /**
     * A zone; positions in logical blocks.
     *
     * @param nonSequential NON_SEQ
     * @param resetRecommended RESET
     */
    public record Zone(
            int type,
            int condition,
            boolean nonSequential,
            boolean resetRecommended,
            long length,
            long start,
            long pointer) {}

    /**
     * Reads a report.
     *
     * @throws IllegalStateException if a reserved field is not zero
     */
    public static ScsiZoneReport parse(byte[] bytes) {
        ByteBuffer b = ByteBuffer.wrap(bytes);
        long listBytes = b.getInt(0) & 0xFFFF_FFFFL;
        if ((bytes[4] & 0xF0) != 0) {
            throw new IllegalStateException("reserved bits of byte 4 of the report are not zero");
        }
        requireZero(bytes, 5, 8);
        requireZero(bytes, 24, Math.min(HEADER_BYTES, bytes.length));
        List<Zone> zones = new ArrayList<>();
        long end = Math.min(bytes.length, HEADER_BYTES + listBytes);
        for (int at = HEADER_BYTES; at + ZONE_BYTES <= end; at += ZONE_BYTES) {
            if ((bytes[at] & 0xF0) != 0 || (bytes[at + 1] & 0x0C) != 0) {
                throw new IllegalStateException("reserved bits of the descriptor at byte " + at + " are not zero");
            }
            requireZero(bytes, at + 2, at + 8);
            requireZero(bytes, at + 32, at + ZONE_BYTES);
            zones.add(new Zone(
                    bytes[at] & 0xF,
                    bytes[at + 1] >>> 4 & 0xF,
                    (bytes[at + 1] & 2) != 0,
                    (bytes[at + 1] & 1) != 0,
                    b.getLong(at + 8),
                    b.getLong(at + 16),
                    b.getLong(at + 24)));
        }
        return new ScsiZoneReport(listBytes, bytes[4] & 0xF, b.getLong(8), b.getLong(16), zones);
    }

    /** How many zones the whole list has. */
    public long count() {
        return listBytes / ZONE_BYTES;
    }

    private static void requireZero(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            if (bytes[i] != 0) {
                throw new IllegalStateException("reserved byte " + i + " of the report is " + bytes[i]);
            }
        }
    }
}
