package io.zonewright.frontend.nvme.tcp;

import io.zonewright.api.config.Key;
import io.zonewright.api.config.Key.Kind;
import java.util.List;

/** The YAML keys of {@code type: nvme-zns, transport: tcp}. */
final class NvmeTcpKeys {
    static final String LISTEN = "listen";
    static final String NQN = "nqn";
    static final String ADVERTISE = "advertise";
    static final String HOSTS = "hosts";
    static final String DHCHAP = "dhchap";
    static final String DHCHAP_FILE = "file";
    static final String DHCHAP_SECRET = "secret";
    static final String DHCHAP_CONTROLLER_SECRET = "controller-secret";
    static final String INSECURE = "insecure";
    static final String QUEUES = "queues";
    static final String QUEUE_SIZE = "queue-size";
    static final String DIGESTS = "digests";
    static final String MAX_CONNECTIONS = "max-connections";
    static final String MAX_CONNECTIONS_PER_HOST = "max-connections-per-host";
    static final String THREADS = "threads";
    static final String SPIN = "spin";

    static final int MAX_QUEUES = 128;
    static final int MIN_QUEUE_SIZE = 2;
    static final int MAX_QUEUE_SIZE = 1024;
    static final int MAX_THREADS = 64;
    static final int MAX_MAX_CONNECTIONS = 65_536;

    static final List<Key> ALL = List.of(
            Key.of(
                            LISTEN,
                            Kind.ADDRESS,
                            "Address and port to listen at, IPv4 or [IPv6]. Entries of several devices may name the same"
                                    + " one: they share the listener, its threads and its discovery service. Other machines"
                                    + " reach it only if it is not a loopback address, which needs hosts, dhchap or insecure.",
                            "192.0.2.10:4420")
                    .withDefault("127.0.0.1:4420"),
            Key.of(
                    NQN,
                    Kind.TEXT,
                    "NVMe Qualified Name of the device's subsystem, which hosts connect to. Without it:"
                            + " nqn.2026-11.io.zonewright: and the device's name.",
                    "nqn.2026-11.io.zonewright:archive"),
            Key.of(
                    ADVERTISE,
                    Kind.ADDRESS,
                    "Address and port that the discovery service tells hosts, for those behind a NAT. Without it: where the"
                            + " host reached the discovery service.",
                    "198.51.100.7:4420"),
            Key.of(
                    HOSTS,
                    Kind.TEXTS,
                    "NQNs of the hosts that may connect; others are refused and do not see the device in the discovery"
                            + " service. A host's name is in its /etc/nvme/hostnqn. Names are not proof: for that there is"
                            + " dhchap. Without it: any host.",
                    "[\"nqn.2014-08.org.nvmexpress:uuid:6d1e2f0a-0000-4000-8000-000000000001\"]"),
            Key.section(
                    DHCHAP,
                    "Hosts prove who they are by DH-HMAC-CHAP, on every queue. Secrets are made by nvme gen-dhchap-key.",
                    Key.of(
                            DHCHAP_FILE,
                            Kind.PATH,
                            "File with a line per host: its NQN, its secret, and, if the host wants proof from us"
                                    + " (dhchap_ctrl_secret), our secret. Lines that begin with # are left out. Nobody but"
                                    + " its owner may be able to read it.",
                            "/etc/zonewright/archive.secrets"),
                    Key.of(
                            DHCHAP_SECRET,
                            Kind.TEXT,
                            "Secret of every host that the file does not name. Better kept in the file.",
                            "DHHC-1:00:…:"),
                    Key.of(
                            DHCHAP_CONTROLLER_SECRET,
                            Kind.TEXT,
                            "Our own secret towards hosts that the file does not name.",
                            "DHHC-1:00:…:")),
            Key.of(
                            INSECURE,
                            Kind.FLAG,
                            "Whether to listen at an address that other machines reach although any host may connect.",
                            "true")
                    .withDefault("false"),
            Key.of(
                            QUEUES,
                            Kind.COUNT,
                            "Most I/O queues of one host, 1 to 128, each a TCP connection. Linux uses one per CPU.",
                            "8")
                    .withDefault("16"),
            Key.of(
                            QUEUE_SIZE,
                            Kind.COUNT,
                            "Most entries of an I/O queue, 2 to 1024: how many commands may be under way in each.",
                            "256")
                    .withDefault("128"),
            Key.choice(
                            DIGESTS,
                            "Whether checksums of headers and data are used where a host asks for them (hdr-digest,"
                                    + " data-digest): allow, or off.",
                            "allow",
                            "off")
                    .withDefault("allow"),
            Key.of(
                            MAX_CONNECTIONS,
                            Kind.COUNT,
                            "Most connections of the listener at once; a host needs one more than it uses queues.",
                            "4096")
                    .withDefault("1024"),
            Key.of(
                            MAX_CONNECTIONS_PER_HOST,
                            Kind.COUNT,
                            "Most connections from one address. Hosts behind one NAT share an address.",
                            "512")
                    .withDefault("256"),
            Key.of(THREADS, Kind.COUNT, "Threads that serve the listener's connections, 1 to 64.", "2")
                    .withDefault("1"),
            Key.of(
                            SPIN,
                            Kind.DURATION,
                            "Longest time that an idle thread polls for work before it sleeps, at most 10ms. Longer answers"
                                    + " sooner and burns more processor time; 0us never polls.",
                            "50us")
                    .withDefault("20us"));

    private NvmeTcpKeys() {}
}
