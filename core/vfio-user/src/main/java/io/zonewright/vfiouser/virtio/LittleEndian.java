package io.zonewright.vfiouser.virtio;

import java.nio.ByteBuffer;

/** Numbers of any width up to eight bytes, as registers are accessed. */
final class LittleEndian {
    private LittleEndian() {}

    /** Fills the buffer with the low bytes of {@code value}; beyond eight with nothing. */
    static void put(ByteBuffer target, long value) {
        long rest = value;
        for (int i = 0; i < Long.BYTES && target.hasRemaining(); i++) {
            target.put((byte) rest);
            rest >>>= Byte.SIZE;
        }
    }

    /** The number that the buffer holds, of its first eight bytes. */
    static long take(ByteBuffer source) {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE && source.hasRemaining(); shift += Byte.SIZE) {
            value |= Byte.toUnsignedLong(source.get()) << shift;
        }
        return value;
    }
}
