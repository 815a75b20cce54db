package io.zonewright.frontend.nvme.command;

/**
 * A range of the device's bytes that hosts see as one namespace. Its first byte is LBA 0; zoned namespaces number
 * their zones from 0 too. Immutable.
 *
 * @param nsid from 1
 * @param set {@link CommandSet#ZNS} or {@link CommandSet#NVM}
 * @param startByte first byte on the device, a multiple of the LBA size and of the zone size
 * @param bytes length in bytes, a multiple of the LBA size; of a zoned namespace, of the zone size too
 * @param lbaShift binary logarithm of the LBA size
 * @param zoneLbas logical blocks from one zone's start to the next's; 0 if not zoned
 * @param firstZone number, on the device, of the zone whose number here is 0; 0 if not zoned
 */
public record NvmeNamespace(
        int nsid, CommandSet set, long startByte, long bytes, int lbaShift, long zoneLbas, int firstZone) {
    public NvmeNamespace {
        boolean good = nsid > 0
                && set != CommandSet.ADMIN
                && startByte >= 0
                && bytes > 0
                && lbaShift >= 9
                && ((startByte | bytes) & ((1L << lbaShift) - 1)) == 0
                && (set == CommandSet.ZNS) == (zoneLbas > 0);
        if (!good || (zoneLbas > 0 && (bytes >> lbaShift) % zoneLbas != 0)) {
            throw new IllegalArgumentException("impossible namespace " + nsid + ": " + set + " from " + startByte + ", "
                    + bytes + " bytes, zones of " + zoneLbas);
        }
    }

    /** Whether it is a zoned namespace. */
    public boolean zoned() {
        return set == CommandSet.ZNS;
    }

    /** Logical block size in bytes. */
    public int lbaSize() {
        return 1 << lbaShift;
    }

    /** Size in logical blocks. */
    public long lbas() {
        return bytes >> lbaShift;
    }

    /** Whether {@code count} logical blocks from {@code lba} on lie inside; {@code lba} is unsigned. */
    public boolean contains(long lba, long count) {
        return lba >= 0 && count >= 0 && count <= lbas() && lba <= lbas() - count;
    }

    /** The device's byte of a logical block of this namespace. */
    public long toByte(long lba) {
        return startByte + (lba << lbaShift);
    }

    /** The logical block of a byte of the device inside this namespace. */
    public long toLba(long deviceByte) {
        return (deviceByte - startByte) >> lbaShift;
    }

    /** Bytes of {@code count} logical blocks. */
    public long toBytes(long count) {
        return count << lbaShift;
    }

    /** Zones of this namespace; 0 if not zoned. */
    public int zoneCount() {
        return zoneLbas == 0 ? 0 : (int) (lbas() / zoneLbas);
    }

    /** The zone, counted in this namespace, that holds {@code lba}. Only if zoned. */
    public int zoneOf(long lba) {
        return (int) (lba / zoneLbas);
    }

    /** First logical block of a zone of this namespace. */
    public long zoneStart(int zone) {
        return zone * zoneLbas;
    }

    /** Whether {@code lba} is a zone's first. Only if zoned. */
    public boolean startsZone(long lba) {
        return lba % zoneLbas == 0;
    }

    /** The device's number of a zone of this namespace, for {@link io.zonewright.api.spi.ZonedDevice#zone}. */
    public int deviceZone(int zone) {
        return firstZone + zone;
    }

    /** This namespace's number of a zone of the device; -1 if it holds no such zone. */
    public int zoneOfDevice(int deviceZone) {
        int zone = deviceZone - firstZone;
        return zone >= 0 && zone < zoneCount() ? zone : -1;
    }
}
