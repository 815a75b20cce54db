package io.zonewright.vfiouser;

import io.zonewright.posix.UnixListener;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;

/**
 * How an endpoint listens.
 *
 * @param socket where
 * @param access mode and group of the socket
 * @param messageTimeout for the rest of a message that has begun, and for an answer to be taken: a client sends a message
 *     in one go
 * @param drainReport how long a device may take to come to rest before the log says what is waited for
 */
public record VfioUserOptions(Path socket, UnixListener.Options access, Duration messageTimeout, Duration drainReport) {
    public VfioUserOptions {
        Objects.requireNonNull(socket);
        Objects.requireNonNull(access);
    }

    /** For this user only, with time limits that no healthy peer meets. */
    public static VfioUserOptions at(Path socket) {
        return new VfioUserOptions(socket, UnixListener.Options.PRIVATE, Duration.ofSeconds(5), Duration.ofSeconds(10));
    }

    /** With another mode or group. */
    public VfioUserOptions withAccess(UnixListener.Options value) {
        return new VfioUserOptions(socket, value, messageTimeout, drainReport);
    }

    /** With another limit for messages. */
    public VfioUserOptions withMessageTimeout(Duration value) {
        return new VfioUserOptions(socket, access, value, drainReport);
    }
}
