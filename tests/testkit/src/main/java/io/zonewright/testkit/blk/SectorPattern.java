package io.zonewright.testkit.blk;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Data that depends on a seed and on where it lies alone, so that any range can be checked without having been remembered. */
final class SectorPattern {
    private SectorPattern() {}

    /** The bytes of so many sectors of 512 bytes from one on. */
    static byte[] of(long seed, long sector, int sectors) {
        ByteBuffer bytes = ByteBuffer.allocate(sectors * VirtioBlk.SECTOR).order(ByteOrder.LITTLE_ENDIAN);
        long word = sector * (VirtioBlk.SECTOR / Long.BYTES);
        while (bytes.hasRemaining()) {
            bytes.putLong(mix(seed * 0x9E37_79B9_7F4A_7C15L + word++));
        }
        return bytes.array();
    }

    /** The finalizer of SplitMix64. */
    private static long mix(long value) {
        long z = (value ^ value >>> 30) * 0xBF58_476D_1CE4_E5B9L;
        z = (z ^ z >>> 27) * 0x94D0_49BB_1331_11EBL;
        return z ^ z >>> 31;
    }
}
