package io.zonewright.backend.linuxzbd.open;

import io.zonewright.api.zone.ZoneModel;

/**
 * What {@code /sys/dev/block/MAJ:MIN/queue} says about a disk. Attributes that a kernel does not have count as 0, which
 * means "none", "no limit" or "not known" as their own documentation says. All sizes are bytes.
 *
 * @param disk the kernel's name of the whole disk, {@code sda}
 * @param partition whether the node is a partition of that disk
 * @param model from {@code zoned}; none on kernels without zone support
 * @param logicalBlock unit of addresses
 * @param physicalBlock unit that the disk writes without reading first
 * @param writeGranularity from {@code zone_write_granularity}
 * @param zoneBytes from {@code chunk_sectors}; on a disk without zones it means something else
 * @param maxAppend from {@code zone_append_max_bytes}
 * @param volatileCache whether {@code write_cache} says "write back"
 * @param fua whether single writes can be made stable without a flush of everything
 * @param dmaAlignment what addresses in memory must be a multiple of: {@code dma_alignment} + 1
 * @param maxTransfer longest single request, {@code max_sectors_kb}
 * @param maxSegments most pieces of memory in a single request
 * @param maxDiscard longest discard; 0 if there are none
 * @param maxWriteZeroes longest write of zeroes without data; 0 if there are none
 * @param readOnly the disk or the partition takes no writes
 */
public record QueueFacts(
        String disk,
        boolean partition,
        ZoneModel model,
        int logicalBlock,
        int physicalBlock,
        int writeGranularity,
        long zoneBytes,
        int maxOpen,
        int maxActive,
        long maxAppend,
        boolean volatileCache,
        boolean fua,
        int dmaAlignment,
        long maxTransfer,
        int maxSegments,
        long maxDiscard,
        long maxWriteZeroes,
        boolean readOnly) {}
