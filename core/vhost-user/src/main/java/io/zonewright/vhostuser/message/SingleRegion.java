package io.zonewright.vhostuser.message;

import java.nio.ByteBuffer;

/** "Single memory region description", the payload of ADD_MEM_REG and REM_MEM_REG: u64 padding, the region. */
public final class SingleRegion {
    public static final int REGION_OFFSET = 8;
    public static final int SIZE = REGION_OFFSET + RegionDescription.SIZE;

    private SingleRegion() {}

    public static RegionDescription read(ByteBuffer payload) throws MessageException {
        return RegionDescription.read(payload, REGION_OFFSET);
    }
}
