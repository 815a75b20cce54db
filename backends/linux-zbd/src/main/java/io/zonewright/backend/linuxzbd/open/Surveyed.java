package io.zonewright.backend.linuxzbd.open;

/**
 * What can be said of a device or file without opening it.
 *
 * @param blockDevice whether it is a block device; else it is a regular file
 * @param deviceBytes usable size in bytes, a multiple of the logical block
 * @param readOnly whether it takes no writes: by the settings, or by the device's own word
 * @param facts the device's; of a file what can be said of it
 */
public record Surveyed(boolean blockDevice, long deviceBytes, boolean readOnly, QueueFacts facts) {}
