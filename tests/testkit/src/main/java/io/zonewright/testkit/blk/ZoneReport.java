package io.zonewright.testkit.blk;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * The answer to ZONE_REPORT: le64 nr_zones, 56 reserved bytes, then 64 bytes a zone: le64 z_cap, le64 z_start,
 * le64 z_wp, u8 z_type, u8 z_state, 38 reserved bytes.
 *
 * @param zones what the device filled in
 */
public record ZoneReport(List<Zone> zones) {
    public static final int HEADER_BYTES = 64;
    public static final int ZONE_BYTES = 64;

    /** One zone; positions and lengths in sectors of 512 bytes. */
    public record Zone(long capacity, long start, long writePointer, int type, int state) {}

    /**
     * Reads an answer.
     *
     * @throws IllegalStateException if a reserved byte is not zero, or more zones are said to be there than fit
     */
    public static ZoneReport parse(byte[] bytes) {
        ByteBuffer b = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        long count = b.getLong(0);
        requireZero(bytes, 8, HEADER_BYTES);
        if (count < 0 || count > (bytes.length - HEADER_BYTES) / ZONE_BYTES) {
            throw new IllegalStateException(count + " zones do not fit " + bytes.length + " bytes");
        }
        List<Zone> zones = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int at = HEADER_BYTES + i * ZONE_BYTES;
            zones.add(new Zone(
                    b.getLong(at),
                    b.getLong(at + 8),
                    b.getLong(at + 16),
                    b.get(at + 24) & 0xFF,
                    b.get(at + 25) & 0xFF));
            requireZero(bytes, at + 26, at + ZONE_BYTES);
        }
        return new ZoneReport(zones);
    }

    private static void requireZero(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            if (bytes[i] != 0) {
                throw new IllegalStateException("reserved byte " + i + " of the report is " + bytes[i]);
            }
        }
    }
}
