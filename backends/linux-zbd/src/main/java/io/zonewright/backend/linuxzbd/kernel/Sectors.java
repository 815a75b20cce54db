package io.zonewright.backend.linuxzbd.kernel;

/** The block layer's unit, whatever a device's own block is. */
public final class Sectors {
    /** Bytes in a sector. */
    public static final int BYTES = 512;

    private Sectors() {}

    /** Bytes in so many sectors; saturates at the largest long, since a disk may say anything. */
    public static long toBytes(long sectors) {
        return sectors < 0 || sectors > Long.MAX_VALUE / BYTES ? Long.MAX_VALUE : sectors * BYTES;
    }
}
