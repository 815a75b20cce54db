package io.zonewright.frontend.nvme.vfiouser;

import io.zonewright.api.config.Key;
import io.zonewright.api.config.Key.Kind;
import io.zonewright.runtime.peer.SocketKeys;
import java.util.List;
import java.util.stream.Stream;

/** The YAML keys of {@code type: nvme-zns, transport: vfio-user}. */
final class NvmeVfioUserKeys {
    static final String NQN = "nqn";
    static final String QUEUES = "queues";
    static final String QUEUE_SIZE = "queue-size";
    static final String THREADS = "threads";
    static final String SPIN = "spin";
    static final String DOORBELLS = "doorbells";

    static final String TRAPPED = "trapped";
    static final String MAPPED = "mapped";

    static final int MAX_QUEUES = 64;
    static final int MIN_QUEUE_SIZE = 2;
    static final int MAX_QUEUE_SIZE = 4096;

    static final List<Key> ALL = Stream.concat(
                    SocketKeys.of("/run/zonewright/archive-nvme.sock").stream(),
                    Stream.of(
                            Key.of(
                                    NQN,
                                    Kind.TEXT,
                                    "NVMe Qualified Name of the subsystem, at most 223 bytes. Without it:"
                                            + " nqn.2026-11.io.zonewright: and the device's name.",
                                    "nqn.2026-11.io.zonewright:archive"),
                            Key.of(
                                            QUEUES,
                                            Kind.COUNT,
                                            "I/O queue pairs that the driver may make, 1 to 64. One per virtual CPU is the most that a"
                                                    + " Linux guest uses.",
                                            "8")
                                    .withDefault("4"),
                            Key.of(
                                            QUEUE_SIZE,
                                            Kind.COUNT,
                                            "Most entries of an I/O queue, 2 to 4096; the driver chooses. Linux takes 1024 at most.",
                                            "256")
                                    .withDefault("1024"),
                            Key.of(
                                            THREADS,
                                            Kind.COUNT,
                                            "Threads that serve the queues, 1 to the number of queues. More than one helps where several"
                                                    + " queues are busy and processors are free.",
                                            "2")
                                    .withDefault("1"),
                            Key.of(
                                            SPIN,
                                            Kind.DURATION,
                                            "Longest time that an idle thread polls for work before it sleeps, at most 10ms. Longer answers"
                                                    + " sooner and burns more processor time; 0us never polls.",
                                            "50us")
                                    .withDefault("20us"),
                            Key.choice(
                                            DOORBELLS,
                                            "How the threads learn of new commands: by a message each time (trapped), or from memory that the driver"
                                                    + " shares (mapped). trapped: a driver that keeps shadow doorbells, as Linux does, sends a"
                                                    + " message only when a thread sleeps. mapped: the driver writes without any exit, and the"
                                                    + " threads look there for as long as the controller runs, in naps of at most 1 ms when"
                                                    + " nothing happens.",
                                            TRAPPED,
                                            MAPPED)
                                    .withDefault(TRAPPED)))
            .toList();

    private NvmeVfioUserKeys() {}
}
