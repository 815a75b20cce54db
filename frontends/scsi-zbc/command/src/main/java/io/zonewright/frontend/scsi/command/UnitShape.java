package io.zonewright.frontend.scsi.command;

import io.zonewright.api.spi.Capabilities;
import io.zonewright.api.spi.ZonedDevice;
import io.zonewright.api.zone.ZoneGeometry;
import io.zonewright.api.zone.ZoneModel;

/**
 * A device in logical blocks, as it was at one moment. Immutable.
 *
 * @param model of the device
 * @param blockShift binary logarithm of the logical block's size
 * @param physicalExponent binary logarithm of logical blocks in a physical one: the write granularity
 * @param blocks size in logical blocks
 * @param zoneBlocks logical blocks from one zone's start to the next's; 0 if not zoned
 * @param readOnly takes no writes at all
 * @param cached acknowledged writes may be lost until a SYNCHRONIZE CACHE
 * @param unmaps knows UNMAP: an ordinary disk whose medium can discard
 * @param writesZeroes whether the medium can be told to write zeroes
 */
public record UnitShape(
        ZoneModel model,
        int blockShift,
        int physicalExponent,
        long blocks,
        long zoneBlocks,
        boolean readOnly,
        boolean cached,
        boolean unmaps,
        boolean writesZeroes) {
    /** The device as it is now. */
    static UnitShape of(ZonedDevice device) {
        ZoneGeometry geometry = device.geometry();
        Capabilities can = device.capabilities();
        int shift = Integer.numberOfTrailingZeros(geometry.blockSize());
        return new UnitShape(
                geometry.model(),
                shift,
                Integer.numberOfTrailingZeros(geometry.writeGranularity()) - shift,
                geometry.deviceBytes() >> shift,
                geometry.zoneSize() >> shift,
                can.readOnly(),
                can.volatileCache(),
                can.discard() && geometry.model() == ZoneModel.NONE,
                can.writeZeroes());
    }

    /** Logical block in bytes. */
    public int blockSize() {
        return 1 << blockShift;
    }

    /** Whether it has zones: host-managed or host-aware. */
    public boolean zoned() {
        return model.zoned();
    }

    /** Whether its sequential zones are written at their write pointers only. */
    public boolean hostManaged() {
        return model == ZoneModel.HOST_MANAGED;
    }

    /** PERIPHERAL DEVICE TYPE: 14h host-managed zoned block device, 00h direct access block device. */
    public int deviceType() {
        return hostManaged() ? 0x14 : 0x00;
    }

    /** Whether {@code count} blocks from {@code lba} on lie inside; both are unsigned, and no blocks fit at the end too. */
    public boolean contains(long lba, long count) {
        return lba >= 0 && count >= 0 && count <= blocks && lba <= blocks - count;
    }

    /** Bytes of {@code count} logical blocks. */
    public long toBytes(long count) {
        return count << blockShift;
    }

    /** The logical block of a byte. */
    public long toBlocks(long bytes) {
        return bytes >> blockShift;
    }
}
