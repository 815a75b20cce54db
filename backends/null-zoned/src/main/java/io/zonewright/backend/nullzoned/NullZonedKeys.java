package io.zonewright.backend.nullzoned;

import io.zonewright.api.config.Key;
import io.zonewright.api.config.Key.Kind;
import java.util.List;

/** Every key of {@code backend: { type: null-zoned }}, as {@code zonewright explain} prints it. */
final class NullZonedKeys {
    static final String MODEL = "model";
    static final String SIZE = "size";
    static final String ZONE_SIZE = "zone-size";
    static final String ZONE_CAPACITY = "zone-capacity";
    static final String CONVENTIONAL_ZONES = "conventional-zones";
    static final String BLOCK_SIZE = "block-size";
    static final String WRITE_GRANULARITY = "write-granularity";
    static final String MAX_OPEN = "max-open";
    static final String MAX_ACTIVE = "max-active";
    static final String MAX_APPEND = "max-append";
    static final String EXTENSION = "zone-descriptor-extension";
    static final String AREA = "random-write-area";
    static final String AREAS = "random-write-areas";
    static final String AREA_FLUSH = "random-write-flush";
    static final String ZONE_RULES = "zone-rules";
    static final String READ_ONLY = "read-only";
    static final String INITIAL_ZONES = "initial-zones";
    static final String FULL = "full";
    static final String OFFLINE = "offline";
    static final String CLOSED = "closed";
    static final String CLOSED_BYTES = "closed-bytes";
    static final String DATA = "data";
    static final String MAX_MEMORY = "max-memory";
    static final String HUGE_PAGES = "huge-pages";
    static final String LATENCY = "latency";

    /** What says nothing about a device without zones. */
    static final List<String> ZONED_ONLY = List.of(
            ZONE_SIZE,
            ZONE_CAPACITY,
            CONVENTIONAL_ZONES,
            WRITE_GRANULARITY,
            MAX_OPEN,
            MAX_ACTIVE,
            MAX_APPEND,
            EXTENSION,
            AREA,
            AREAS,
            AREA_FLUSH,
            ZONE_RULES,
            INITIAL_ZONES);

