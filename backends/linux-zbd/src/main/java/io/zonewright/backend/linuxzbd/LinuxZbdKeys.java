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
                            "Whether the device has zones: auto is a zoned one, host-managed or host-aware as the kernel says; none is an "
                                    + "ordinary disk, a block device without zones or a regular file. A path that is the other kind is refused, so that a mix-up of disks shows at once.",
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
                            "Where a client's zone report comes from: the disk itself (device), or what the kernel remembers (cached). The latter "
                                    + "asks the disk for open and closed zones only, and is quick on disks with very many zones; but a zone that the disk made read-only or "
                                    + "offline by itself shows only when an access to it fails. Without effect before Linux 6.19 and with model: none.",
                            "device",
                            "cached")
                    .withDefault("device"),
            Key.choice(
                            DISCARD,
                            "What a client's discard becomes on conventional zones and ordinary disks: space given back that reads as zeroes "
                                    + "(zeroes), or as whatever the disk makes of it (trim), or discards are not offered (off). A disk that cannot give "
                                    + "space back as zeroes offers none with zeroes. trim is only for clients that do not rely on zeroes.",
                            "zeroes",
                            "trim",
                            "off")
                    .withDefault("zeroes"),
            Key.choice(
                            IO,
                            "How data is moved: by the kernel's asynchronous interface (io_uring), by worker threads with blocking calls (threads), "
                                    + "or by io_uring where it works and threads elsewhere (auto). With io_uring, a kernel that has none or forbids it is "
                                    + "an error.",
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
