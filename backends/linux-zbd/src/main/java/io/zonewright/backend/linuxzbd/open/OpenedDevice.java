package io.zonewright.backend.linuxzbd.open;

import io.zonewright.posix.Fd;

/**
 * A device or file that is ours, and what is known about it.
 *
 * @param fd open for reading, and for writing unless {@code readOnly}
 * @param blockDevice whether it is a block device; else it is a regular file
 * @param number of the block device, {@code major << 32 | minor}; of a file's file system
 * @param deviceBytes usable size in bytes, a multiple of the logical block
 * @param readOnly whether it takes no writes: by the settings, or by the device's own word
 * @param direct whether reads and writes go past the page cache
 * @param facts the device's; of a file what can be said of it
 */
public record OpenedDevice(
        Fd fd, boolean blockDevice, long number, long deviceBytes, boolean readOnly, boolean direct, QueueFacts facts) {
    /** What does not need a descriptor. */
    public Surveyed surveyed() {
        return new Surveyed(blockDevice, deviceBytes, readOnly, facts);
    }
}
