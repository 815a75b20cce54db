package io.zonewright.backend.nullzoned;

/** Numbers of bytes in messages, and the arithmetic of "the nearest valid value". */
final class Sizes {
    private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};

    private Sizes() {}

    /** {@code bytes} as one writes it in the YAML: the largest binary unit that divides it. */
    static String text(long bytes) {
        int unit = bytes == 0 ? 0 : Math.min(Long.numberOfTrailingZeros(bytes) / 10, UNITS.length - 1);
        return (bytes >> (10 * unit)) + UNITS[unit];
    }

    /** The multiple of {@code unit} in {@code [unit, most]} that is nearest to {@code value}; the larger of two. */
    static long nearestMultiple(long value, long unit, long most) {
        long below = Math.min(value, most) / unit * unit;
        boolean up = value - below >= unit - (value - below) && below <= most - unit;
        return Math.max(unit, up ? below + unit : below);
    }

    /** The power of two in {@code [least, most]}, both powers of two, that is nearest to {@code value}; the larger of two. */
    static long nearestPowerOfTwo(long value, long least, long most) {
        if (value <= least) {
            return least;
        }
        if (value >= most) {
            return most;
        }
        long below = Long.highestOneBit(value);
        return value - below < 2 * below - value ? below : 2 * below;
    }
}
