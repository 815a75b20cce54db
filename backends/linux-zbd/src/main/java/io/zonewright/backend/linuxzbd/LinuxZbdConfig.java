package io.zonewright.backend.linuxzbd;

import java.nio.file.Path;

/**
 * Settings that were checked.
 *
 * @param device name of the device, for threads and messages
 * @param path of the block device or file, absolute
 * @param zoned whether it must be a zoned device; if not, it must be none
 * @param cachedReports whether hosts' reports may come from the kernel's memory
 * @param queueDepth most reads and writes at the kernel at once
 * @param threads for zone actions and the like
 */
public record LinuxZbdConfig(
        String device,
        Path path,
        boolean zoned,
        boolean readOnly,
        boolean cachedReports,
        DiscardMode discard,
        IoMode io,
        int queueDepth,
        int threads) {

    /** What a client's discard becomes. */
    public enum DiscardMode {
        /** Space goes back and reads as zeroes. */
        ZEROES,
        /** Space goes back and reads as it likes. */
        TRIM,
        /** Not offered. */
        OFF
    }

    /** How data moves. */
    public enum IoMode {
        AUTO,
        IO_URING,
        THREADS
    }
}
