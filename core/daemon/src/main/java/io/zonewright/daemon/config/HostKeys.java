package io.zonewright.daemon.config;

import io.zonewright.api.config.Key;
import io.zonewright.api.config.Key.Kind;
import java.util.List;

/** The keys that belong to the daemon itself; those under {@code backend} and {@code frontends} belong to plugins. */
public final class HostKeys {
    static final Key UUID = Key.of(
            "uuid",
            Kind.TEXT,
            "Who the device is: serial number and world-wide names derive from it, on every carrier. Left out, it is"
                    + " derived from the device's name, so it is the same after every restart.",
            "7c0f6a3e-3b5e-4a5c-9a51-0d6f0c8f2d11");

    static final Key ON_ERROR = Key.choice(
                    "on-error",
                    "What to do with a plugin that is broken, clashes with another or needs another version of the API:"
                            + " skip it with a message, or refuse to start.",
                    "skip",
                    "fatal")
            .withDefault("skip");

    /** Understood as a single directory or a list of them. */
    static final Key DIRS = Key.of(
            "dirs",
            Kind.PATH,
            "A directory, or a list of directories, with further plugins: each jar and each zip in it is one. They are"
                    + " searched after the plugins.d beside the program.",
            "/usr/local/lib/zonewright/plugins.d");

    static final Key SOCKET = Key.of(
            "socket",
            Kind.PATH,
            "Unix socket over which zones, stats, attach and devices ask the daemon; only its owner can use it."
                    + " Left out: zonewright/control.sock in $XDG_RUNTIME_DIR, else /run/zonewright/control.sock for"
                    + " root, else zonewright-USER/control.sock in the directory for temporary files.",
            "/run/zonewright/control.sock");

    static final Key BACKEND_TYPE =
            Key.of("type", Kind.TEXT, "Which medium holds the data; zonewright plugins lists them.", "null-zoned");

    static final Key FRONTEND_TYPE =
            Key.of("type", Kind.TEXT, "Which protocol the device speaks; zonewright plugins lists them.", "virtio-blk");

    static final Key TRANSPORT = Key.of(
            "transport",
            Kind.TEXT,
            "What carries the protocol. May be left out when the protocol has one carrier only.",
            "vhost-user");

    static final Key BACKEND = Key.section(
                    "backend", "The medium. Its other keys depend on its type.", BACKEND_TYPE.mandatory())
            .mandatory();

    static final Key FRONTENDS = Key.section(
                    "frontends",
                    "A list of endpoints; a device may have several at once, all see the same zones. The other keys"
                            + " depend on type and transport.",
                    FRONTEND_TYPE.mandatory(),
                    TRANSPORT)
            .mandatory();

    /** Everything above, as it nests in the file; {@code NAME} stands for a device's name. */
    public static final List<Key> ALL = List.of(
            Key.section(
                            "devices",
                            "The devices to serve, each under its name: lower-case letters, digits and hyphens, at most 63.",
                            Key.section("NAME", "One device.", UUID, BACKEND, FRONTENDS))
                    .mandatory(),
            Key.section("plugins", "Where further plugins are found.", DIRS, ON_ERROR),
            Key.section("control", "How the command line reaches the daemon.", SOCKET));

    private HostKeys() {}
}
