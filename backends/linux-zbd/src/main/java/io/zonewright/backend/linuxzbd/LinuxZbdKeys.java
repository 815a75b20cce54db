package io.zonewright.backend.linuxzbd;

import io.zonewright.api.config.Key;
import io.zonewright.api.config.Key.Kind;
import java.util.List;

/** The keys of {@code backend: { type: linux-zbd }}. */
final class LinuxZbdKeys {
    static final String PATH = "path";
    static final String MODEL = "model";
    static final String READ_ONLY = "read-only";
    static final String REPORTS = "reports";
    static final String DISCARD = "discard";
    static final String IO = "io";
    static final String QUEUE_DEPTH = "queue-depth";
    static final String THREADS = "threads";

    static final List<Key> ALL = List.of(
            Key.of(
                            PATH,
                            Kind.PATH,
                            "The block device, by a name that stays the same after a restart (/dev/disk/by-id/…); or with model: none a regular file. "
                                    + "It is opened for this daemon alone, and must not be mounted or in use. Read and write permission on the node is "
                                    + "all it takes, not root.",
                            "/dev/disk/by-id/wwn-0x5000c500a1b2c3d4")
                    .mandatory(),
            Key.choice(
                            MODEL,
                            "auto: a zoned device, host-managed or host-aware as the kernel says. none: an ordinary disk, that is a block device "
                                    + "without zones or a regular file. A path that is the other kind is refused, so that a mix-up of disks shows at once.",
                            "auto",
                            "none")
                    .withDefault("auto"),
            Key.of(
                            READ_ONLY,
                            Kind.FLAG,
                            "Whether the device refuses all writes and zone actions; read permission on the node is enough then.",
                            "true")
                    .withDefault("false"),
            Key.choice(
                            REPORTS,
                            "Where a host's zone report comes from. device: the disk, exact. cached: what the kernel remembers, and only the open and "
                                    + "closed zones from the disk; quick on disks with very many zones, but a zone that the disk made read-only or "
                                    + "offline by itself shows only when an access to it fails. Without effect before Linux 6.19 and with model: none.",
                            "device",
                            "cached")
                    .withDefault("device"),
            Key.choice(
                            DISCARD,
                            "What a discard by a client does on conventional zones and ordinary disks. zeroes: gives space back such that it reads as "
                                    + "zeroes, where the device can do that; else discards are not offered. trim: passes the discard on, whatever the range "
                                    + "reads as afterwards; only for clients that do not rely on zeroes. off: discards are not offered.",
                            "zeroes",
                            "trim",
                            "off")
                    .withDefault("zeroes"),
            Key.choice(
                            IO,
                            "How data is moved. io_uring: the kernel's asynchronous interface, an error where it is missing or forbidden. threads: "
                                    + "worker threads with blocking calls. auto: io_uring where it works, else threads, and the log says why.",
                            "auto",
                            "io_uring",
                            "threads")
                    .withDefault("auto"),
            Key.of(
                            QUEUE_DEPTH,
                            Kind.COUNT,
                            "Most reads and writes at the kernel at once, 1 to 4096; more wait in order. With io: threads it is the number of worker "
                                    + "threads, at most 64.",
                            "256")
                    .withDefault("128"),
            Key.of(
                            THREADS,
                            Kind.COUNT,
                            "Threads for what blocks in the kernel for long: zone actions, zone reports, discards, writes of zeroes. 1 to 64.",
                            "8")
                    .withDefault("4"));

    private LinuxZbdKeys() {}
}
