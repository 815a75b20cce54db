package io.zonewright.frontend.scsi.vhostuser;

import io.zonewright.api.config.Key;
import io.zonewright.api.config.Key.Kind;
import io.zonewright.runtime.peer.SocketKeys;
import java.util.List;
import java.util.stream.Stream;

/** The YAML keys of {@code type: scsi-zbc} for virtual machines. */
final class ScsiKeys {
    static final String LUN = "lun";
    static final String QUEUES = "queues";
    static final String QUEUE_SIZE = "queue-size";
    static final String THREADS = "threads";
    static final String SPIN = "spin";
    static final String URSWRZ = "urswrz";
    static final String PACKED = "packed";
    static final String DOORBELLS = "doorbells";

    static final String TRAPPED = "trapped";
    static final String MAPPED = "mapped";

    static final int MAX_QUEUES = 64;
    static final int MIN_QUEUE_SIZE = 8;
    static final int MAX_QUEUE_SIZE = 1024;

    /** Of {@code transport: vhost-user}. */
    static final List<Key> VHOST_USER = Stream.concat(
                    SocketKeys.of("/run/zonewright/archive-scsi.sock").stream(),
                    Stream.of(
                            Key.of(
                                            LUN,
                                            Kind.COUNT,
                                            "Logical unit number, 0 to 16383. Devices whose entries name the same socket are disks"
                                                    + " of one host bus adapter, each with a number of its own; their entries agree"
                                                    + " on everything but lun and urswrz.",
                                            "1")
                                    .withDefault("0"),
                            Key.of(
                                            QUEUES,
                                            Kind.COUNT,
                                            "Request queues, 1 to 64; the hypervisor must be given the same number. One per virtual"
                                                    + " CPU is the most that a Linux guest uses.",
                                            "4")
                                    .withDefault("1"),
                            Key.of(
                                            QUEUE_SIZE,
                                            Kind.COUNT,
                                            "Entries of each queue, a power of two from 8 to 1024; the hypervisor must be given the"
                                                    + " same number. Two less is the most segments of one command.",
                                            "512")
                                    .withDefault("256"),
                            Key.of(
                                            THREADS,
                                            Kind.COUNT,
                                            "Threads that serve the queues, 1 to the number of queues. More than one helps where"
                                                    + " several queues are busy and processors are free.",
                                            "2")
                                    .withDefault("1"),
                            Key.of(
                                            SPIN,
                                            Kind.DURATION,
                                            "Longest time that an idle thread polls for work before it sleeps, at most 10ms. Longer"
                                                    + " answers sooner and burns more processor time; 0us never polls.",
                                            "50us")
                                    .withDefault("20us"),
                            Key.of(
                                            URSWRZ,
                                            Kind.FLAG,
                                            "Unrestricted reads: reads may go past the write pointer, where they give zeroes, and"
                                                    + " across zones of one type. With false they are refused; Linux refuses such a"
                                                    + " disk.",
                                            "false")
                                    .withDefault("true"),
                            Key.of(
                                            PACKED,
                                            Kind.FLAG,
                                            "Whether packed rings are offered besides split ones; QEMU's vhost-user-scsi-pci takes"
                                                    + " them with packed=on. A client that connects again can go on with split"
                                                    + " rings, not with packed ones.",
                                            "true")
                                    .withDefault("false")))
            .toList();

    /** Of {@code transport: vfio-user}: the same, where the function itself tells how many queues there are. */
    static final List<Key> VFIO_USER = Stream.concat(
                    VHOST_USER.stream().map(ScsiKeys::forPci),
                    Stream.of(Key.choice(
                                    DOORBELLS,
                                    "How the threads learn of new requests: by a message each time (trapped), or from the rings alone"
                                            + " (mapped). trapped: the guest sends a message only when a thread sleeps. mapped: the"
                                            + " guest writes to a page that nobody reads, and a thread with a queue in use polls"
                                            + " without ever sleeping: the least delay, for a whole processor per thread.",
                                    TRAPPED,
                                    MAPPED)
                            .withDefault(TRAPPED)))
            .toList();

    private ScsiKeys() {}

    private static Key forPci(Key key) {
        return switch (key.name()) {
            case QUEUES ->
                Key.of(
                                QUEUES,
                                Kind.COUNT,
                                "Request queues, 1 to 64. One per virtual CPU is the most that a Linux guest uses.",
                                "4")
                        .withDefault("1");
            case QUEUE_SIZE ->
                Key.of(
                                QUEUE_SIZE,
                                Kind.COUNT,
                                "Entries of each queue, a power of two from 8 to 1024. Two less is the most segments of one"
                                        + " command.",
                                "512")
                        .withDefault("256");
            case PACKED ->
                Key.of(
                                PACKED,
                                Kind.FLAG,
                                "Whether packed rings are offered besides split ones; the guest's driver chooses.",
                                "false")
                        .withDefault("true");
            default -> key;
        };
    }
}
