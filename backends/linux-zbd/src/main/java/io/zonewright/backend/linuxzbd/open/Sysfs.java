package io.zonewright.backend.linuxzbd.open;

import io.zonewright.api.zone.ZoneModel;
import io.zonewright.backend.linuxzbd.kernel.Sectors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Block devices in sysfs (Linux, Documentation/ABI/stable/sysfs-block). A number that is not one, or does not fit, is an
 * error with the file's name; a file that is missing is not.
 */
public final class Sysfs {
    private static final int MIN_BLOCK = 512;
    private static final long DEFAULT_TRANSFER = 512 << 10;
    private static final int DEFAULT_SEGMENTS = 128;

    /**
     * null_blk of Linux 7.3 announces an alignment of 2 bytes, but keeps account of what is written by blocks: a read in
     * pieces of memory that are not whole blocks finds nothing for those that start inside one, and gives zeroes.
     */
    private static final String NEEDS_WHOLE_BLOCKS = "nullb";

    private final Path root;
    private final Path devices;

    /**
     * @param root where sysfs is mounted
     * @param proc where proc is mounted
     */
    public Sysfs(Path root, Path proc) {
        this.root = root;
        devices = proc.resolve("devices");
    }

    /**
     * Where the device's attributes are, symbolic links followed.
     *
     * @param number {@code major << 32 | minor}
     */
    public Optional<Path> directory(long number) {
        try {
            return Optional.of(root.resolve("dev/block/" + (number >>> 32) + ":" + (int) number)
                    .toRealPath());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** The device's size; 0 if the kernel does not know it. */
    public long deviceBytes(long number) throws IOException {
        Optional<Path> device = directory(number);
        return device.isEmpty() ? 0 : Sectors.toBytes(number(device.get(), "size"));
    }

    /** Whether the kernel still knows the device. */
    public boolean knows(long number) {
        return directory(number).isPresent();
    }

    /**
     * Everything about one device.
     *
     * @throws IOException if the kernel does not know it, or says something that cannot be
     */
    public QueueFacts facts(long number) throws IOException {
        Path device = directory(number)
                .orElseThrow(() -> new IOException("the kernel's sysfs under " + root + " does not know block device "
                        + (number >>> 32) + ":" + (int) number + "; is sysfs mounted there?"));
        boolean partition = Files.exists(device.resolve("partition"));
        Path disk = partition ? device.getParent() : device;
        if (disk == null) {
            throw new IOException(device + " is a partition of nothing");
        }
        Path queue = disk.resolve("queue");
        int block = size(queue, "logical_block_size", MIN_BLOCK);
        long transfer = number(queue, "max_sectors_kb") << 10;
        int segments = size(queue, "max_segments", 0);
        return new QueueFacts(
                String.valueOf(disk.getFileName()),
                partition,
                model(queue),
                block,
                size(queue, "physical_block_size", block),
                size(queue, "zone_write_granularity", 0),
                Sectors.toBytes(number(queue, "chunk_sectors")),
                count(queue, "max_open_zones"),
                count(queue, "max_active_zones"),
                number(queue, "zone_append_max_bytes"),
                text(queue, "write_cache").equals("write back"),
                number(queue, "fua") != 0,
                alignment(queue, number, block),
                transfer == 0 ? DEFAULT_TRANSFER : transfer,
                segments == 0 ? DEFAULT_SEGMENTS : segments,
                number(queue, "discard_max_bytes"),
                number(queue, "write_zeroes_max_bytes"),
                number(device, "ro") != 0 || number(disk, "ro") != 0);
    }

    /** Before Linux 6.0 there was no such file, and addresses had to be a multiple of the block. */
    private int alignment(Path queue, long number, int block) throws IOException {
        int said = size(queue, "dma_alignment", block - 1) + 1;
        return driver(number).equals(NEEDS_WHOLE_BLOCKS) ? Math.max(said, block) : said;
    }

    /** The block driver's name in /proc/devices; empty where that does not tell. */
    private String driver(long number) {
        String major = Long.toString(number >>> 32);
        try {
            boolean block = false;
            for (String line : Files.readAllLines(devices)) {
                block |= line.startsWith("Block devices");
                String[] words = line.strip().split(" +", 2);
                if (block && words.length == 2 && words[0].equals(major)) {
                    return words[1];
                }
            }
        } catch (IOException e) {
            return "";
        }
        return "";
    }

    private static ZoneModel model(Path queue) throws IOException {
        String zoned = text(queue, "zoned");
        return switch (zoned) {
            case "", "none" -> ZoneModel.NONE;
            case "host-managed" -> ZoneModel.HOST_MANAGED;
            case "host-aware" -> ZoneModel.HOST_AWARE;
            default -> throw new IOException(queue.resolve("zoned") + " says '" + zoned + "', which is no zone model");
        };
    }

    /** Limits on zones: what is more than an int is no limit. */
    private static int count(Path directory, String file) throws IOException {
        long value = number(directory, file);
        return value > Integer.MAX_VALUE ? 0 : (int) value;
    }

    private static int size(Path directory, String file, int missing) throws IOException {
        if (text(directory, file).isEmpty()) {
            return missing;
        }
        long value = number(directory, file);
        if (value >= 1 << 30) {
            throw new IOException(directory.resolve(file) + " says " + value + ", which cannot be");
        }
        return (int) value;
    }

    private static long number(Path directory, String file) throws IOException {
        String text = text(directory, file);
        if (text.isEmpty()) {
            return 0;
        }
        try {
            return Math.min(Long.parseUnsignedLong(text) & Long.MAX_VALUE, Long.MAX_VALUE >> 10);
        } catch (NumberFormatException e) {
            throw new IOException(directory.resolve(file) + " says '" + text + "', which is no number", e);
        }
    }

    /** The file's one line; empty if there is no such file. */
    static String text(Path directory, String file) throws IOException {
        Path path = directory.resolve(file);
        return Files.exists(path) ? Files.readString(path).strip() : "";
    }
}
