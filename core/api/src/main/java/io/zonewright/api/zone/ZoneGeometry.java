package io.zonewright.api.zone;

/**
 * The shape of a device. All zones have the same size except the last, which may be smaller; type and capacity of
 * each single zone are told by the zone table, since real disks may place conventional zones anywhere.
 *
 * @param model how the device wants to be written
 * @param deviceBytes size of the device in bytes, a multiple of {@code blockSize}
 * @param blockSize logical block in bytes, 512 or a larger power of two: the unit of reads
 * @param writeGranularity unit and alignment, in bytes, of writes to sequential zones (the physical block); a power
 *     of two and a multiple of {@code blockSize}
 * @param zoneSize distance between the starts of two zones in bytes, a multiple of {@code writeGranularity}; 0 if the
 *     device has no zones
 */
public record ZoneGeometry(ZoneModel model, long deviceBytes, int blockSize, int writeGranularity, long zoneSize) {
    /** Most zones of one device. */
    public static final int MAX_ZONES = 1 << 24;

    /** Largest zone: positions inside a zone are kept as a 31-bit number of logical blocks. */
    public static final long MAX_ZONE_BLOCKS = Integer.MAX_VALUE;

    public ZoneGeometry {
        require(Integer.bitCount(blockSize) == 1 && blockSize >= 512, "blockSize", blockSize);
        require(
                Integer.bitCount(writeGranularity) == 1 && writeGranularity >= blockSize,
                "writeGranularity",
                writeGranularity);
        require(deviceBytes > 0 && deviceBytes % blockSize == 0, "deviceBytes", deviceBytes);
        if (model.zoned()) {
            require(zoneSize > 0 && zoneSize % writeGranularity == 0, "zoneSize", zoneSize);
            require(zoneSize / blockSize <= MAX_ZONE_BLOCKS, "zoneSize", zoneSize);
            require((deviceBytes - 1) / zoneSize < MAX_ZONES, "number of zones", (deviceBytes - 1) / zoneSize + 1);
        } else {
            require(zoneSize == 0, "zoneSize", zoneSize);
        }
    }

    /** An ordinary disk. */
    public static ZoneGeometry unzoned(long deviceBytes, int blockSize) {
        return new ZoneGeometry(ZoneModel.NONE, deviceBytes, blockSize, blockSize, 0);
    }

    /** Number of zones, the last and perhaps smaller one included; 0 if the device has no zones. */
    public int zoneCount() {
        return zoneSize == 0 ? 0 : (int) ((deviceBytes - 1) / zoneSize + 1);
    }

    /** The zone that holds byte {@code offset}, which must lie inside the device of a zoned model. */
    public int zoneOf(long offset) {
        return (int) (offset / zoneSize);
    }

    /** First byte of zone {@code index}. */
    public long zoneStart(int index) {
        return index * zoneSize;
    }

    /** Bytes from the start of zone {@code index} to the start of the next, or to the end of the device. */
    public long zoneLength(int index) {
        return Math.min(zoneSize, deviceBytes - zoneStart(index));
    }

    private static void require(boolean holds, String what, long value) {
        if (!holds) {
            throw new IllegalArgumentException("impossible " + what + ": " + value);
        }
    }
}
