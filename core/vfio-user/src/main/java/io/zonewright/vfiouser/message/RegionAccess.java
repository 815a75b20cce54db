package io.zonewright.vfiouser.message;

import java.nio.ByteBuffer;

/**
 * VFIO_USER_REGION_READ and _WRITE: u64 offset, u32 region, u32 count, and data in the request of a write and the reply to a
 * read.
 *
 * @param offset first byte in the region
 * @param region index
 * @param count bytes, 0 to {@link MessageHeader#MAX_DATA}
 */
public record RegionAccess(long offset, int region, int count) {
    public static final int HEADER_SIZE = 16;

    /** Reads and checks the request of a read. */
    public static RegionAccess read(ByteBuffer payload) throws RequestException {
        return at(payload, 0);
    }

    /** Reads and checks the request of a write; its data begins after the header. */
    public static RegionAccess write(ByteBuffer payload, int payloadBytes) throws RequestException {
        RegionAccess access = at(payload, 0);
        if (payloadBytes != HEADER_SIZE + access.count) {
            throw RequestException.invalid("REGION_WRITE of " + access.count + " bytes has "
                    + (payloadBytes - HEADER_SIZE) + " bytes of data");
        }
        return access;
    }

    static RegionAccess at(ByteBuffer payload, int position) throws RequestException {
        long offset = payload.getLong(position);
        int region = RegionIndex.require(payload.getInt(position + 8));
        int count = payload.getInt(position + 12);
        if (count < 0 || count > MessageHeader.MAX_DATA) {
            throw RequestException.invalid(
                    "an access to region " + region + " of " + Integer.toUnsignedString(count) + " bytes");
        }
        return new RegionAccess(offset, region, count);
    }

    /** Whether it lies inside a region of this many bytes. */
    public boolean inside(long size) {
        return offset >= 0 && offset <= size - count;
    }

    /** Writes the head of a reply; its size, without data. */
    public int writeReply(ByteBuffer reply) {
        reply.putLong(0, offset);
        reply.putInt(8, region);
        reply.putInt(12, count);
        return HEADER_SIZE;
    }
}
