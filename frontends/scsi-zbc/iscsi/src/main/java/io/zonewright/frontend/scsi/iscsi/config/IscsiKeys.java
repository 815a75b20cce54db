package io.zonewright.frontend.scsi.iscsi.config;

import io.zonewright.api.config.Key;
import io.zonewright.api.config.Key.Kind;
import java.util.List;

/** The YAML keys of {@code type: scsi-zbc, transport: iscsi}. */
public final class IscsiKeys {
    static final String LISTEN = "listen";
    static final String IQN = "iqn";
    static final String LUN = "lun";
    static final String ALIAS = "alias";
    static final String ADVERTISE = "advertise";
    static final String INITIATORS = "initiators";
    static final String CHAP = "chap";
    static final String CHAP_FILE = "file";
    static final String CHAP_USER = "user";
    static final String CHAP_SECRET = "secret";
    static final String CHAP_TARGET_USER = "target-user";
    static final String CHAP_TARGET_SECRET = "target-secret";
    static final String INSECURE = "insecure";
    static final String DIGESTS = "digests";
    static final String QUEUE_DEPTH = "queue-depth";
    static final String MAX_CONNECTIONS = "max-connections";
    static final String MAX_CONNECTIONS_PER_HOST = "max-connections-per-host";
    static final String THREADS = "threads";
    static final String SPIN = "spin";
    static final String URSWRZ = "urswrz";
    static final String MAX_TRANSFER = "max-transfer";

    static final int MAX_LUN = 255;
    static final int MAX_QUEUE_DEPTH = 1024;
    static final int MAX_THREADS = 64;
    static final int MAX_MAX_CONNECTIONS = 65_536;

    /** All of them. */
    public static final List<Key> ALL = List.of(
            Key.of(
                            LISTEN,
                            Kind.ADDRESS,
                            "Address and port to listen at, IPv4 or [IPv6]. Entries of several devices may name the same"
                                    + " one: they share the listener, its threads and its discovery. Other machines reach it"
                                    + " only if it is not a loopback address, which needs initiators, chap or insecure.",
                            "192.0.2.10:3260")
                    .withDefault("127.0.0.1:3260"),
            Key.of(
                    IQN,
                    Kind.TEXT,
                    "iSCSI name of the target (iqn, eui or naa), which initiators log in to. Entries of several devices"
                            + " with the same listen and iqn are logical units of one target. Without it:"
                            + " iqn.2026-11.io.zonewright: and the device's name.",
                    "iqn.2026-11.io.zonewright:archive"),
            Key.of(LUN, Kind.COUNT, "Number of the logical unit in the target, 0 to 255.", "1")
                    .withDefault("0"),
            Key.of(
                    ALIAS,
                    Kind.TEXT,
                    "Name of the target for people, which initiators may show. Without it: none.",
                    "Archive, rack 4"),
            Key.of(
                    ADVERTISE,
                    Kind.ADDRESS,
                    "Address and port that discovery tells initiators, for those behind a NAT. Without it: where the"
                            + " initiator reached the discovery.",
                    "198.51.100.7:3260"),
            Key.of(
                    INITIATORS,
                    Kind.TEXTS,
                    "iSCSI names of the initiators that may log in; others are refused and do not see the target in the"
                            + " discovery. Linux has its name in /etc/iscsi/initiatorname.iscsi. Names are not proof: for"
                            + " that there is chap. Without it: any initiator.",
                    "[\"iqn.1993-08.org.debian:01:4f2c9d0a1b\"]"),
            Key.section(
                    CHAP,
                    "Initiators prove who they are by CHAP, and the target too where they ask for it.",
                    Key.of(
                            CHAP_FILE,
                            Kind.PATH,
                            "File with a line per user: name, secret, and, if the initiator wants proof from us, our secret"
                                    + " and, if it is not the target's name, our own name. A user named like an initiator"
                                    + " (iqn…) is only that initiator. Lines that begin with # are left out. Nobody but its"
                                    + " owner may be able to read it.",
                            "/etc/zonewright/archive.secrets"),
                    Key.of(
                            CHAP_USER,
                            Kind.TEXT,
                            "Name of a user beside those in the file (node.session.auth.username).",
                            "backup"),
                    Key.of(
                            CHAP_SECRET,
                            Kind.TEXT,
                            "That user's secret, 12 to 255 characters; Windows takes at most 16. Better kept in the file.",
                            "twelve-or-more"),
                    Key.of(
                            CHAP_TARGET_USER,
                            Kind.TEXT,
                            "Our own name towards that user (node.session.auth.username_in). Without it: the iqn.",
                            "archive"),
                    Key.of(
                            CHAP_TARGET_SECRET,
                            Kind.TEXT,
                            "Our own secret towards that user, another than the user's.",
                            "another-dozen")),
            Key.of(
                            INSECURE,
                            Kind.FLAG,
                            "Whether to listen at an address that other machines reach although any initiator may log in.",
                            "true")
                    .withDefault("false"),
            Key.choice(
                            DIGESTS,
                            "Whether CRC32C checksums of headers and data are used: allow (as the initiator likes), off, or"
                                    + " require (an initiator that does not offer both is refused).",
                            "allow",
                            "off",
                            "require")
                    .withDefault("allow"),
            Key.of(QUEUE_DEPTH, Kind.COUNT, "How many commands of one session may be under way, 1 to 1024.", "256")
                    .withDefault("128"),
            Key.of(MAX_CONNECTIONS, Kind.COUNT, "Most connections of the listener at once.", "4096")
                    .withDefault("1024"),
            Key.of(
                            MAX_CONNECTIONS_PER_HOST,
                            Kind.COUNT,
                            "Most connections from one address. Initiators behind one NAT share an address.",
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
                    .withDefault("20us"),
            Key.of(
                            URSWRZ,
                            Kind.FLAG,
                            "Whether reads of sequential zones may go above the write pointer (zeroes there) and across"
                                    + " zones. Linux refuses zoned disks that say no.",
                            "false")
                    .withDefault("true"),
            Key.of(MAX_TRANSFER, Kind.SIZE, "Longest read, write or verify of one command, 64KiB to 32MiB.", "4MiB")
                    .withDefault("16MiB"));

    private IscsiKeys() {}
}
