package io.zonewright.testkit.nvme;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A completion queue entry, 16 bytes, little-endian (Base section 4.2.1, figure 98): dwords 0 and 1 are the command's own;
 * dword 2 holds SQ head (15:0) and SQ identifier (31:16); dword 3 the command identifier (15:0), the phase tag (16) and the
 * status (31:17).
 *
 * @param status 15 bits: SC (7:0), SCT (10:8), CRD (12:11), More (13), DNR (14)
 */
public record Cqe(int dw0, int dw1, int sqHead, int sqId, int cid, boolean phase, int status) {
    public static final int BYTES = 16;

    /** Reads an entry that begins at {@code at}. */
    public static Cqe parse(byte[] bytes, int at) {
        ByteBuffer b = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        int last = b.getShort(at + 14) & 0xFFFF;
        return new Cqe(
                b.getInt(at),
                b.getInt(at + 4),
                b.getShort(at + 8) & 0xFFFF,
                b.getShort(at + 10) & 0xFFFF,
                b.getShort(at + 12) & 0xFFFF,
                (last & 1) != 0,
                last >>> 1);
    }
}
