package io.zonewright.posix;

/**
 * Builds ioctl request numbers from their parts, as asm-generic/ioctl.h does for x86-64 and aarch64:
 *
 * <pre>
 *  31 30 29                    16 15             8 7              0
 * +-----+------------------------+----------------+----------------+
 * | dir |   size of the argument |      type      |     number     |
 * +-----+------------------------+----------------+----------------+
 * </pre>
 *
 * Directions are the caller's view: {@link #ior} lets the caller read what the kernel writes.
 */
public final class Ioctl {
    private static final int SIZE_LIMIT = 1 << 14;

    private Ioctl() {}

    /** {@code _IO(type, number)}: no argument, or a plain number. */
    public static long io(int type, int number) {
        return request(0, type, number, 0);
    }

    /** {@code _IOW(type, number, T)}: the kernel reads {@code sizeBytes} bytes. */
    public static long iow(int type, int number, int sizeBytes) {
        return request(1, type, number, sizeBytes);
    }

    /** {@code _IOR(type, number, T)}: the kernel writes {@code sizeBytes} bytes. */
    public static long ior(int type, int number, int sizeBytes) {
        return request(2, type, number, sizeBytes);
    }

    /** {@code _IOWR(type, number, T)}: both. */
    public static long iowr(int type, int number, int sizeBytes) {
        return request(3, type, number, sizeBytes);
    }

    private static long request(long direction, int type, int number, int sizeBytes) {
        if (type < 0 || type > 0xFF || number < 0 || number > 0xFF || sizeBytes < 0 || sizeBytes >= SIZE_LIMIT) {
            throw new IllegalArgumentException("ioctl type " + type + ", number " + number + ", size " + sizeBytes
                    + ": type and number are bytes, the size is below " + SIZE_LIMIT);
        }
        return direction << 30 | (long) sizeBytes << 16 | (long) type << 8 | number;
    }
}
