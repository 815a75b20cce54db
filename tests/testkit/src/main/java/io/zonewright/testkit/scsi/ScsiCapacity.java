package io.zonewright.testkit.scsi;

import java.nio.ByteBuffer;

/**
 * READ CAPACITY(16) parameter data (SBC-4 section 5.20.2), 32 bytes.
 *
 * @param lastLba in bytes 0 to 7
 * @param blockBytes in bytes 8 to 11
 * @param basis RC BASIS, bits 5:4 of byte 12: 0 the last LBA before the first sequential write required zone, 1 of the unit
 * @param physicalExponent logical blocks per physical block, bits 3:0 of byte 13
 * @param managed LBPME, bit 7 of byte 14
 * @param readsZeroes LBPRZ, bit 6 of byte 14
 * @param lowestAligned lowest aligned LBA, the rest of bytes 14 and 15
 */
public record ScsiCapacity(
        long lastLba,
        int blockBytes,
        int basis,
        int physicalExponent,
        boolean managed,
        boolean readsZeroes,
        int lowestAligned) {
    public static ScsiCapacity parse(byte[] bytes) {
        ByteBuffer b = ByteBuffer.wrap(bytes);
        int last = b.getShort(14) & 0xFFFF;
        return new ScsiCapacity(
                b.getLong(0),
                b.getInt(8),
                bytes[12] >>> 4 & 3,
                bytes[13] & 0xF,
                (last & 0x8000) != 0,
                (last & 0x4000) != 0,
                last & 0x3FFF);
    }
}
