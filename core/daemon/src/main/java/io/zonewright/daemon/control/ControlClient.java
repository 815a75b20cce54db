package io.zonewright.daemon.control;

import io.zonewright.daemon.control.ControlException.Code;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Asks a running daemon. For one thread. */
public final class ControlClient implements AutoCloseable {
    private final SocketChannel channel;
    private final Lines lines;

    private ControlClient(SocketChannel channel) {
        this.channel = channel;
        this.lines = new Lines(channel, ControlProtocol.MAX_ANSWER);
    }

    /**
     * Connects to the daemon that listens at {@code path}.
     *
     * @throws DaemonUnreachableException if none does
     */
    public static ControlClient connect(Path path) throws DaemonUnreachableException {
        try {
            ControlSocket.checkLength(path);
            SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
            try {
                channel.connect(UnixDomainSocketAddress.of(path));
                return new ControlClient(channel);
            } catch (IOException e) {
                channel.close();
                throw e;
            }
        } catch (IOException e) {
            throw new DaemonUnreachableException(
                    "no daemon answers at " + path + " (" + e.getMessage()
                            + "); start one with zonewright serve, or name its socket with --control",
                    e);
        }
    }

    /**
     * Sends one request and returns the answer.
     *
     * @param fields of the request, beside its command
     * @throws ControlException if the daemon answers with an error
     * @throws DaemonUnreachableException if it goes away instead
     */
    public Map<String, @Nullable Object> ask(String command, Map<String, ?> fields)
            throws ControlException, DaemonUnreachableException {
        Map<String, @Nullable Object> request = new LinkedHashMap<>();
        request.put("version", ControlProtocol.VERSION);
        request.put("command", command);
        request.putAll(fields);
        try {
            lines.write(Json.write(request));
            Optional<String> line = lines.read();
            if (line.isPresent() && Json.parse(line.get()) instanceof Map<?, ?> answer) {
                return result(answer);
            }
            throw new IOException(line.isPresent() ? "it answered with something else" : "it hung up");
        } catch (IOException e) {
            throw new DaemonUnreachableException("the daemon did not answer: " + e.getMessage(), e);
        }
    }

    private static Map<String, @Nullable Object> result(Map<?, ?> answer) throws ControlException, IOException {
        if (answer.get("error") instanceof Map<?, ?> error) {
            throw new ControlException(code(String.valueOf(error.get("code"))), String.valueOf(error.get("message")));
        }
        if (answer.get("result") instanceof Map<?, ?> result) {
            Map<String, @Nullable Object> copy = new LinkedHashMap<>();
            result.forEach((name, value) -> copy.put(String.valueOf(name), value));
            return copy;
        }
        throw new IOException("it answered with something else");
    }

    private static Code code(String word) {
        try {
            return Code.valueOf(word.toUpperCase(Locale.ROOT).replace('-', '_'));
        } catch (IllegalArgumentException e) {
            return Code.INTERNAL; // a newer daemon's code
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
