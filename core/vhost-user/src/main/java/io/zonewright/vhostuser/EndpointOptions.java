package io.zonewright.vhostuser;

import io.zonewright.posix.UnixListener;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;

/**
 * How an endpoint listens.
 *
 * @param socket where
 * @param access mode and group of the socket
 * @param messageTimeout for the rest of a message that has begun, and for an answer to be taken: a hypervisor sends a
 *     message in one go
 * @param drainReport how long requests in flight may take before the log says what is waited for
 * @param lostRequestPatience how long to wait for requests of a queue whose handler failed in the middle
 */
public record EndpointOptions(
        Path socket,
        UnixListener.Options access,
        Duration messageTimeout,
        Duration drainReport,
        Duration lostRequestPatience) {
    public EndpointOptions {
        Objects.requireNonNull(socket);
        Objects.requireNonNull(access);
    }

    /** For this user only, with time limits that no healthy peer meets. */
    public static EndpointOptions at(Path socket) {
        return new EndpointOptions(
                socket,
                UnixListener.Options.PRIVATE,
                Duration.ofSeconds(5),
                Duration.ofSeconds(10),
                Duration.ofSeconds(10));
    }

    /** With another mode or group. */
    public EndpointOptions withAccess(UnixListener.Options value) {
        return new EndpointOptions(socket, value, messageTimeout, drainReport, lostRequestPatience);
    }

    /** With another limit for messages. */
    public EndpointOptions withMessageTimeout(Duration value) {
        return new EndpointOptions(socket, access, value, drainReport, lostRequestPatience);
    }

    /** With another patience for lost requests. */
    public EndpointOptions withLostRequestPatience(Duration value) {
        return new EndpointOptions(socket, access, messageTimeout, drainReport, value);
    }
}
