package io.zonewright.vfiouser.message;

import java.nio.ByteBuffer;

/** VFIO_USER_REGION_WRITE_MULTI: u64 wr_cnt, then writes of { u64 offset, u32 region, u32 count, 8 bytes of data }. */
public final class MultiWrite {
    public static final int HEADER_SIZE = 8;
    public static final int WRITE_SIZE = 24;
    private static final int MAX_COUNT = 8;

    private MultiWrite() {}

    /** Checks a request: how many writes it has. */
    public static int count(ByteBuffer payload, int payloadBytes) throws RequestException {
        long count = payload.getLong(0);
        int room = (payloadBytes - HEADER_SIZE) / WRITE_SIZE;
        if (count < 0 || count > room || payloadBytes != HEADER_SIZE + count * WRITE_SIZE) {
            throw RequestException.invalid(
                    "REGION_WRITE_MULTI of " + Long.toUnsignedString(count) + " writes has " + payloadBytes + " bytes");
        }
        return (int) count;
    }

    /** Reads and checks one write. */
    public static RegionAccess write(ByteBuffer payload, int index) throws RequestException {
        RegionAccess access = RegionAccess.at(payload, HEADER_SIZE + index * WRITE_SIZE);
        if (access.count() > MAX_COUNT) {
            throw RequestException.invalid("REGION_WRITE_MULTI has a write of " + access.count() + " bytes");
        }
        return access;
    }

    /** Where the data of a write begins. */
    public static int dataOffset(int index) {
        return HEADER_SIZE + index * WRITE_SIZE + RegionAccess.HEADER_SIZE;
    }
}
