package io.zonewright.runtime.peer;

import io.zonewright.api.config.Key;
import io.zonewright.api.config.Key.Kind;
import java.util.List;

/** The YAML keys of every front-end that listens at a Unix socket; {@link SocketSettings} reads them. */
public final class SocketKeys {
    public static final String SOCKET = "socket";
    public static final String SOCKET_MODE = "socket-mode";
    public static final String SOCKET_GROUP = "socket-group";

    private SocketKeys() {}

    /**
     * The three keys.
     *
     * @param example path of a socket, for the reference
     */
    public static List<Key> of(String example) {
        return List.of(
                Key.of(
                                SOCKET,
                                Kind.PATH,
                                "The Unix socket that the hypervisor connects to. A socket left behind by a dead process is"
                                        + " replaced, a live one refused. At most 107 bytes.",
                                example)
                        .mandatory(),
                Key.of(
                                SOCKET_MODE,
                                Kind.MODE,
                                "Who may connect, as permission bits of the socket; connecting needs write permission.",
                                "0660")
                        .withDefault("0600"),
                Key.of(
                        SOCKET_GROUP,
                        Kind.TEXT,
                        "Group of the socket, a name in /etc/group or a number, for a hypervisor that runs as another user;"
                                + " give it access with socket-mode 0660. Without it: the daemon's own group.",
                        "kvm"));
    }
}
