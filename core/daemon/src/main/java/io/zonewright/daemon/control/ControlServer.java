package io.zonewright.daemon.control;

import static io.zonewright.daemon.control.ControlCommands.map;

import io.zonewright.daemon.control.ControlException.Code;
import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers clients of the control socket, each on a virtual thread of its own. */
public final class ControlServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ControlServer.class);
    private static final int MAX_CLIENTS = 32;

    /** A client that says nothing for so long, or does not take its answer, is cut off. */
    private static final Duration IDLE_LIMIT = Duration.ofSeconds(60);

    private final Path path;
    private final ServerSocketChannel listener;
    private final Object fileKey;
    private final ControlCommands commands;
    private final Duration idleLimit;
    private final ConcurrentMap<SocketChannel, Long> clients = new ConcurrentHashMap<>();

    private ControlServer(Path path, ControlSocket.Listening listening, ControlCommands commands, Duration idleLimit) {
        this.path = path;
        this.listener = listening.channel();
        this.fileKey = listening.fileKey();
        this.commands = commands;
        this.idleLimit = idleLimit;
    }

    /**
     * Listens at {@code path}.
     *
     * @throws IOException with a message for the user
     */
    public static ControlServer start(Path path, ControlCommands commands) throws IOException {
        return start(path, commands, IDLE_LIMIT);
    }

    static ControlServer start(Path path, ControlCommands commands, Duration idleLimit) throws IOException {
        ControlServer server = new ControlServer(path, ControlSocket.listen(path), commands, idleLimit);
        Thread.ofVirtual().name("control-accept").start(server::accept);
        Thread.ofVirtual().name("control-idle").start(server::cutIdle);
        return server;
    }

    /** Stops listening, removes the socket if it is still ours, and cuts every client. */
    @Override
    public void close() {
        try {
            ControlSocket.remove(path, fileKey);
        } catch (IOException e) {
            LOG.warn("the control socket {} could not be removed: {}", path, e.getMessage());
        }
        try {
            listener.close();
        } catch (IOException e) {
            LOG.warn("the control socket {} could not be closed: {}", path, e.getMessage());
        }
        clients.keySet().forEach(ControlServer::cut);
    }

    private void accept() {
        while (listener.isOpen()) {
            try {
                SocketChannel client = listener.accept();
                boolean busy = clients.size() >= MAX_CLIENTS;
                clients.put(client, System.nanoTime());
                Thread.ofVirtual().name("control-client").start(() -> serve(client, busy));
            } catch (IOException e) {
                if (listener.isOpen()) {
                    LOG.warn("a client of the control socket could not be accepted: {}", e.getMessage());
                    pause(Duration.ofMillis(100)); // out of descriptors, most likely: give others time to close some
                }
            }
        }
    }

    private void cutIdle() {
        while (listener.isOpen() && pause(idleLimit.dividedBy(4))) {
            long now = System.nanoTime();
            clients.forEach((client, since) -> {
                if (now - since > idleLimit.toNanos()) {
                    cut(client);
                }
            });
        }
    }

    private void serve(SocketChannel client, boolean busy) {
        try (client) {
            Lines lines = new Lines(client, ControlProtocol.MAX_REQUEST);
            if (busy) {
                lines.write(Json.write(failure(Code.BUSY, "too many clients, the most is " + MAX_CLIENTS)));
                return;
            }
            for (Optional<String> line = lines.read(); line.isPresent(); line = lines.read()) {
                clients.replace(client, System.nanoTime());
                lines.write(Json.write(answer(line.get())));
                clients.replace(client, System.nanoTime());
            }
        } catch (Lines.LineTooLongException e) {
            LOG.info("a client of the control socket sent {}", e.getMessage());
        } catch (IOException e) {
            LOG.debug("a client of the control socket went away: {}", e.getMessage());
        } finally {
            clients.remove(client);
        }
    }

    private Map<String, @Nullable Object> answer(String line) {
        try {
            if (!(Json.parse(line) instanceof Map<?, ?> request)) {
                return failure(Code.BAD_REQUEST, "a request is a JSON object");
            }
            if (!Long.valueOf(ControlProtocol.VERSION).equals(request.get("version"))) {
                return failure(
                        Code.VERSION,
                        "the daemon speaks version " + ControlProtocol.VERSION + ", the client "
                                + request.get("version") + "; use the zonewright that the daemon was started with");
            }
            return map("version", ControlProtocol.VERSION, "ok", true, "result", commands.answer(request));
        } catch (IOException e) {
            return failure(Code.BAD_REQUEST, String.valueOf(e.getMessage()));
        } catch (ControlException e) {
            return failure(e.code(), e.text());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return failure(Code.INTERNAL, "interrupted");
        } catch (RuntimeException e) {
            LOG.error("a request on the control socket failed: {}", e.toString(), e);
            return failure(Code.INTERNAL, e.toString());
        }
    }

    private static Map<String, @Nullable Object> failure(Code code, String message) {
        return map(
                "version",
                ControlProtocol.VERSION,
                "ok",
                false,
                "error",
                map("code", Words.of(code), "message", message));
    }

    private static void cut(SocketChannel client) {
        try {
            client.close();
        } catch (IOException e) {
            LOG.debug("a client of the control socket could not be closed: {}", e.getMessage());
        }
    }

    private static boolean pause(Duration time) {
        try {
            Thread.sleep(time);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
