package io.zonewright.backend.linuxzbd.open;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Attributes as kernels and drivers give them, by one line for each disk. */
class SysfsTest {
    private final Path root;

    SysfsTest(@TempDir Path root) {
        this.root = root;
    }

    private String facts(String name, String... attributes) throws IOException {
        Path disk = Files.createDirectories(root.resolve("devices/block").resolve(name));
        Files.createDirectories(disk.resolve("queue"));
        Files.writeString(disk.resolve("ro"), "0\n");
        for (String attribute : attributes) {
            int equals = attribute.indexOf('=');
            Files.writeString(
                    disk.resolve("queue").resolve(attribute.substring(0, equals)),
                    attribute.substring(equals + 1) + "\n");
        }
        Files.createDirectories(root.resolve("dev/block"));
        Files.createSymbolicLink(root.resolve("dev/block/8:16"), disk);
        return new Sysfs(root, root).facts(8L << 32 | 16).toString();
    }

    @Test
    void nullBlk() throws IOException {
        assertEquals(
                "QueueFacts[disk=nullb0, partition=false, model=HOST_MANAGED, logicalBlock=512, physicalBlock=512, "
                        + "writeGranularity=512, zoneBytes=268435456, maxOpen=4, maxActive=8, maxAppend=262144, "
                        + "volatileCache=true, fua=true, dmaAlignment=512, maxTransfer=1310720, maxSegments=128, "
                        + "maxDiscard=0, maxWriteZeroes=0, readOnly=false]",
                facts(
                        "nullb0",
                        "zoned=host-managed",
                        "chunk_sectors=524288",
                        "max_open_zones=4",
                        "max_active_zones=8",
                        "logical_block_size=512",
                        "physical_block_size=512",
                        "zone_write_granularity=512",
                        "zone_append_max_bytes=262144",
                        "write_cache=write back",
                        "fua=1",
                        "dma_alignment=511",
                        "max_sectors_kb=1280",
                        "max_segments=128",
                        "discard_max_bytes=0",
                        "write_zeroes_max_bytes=0"));
    }

    @Test
    void scsiDebugWithLargePhysicalBlocks() throws IOException {
        assertEquals(
                "QueueFacts[disk=sdb, partition=false, model=HOST_MANAGED, logicalBlock=512, physicalBlock=4096, "
                        + "writeGranularity=4096, zoneBytes=134217728, maxOpen=16, maxActive=0, maxAppend=0, "
                        + "volatileCache=false, fua=false, dmaAlignment=4, maxTransfer=524288, maxSegments=2048, "
                        + "maxDiscard=0, maxWriteZeroes=33553920, readOnly=false]",
                facts(
                        "sdb",
                        "zoned=host-managed",
                        "chunk_sectors=262144",
                        "max_open_zones=16",
                        "max_active_zones=0",
                        "logical_block_size=512",
                        "physical_block_size=4096",
                        "zone_write_granularity=4096",
                        "zone_append_max_bytes=0",
                        "write_cache=write through",
                        "fua=0",
                        "dma_alignment=3",
                        "max_sectors_kb=512",
                        "max_segments=2048",
                        "discard_max_bytes=0",
                        "write_zeroes_max_bytes=33553920"));
    }

    @Test
    void hostAwareOnAKernelThatStillSaysSoAndHasFewAttributes() throws IOException {
        assertEquals(
                "QueueFacts[disk=sdc, partition=false, model=HOST_AWARE, logicalBlock=4096, physicalBlock=4096, "
                        + "writeGranularity=0, zoneBytes=268435456, maxOpen=0, maxActive=0, maxAppend=0, "
                        + "volatileCache=true, fua=false, dmaAlignment=4096, maxTransfer=524288, maxSegments=128, "
                        + "maxDiscard=0, maxWriteZeroes=0, readOnly=false]",
                facts(
                        "sdc",
                        "zoned=host-aware",
                        "chunk_sectors=524288",
                        "logical_block_size=4096",
                        "physical_block_size=4096",
                        "write_cache=write back"));
    }

    @Test
    void limitsBeyondAnIntAreNone() throws IOException {
        String facts = facts("nvme0n2", "zoned=host-managed", "max_open_zones=4294967295", "max_active_zones=14");
        assertEquals("maxOpen=0, maxActive=14,", facts.replaceAll(".*(maxOpen.*) maxAppend.*", "$1"));
    }

    @Test
    void nullBlkGetsWholeBlocksWhateverItSays() throws IOException {
        facts("nullb0", "zoned=host-managed", "logical_block_size=4096", "dma_alignment=1");
        Path proc = Files.createDirectories(root.resolve("proc"));
        Sysfs sysfs = new Sysfs(root, proc);
        Files.writeString(proc.resolve("devices"), """
                Character devices:
                  8 nullb

                Block devices:
                  8 sd
                254 nullb
                """);
        assertEquals(2, sysfs.facts(8L << 32 | 16).dmaAlignment());
        Files.writeString(proc.resolve("devices"), "Block devices:\n  8 nullb\n");
        assertEquals(4096, sysfs.facts(8L << 32 | 16).dmaAlignment());
    }

    @Test
    void aPartitionHasItsDisksQueueAndItsOwnReadOnly() throws IOException {
        facts("sdd", "zoned=none", "logical_block_size=512");
        Path part = Files.createDirectories(root.resolve("devices/block/sdd/sdd1"));
        Files.writeString(part.resolve("partition"), "1\n");
        Files.writeString(part.resolve("ro"), "1\n");
        Files.createSymbolicLink(root.resolve("dev/block/8:17"), part);
        QueueFacts facts = new Sysfs(root, root).facts(8L << 32 | 17);
        assertEquals(
                "sdd partition=true readOnly=true",
                facts.disk() + " partition=" + facts.partition() + " readOnly=" + facts.readOnly());
    }

    @Test
    void nonsenseIsNamedWithItsFile() throws IOException {
        IOException e = assertThrows(IOException.class, () -> facts("sde", "zoned=host-managed", "chunk_sectors=many"));
        assertEquals(
                root.toRealPath() + "/devices/block/sde/queue/chunk_sectors says 'many', which is no number",
                e.getMessage());
        Files.delete(root.resolve("dev/block/8:16"));
        e = assertThrows(IOException.class, () -> facts("sdf", "zoned=drive-managed"));
        assertEquals(
                root.toRealPath() + "/devices/block/sdf/queue/zoned says 'drive-managed', which is no zone model",
                e.getMessage());
    }

    @Test
    void aDeviceThatSysfsDoesNotKnow() {
        IOException e = assertThrows(IOException.class, () -> new Sysfs(root, root).facts(259L << 32 | 3));
        assertEquals(
                "the kernel's sysfs under " + root + " does not know block device 259:3; is sysfs mounted there?",
                e.getMessage());
    }
}