    static final List<Key> ALL = List.of(
            Key.choice(
                            MODEL,
                            "How the device wants to be written: host-managed zones take writes at their write pointer only; "
                                    + "host-aware zones prefer that (Linux treats such a disk as an ordinary one); none is an ordinary disk without zones.",
                            "host-managed",
                            "host-aware",
                            "none")
                    .withDefault("host-managed"),
            Key.of(
                            SIZE,
                            Kind.SIZE,
                            "Size of the whole device, conventional zones included. Memory is used for written data only, so this may be far "
                                    + "more than the machine has. If it is not a multiple of zone-size, the last zone is smaller.",
                            "16TiB")
                    .withDefault("64GiB"),
            Key.of(
                            ZONE_SIZE,
                            Kind.SIZE,
                            "Distance between the starts of two zones. Linux wants a power of two; a multiple of 2MiB lets huge-pages work.",
                            "256MiB")
                    .withDefault("256MiB"),
            Key.of(
                    ZONE_CAPACITY,
                    Kind.SIZE,
                    "How much of each sequential zone can be written, from its start; at most zone-size. The rest reads as zero. A smaller "
                            + "last zone has its own size, if that is less. Default: zone-size.",
                    "192MiB"),
            Key.of(
                            CONVENTIONAL_ZONES,
                            Kind.COUNT,
                            "How many zones, counted from the first, are conventional: written anywhere, in any order. f2fs and XFS want some.",
                            "4")
                    .withDefault("0"),
            Key.of(BLOCK_SIZE, Kind.SIZE, "Logical block, the unit of every request: 512 or 4KiB.", "4KiB")
                    .withDefault("4KiB"),
            Key.of(
                    WRITE_GRANULARITY,
                    Kind.SIZE,
                    "Unit and alignment of writes to sequential zones (the physical block): a power of two from block-size to 1MiB. Default: block-size.",
                    "4KiB"),
            Key.of(
                            MAX_OPEN,
                            Kind.COUNT,
                            "Most zones open at once, implicitly and explicitly; 0 for no limit. A write beyond it closes an implicitly open zone if "
                                    + "there is one, else fails. f2fs wants at least 6.",
                            "14")
                    .withDefault("0"),
            Key.of(
                            MAX_ACTIVE,
                            Kind.COUNT,
                            "Most zones active at once, that is open, or closed and partly written; 0 for no limit. Not below max-open. btrfs wants "
                                    + "at least 8.",
                            "28")
                    .withDefault("0"),
            Key.of(
                    MAX_APPEND,
                    Kind.SIZE,
                    "Longest zone append, a multiple of write-granularity, at most zone-capacity; 0: no appends, which Linux's virtio-blk driver "
                            + "refuses. Host-managed devices only. Default: 1MiB, or zone-capacity if that is less.",
                    "512KiB"),
            Key.of(
                    EXTENSION,
                    Kind.SIZE,
                    "Descriptor extension that a host may set for each empty zone and read with a zone report (nvme-zns only): a multiple of 64B up to "
                            + "16320B, 0 for none, at most 64MiB for all zones. Takes memory for zones that have one. Host-managed devices only. "
                            + "Default: 64B, or 0 with more than 1048576 zones.",
                    "64B"),
            Key.of(
                            AREA,
                            Kind.SIZE,
                            "Random write area (nvme-zns: ZRWA) of a zone that is opened with one: so much from the write pointer on can be written in "
                                    + "any order, and again. A multiple of random-write-flush, at most 65535 blocks and zone-capacity; 0 for none. "
                                    + "Host-managed devices only.",
                            "64KiB")
                    .withDefault("0"),
            Key.of(
                    AREAS,
                    Kind.COUNT,
                    "Most zones with a random write area at once, at least 1. Default: max-active, or the number of sequential zones without it.",
                    "4"),
            Key.of(
                    AREA_FLUSH,
                    Kind.SIZE,
                    "The write pointer of a zone with a random write area moves in multiples of this, itself a multiple of write-granularity that "
                            + "divides zone-capacity. Default: write-granularity.",
                    "16KiB"),
            Key.choice(
                            ZONE_RULES,
                            "Which standard's state machine the zones follow, through every front-end: after opening and closing a zone in which "
                                    + "nothing was written, zbc says empty, zns says closed. auto: zns if all front-ends are nvme-zns, else zbc.",
                            "auto",
                            "zbc",
                            "zns")
                    .withDefault("auto"),
            Key.of(READ_ONLY, Kind.FLAG, "Whether the device refuses all writes and zone actions.", "true")
                    .withDefault("false"),
            Key.section(
                    INITIAL_ZONES,
                    "Sequential zones that do not start empty, to try what software does with them. Each zone in one list only.",
                    Key.of(
                            FULL,
                            Kind.ZONES,
                            "Zones that start full; they read as zero until reset and written.",
                            "[4, 8-11]"),
                    Key.of(READ_ONLY, Kind.ZONES, "Zones that can be read only, for ever.", "[12]"),
                    Key.of(OFFLINE, Kind.ZONES, "Zones that can be neither read nor written, for ever.", "[13-15]"),
                    Key.of(
                            CLOSED,
                            Kind.ZONES,
                            "Zones that start closed and partly written, as after a power loss. Each takes an active resource.",
                            "[16, 17]"),
                    Key.of(
                            CLOSED_BYTES,
                            Kind.SIZE,
                            "How far the closed zones are written: a multiple of write-granularity below zone-capacity. Default: one write-granularity.",
                            "64KiB")),
            Key.choice(
                            DATA,
                            "keep: what is written can be read, and takes memory until its zone is reset. discard: what is written is forgotten and "
                                    + "reads as zero, to measure everything but the medium.",
                            "keep",
                            "discard")
                    .withDefault("keep"),
            Key.of(
                    MAX_MEMORY,
                    Kind.SIZE,
                    "Most memory for data, at least 2MiB; a write beyond it fails for want of space, until a zone is reset. Counted in pieces as "
                            + "large as a zone's size allows, up to 2MiB. Without it, the kernel ends the whole daemon when the machine runs out of memory.",
                    "8GiB"),
            Key.of(
                            HUGE_PAGES,
                            Kind.FLAG,
                            "Whether sequential zones use huge pages, where the kernel allows them and zone-size is a multiple of 2MiB: first writes and "
                                    + "resets are several times faster, each zone with data takes up to 2MiB more.",
                            "false")
                    .withDefault("true"),
            Key.section(
                    LATENCY,
                    "Makes the device as slow as a real one: a request completes this much after its data was moved, while others go on. At most "
                            + "1h each; accurate to about 0.1ms.",
                    latency(Lane.READ, "Reads.", "80us"),
                    latency(Lane.WRITE, "Writes and appends.", "20us"),
                    latency(Lane.FLUSH, "Flushes.", "1ms"),
                    latency(Lane.DISCARD, "Discards and writes of zeroes.", "100us"),
                    latency(Lane.RESET, "Zone resets.", "3ms"),
                    latency(Lane.FINISH, "Zone finishes.", "1ms")));

    private NullZonedKeys() {}

    private static Key latency(Lane lane, String what, String example) {
        return Key.of(lane.key(), Kind.DURATION, what, example).withDefault("0ms");
    }
}
