package io.zonewright.runtime.peer;

import io.zonewright.api.config.Settings;
import io.zonewright.posix.Groups;
import io.zonewright.posix.UnixListener;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.OptionalInt;

/**
 * Where and for whom a front-end listens, checked: what {@link SocketKeys} ask for.
 *
 * @param path absolute
 * @param mode permission bits
 * @param gid -1: the process's own
 */
public record SocketSettings(Path path, int mode, int gid) {
    /** {@code sun_path} of unix(7) has 108 bytes, of which the last is zero. */
    private static final int MAX_BYTES = 107;

    private static final int OWN_GROUP = -1;

    /**
     * Reads the settings; what is wrong is reported, and replaced by something harmless.
     *
     * @param shorter an example of a path that is short enough
     */
    public static SocketSettings read(Settings settings, String shorter) {
        return new SocketSettings(path(settings, shorter), settings.mode(SocketKeys.SOCKET_MODE), group(settings));
    }

    /** Mode and group, as a listener takes them. */
    public UnixListener.Options access() {
        return UnixListener.Options.PRIVATE.withMode(mode).withGroup(gid);
    }

    private static Path path(Settings settings, String shorter) {
        Path socket = settings.path(SocketKeys.SOCKET);
        int bytes = socket.toString().getBytes(StandardCharsets.UTF_8).length;
        if (bytes > MAX_BYTES) {
            settings.problem(
                    SocketKeys.SOCKET,
                    "the path has " + bytes + " bytes, and a Unix socket's path at most " + MAX_BYTES,
                    "a shorter path, such as " + shorter);
        }
        return socket;
    }

    private static int group(Settings settings) {
        if (!settings.isSet(SocketKeys.SOCKET_GROUP)) {
            return OWN_GROUP;
        }
        String name = settings.text(SocketKeys.SOCKET_GROUP);
        OptionalInt number = Groups.SYSTEM.number(name);
        if (number.isEmpty()) {
            settings.problem(
                    SocketKeys.SOCKET_GROUP,
                    "there is no group \"" + name + "\" in /etc/group",
                    "the name of a group there, or a group's number");
            return OWN_GROUP;
        }
        return number.getAsInt();
    }
}
