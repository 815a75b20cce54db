package io.zonewright.daemon.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.daemon.TestDevices;
import io.zonewright.daemon.device.DeviceSet;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class ControlTest {
    @TempDir
    static Path temp;

    private final Path socket = temp.resolve("sub/c.sock");
    private DeviceSet devices;
    private ControlServer server;

    @BeforeEach
    void start() throws Exception {
        devices = DeviceSet.start(new TestDevices().plan("""
                devices:
                  a:
                    backend: { type: fake, size: 4MiB, zones-full: [2], max-open: 3 }
                    frontends: [ { type: fake, socket: a.sock } ]
                """));
        server = ControlServer.start(socket, new ControlCommands(devices));
    }

    @AfterEach
    void stop() {
        server.close();
        devices.stop(Duration.ofSeconds(5));
    }

    /** Sends bytes as they are and returns what comes back until the daemon hangs up or a line is complete. */
    private String raw(String text) throws IOException {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(socket));
            ByteBuffer out = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
            while (out.hasRemaining()) {
                channel.write(out);
            }
            return new Lines(channel, 1 << 20).read().orElse("(hung up)");
        }
    }

    @Test
    void answersOnOneLine() throws IOException {
        assertEquals(
                "{\"version\":1,\"ok\":true,\"result\":{\"devices\":[{\"device\":\"a\","
                        + "\"counters\":{\"in-flight\":0,\"replayed-writes\":0},\"endpoints\":[{\"type\":\"fake\","
                        + "\"transport\":\"air\",\"endpoint\":\"unix:/run/a.sock\",\"counters\":{\"requests\":12,\"state\":\"idle\"}}]}]}}",
                raw("{\"version\":1,\"command\":\"stats\",\"device\":\"a\"}\n"));
    }

    @Test
    void refusesWhatIsNoRequest() throws IOException {
        String error = "{\"version\":1,\"ok\":false,\"error\":{\"code\":\"";
        assertEquals(error + "bad-request\",\"message\":\"a request is a JSON object\"}}", raw("[1]\n"));
        assertEquals(
                error
                        + "version\",\"message\":\"the daemon speaks version 1, the client 2; use the zonewright that the daemon was started with\"}}",
                raw("{\"version\":2,\"command\":\"stats\"}\n"));
        assertEquals(
                error + "bad-request\",\"message\":\"unknown command \\\"zone\\\"; did you mean zones?\"}}",
                raw("{\"version\":1,\"command\":\"zone\"}\n"));
        assertEquals(
                error + "bad-request\",\"message\":\"the field \\\"command\\\" must be a string\"}}",
                raw("{\"version\":1,\"command\":7}\n"));
        assertEquals(
                error + "bad-request\",\"message\":\"the field \\\"first\\\" must be a number of 0 or more\"}}",
                raw("{\"version\":1,\"command\":\"zones\",\"device\":\"a\",\"first\":-1}\n"));
        assertEquals(
                error + "no-such-device\",\"message\":\"there is no device \\\"b\\\"; did you mean a?\"}}",
                raw("{\"version\":1,\"command\":\"zones\",\"device\":\"b\"}\n"));
        assertEquals(
                error + "no-such-zone\",\"message\":\"there is no zone 4; the last is 3\"}}",
                raw(
                        "{\"version\":1,\"command\":\"set-zone\",\"device\":\"a\",\"zone\":4,\"condition\":\"offline\"}\n"));
        assertTrue(raw("{\"version\":1\n").startsWith(error + "bad-request\",\"message\":\"not JSON: "));
        assertTrue(raw("[".repeat(1000) + "\n").startsWith(error + "bad-request\",\"message\":\"not JSON: "));
    }

    @Test
    void hangsUpOnALineThatIsTooLong() throws IOException {
        assertEquals("(hung up)", raw("x".repeat(ControlProtocol.MAX_REQUEST + 1)));
        assertTrue(raw("{\"version\":1,\"command\":\"devices\"}\n").startsWith("{\"version\":1,\"ok\":true"));
    }

    @Test
    void zonesComeInPagesWithNullWhereAWritePointerMeansNothing() throws Exception {
        try (ControlClient client = ControlClient.connect(socket)) {
            Map<String, ?> answer = client.ask("zones", Map.of("device", "a", "first", 0, "count", 3));
            assertEquals(4L, answer.get("zones"));
            assertEquals(3L, answer.get("maxOpen"));
            assertEquals(
                    "[{\"zone\":0,\"type\":\"conventional\",\"condition\":\"not-write-pointer\",\"start\":0,\"length\":1048576,\"capacity\":1048576,\"writePointer\":null},"
                            + "{\"zone\":1,\"type\":\"sequential-write-required\",\"condition\":\"empty\",\"start\":1048576,\"length\":1048576,\"capacity\":1048576,\"writePointer\":1048576},"
                            + "{\"zone\":2,\"type\":\"sequential-write-required\",\"condition\":\"full\",\"start\":2097152,\"length\":1048576,\"capacity\":1048576,\"writePointer\":3145728}]",
                    Json.write(answer.get("list")));
            assertEquals(
                    List.of(),
                    client.ask("zones", Map.of("device", "a", "first", 9)).get("list"));
        }
    }

    @Test
    void theSocketIsItsOwnersAloneAndGoesAway() throws IOException {
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)));
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(socket.getParent())));
        server.close();
        try (var files = Files.list(socket.getParent())) {
            assertEquals(List.of(), files.toList());
        }
    }

    @Test
    void aSocketThatSomebodyElsePutThereStays() throws IOException {
        Files.delete(socket);
        try (ControlServer _ = ControlServer.start(socket, new ControlCommands(devices))) {
            server.close();
            assertTrue(Files.exists(socket), "the second server's socket");
        }
        assertFalse(Files.exists(socket));
    }

    @Test
    void aDaemonTooBusyToAcceptIsNotTakenForDead() throws IOException {
        Path busy = temp.resolve("busy.sock");
        try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
                SocketChannel first = SocketChannel.open(StandardProtocolFamily.UNIX);
                SocketChannel second = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            listener.bind(UnixDomainSocketAddress.of(busy), 1);
            first.connect(UnixDomainSocketAddress.of(busy));
            second.connect(UnixDomainSocketAddress.of(busy));
            IOException taken = assertThrows(
                    IOException.class,
                    () -> ControlServer.start(busy, new ControlCommands(devices))
                            .close());
            assertEquals(
                    "another daemon may listen on " + busy + " (Resource temporarily unavailable); stop it, remove the"
                            + " socket if there is none, or name another with --control",
                    taken.getMessage());
            assertTrue(Files.exists(busy));
        }
    }

    @Test
    void aLiveSocketIsRefusedAStaleOneReplacedAFileLeftAlone() throws IOException {
        IOException taken = assertThrows(
                IOException.class,
                () -> ControlServer.start(socket, new ControlCommands(devices)).close());
        assertEquals(
                "another daemon listens on " + socket + "; stop it, or name another with --control",
                taken.getMessage());
        Path stale = temp.resolve("stale.sock");
        try (ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            dead.bind(UnixDomainSocketAddress.of(stale));
        }
        ControlServer.start(stale, new ControlCommands(devices)).close();
        assertFalse(Files.exists(stale));
        Path file = Files.writeString(temp.resolve("file"), "precious");
        assertThrows(
                IOException.class,
                () -> ControlServer.start(file, new ControlCommands(devices)).close());
        assertEquals("precious", Files.readString(file));
    }

    @Test
    void aPathThatIsTooLongIsSaid() {
        Path path = temp.resolve("x".repeat(120));
        IOException thrown = assertThrows(
                IOException.class,
                () -> ControlServer.start(path, new ControlCommands(devices)).close());
        assertTrue(
                String.valueOf(thrown.getMessage())
                        .contains("bytes, a Unix socket's has at most 107; name a shorter one"),
                thrown.getMessage());
    }

    @Test
    void aSilentClientIsCutOff() throws IOException {
        Path other = temp.resolve("idle.sock");
        try (ControlServer _ = ControlServer.start(other, new ControlCommands(devices), Duration.ofMillis(200));
                SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(other));
            assertEquals(-1, channel.read(ByteBuffer.allocate(1)), "end of the connection");
        }
    }

    @Test
    void theThirtyThirdClientIsTurnedAway() throws Exception {
        List<ControlClient> clients = new ArrayList<>();
        try {
            for (int i = 0; i < 32; i++) {
                ControlClient client = ControlClient.connect(socket);
                clients.add(client);
                client.ask("devices", Map.of());
            }
            assertEquals(
                    "{\"version\":1,\"ok\":false,\"error\":{\"code\":\"busy\",\"message\":\"too many clients, the most is 32\"}}",
                    raw(""));
        } finally {
            clients.forEach(ControlClient::close);
        }
    }

    @Test
    void theUsualPlaceDependsOnTheEnvironment() {
        assertEquals(
                Path.of("/run/user/7/zonewright/control.sock"),
                ControlSocket.usual(Map.of("XDG_RUNTIME_DIR", "/run/user/7")));
        Path elsewhere = ControlSocket.usual(Map.of());
        String user = System.getProperty("user.name");
        assertEquals(
                user.equals("root")
                        ? Path.of("/run/zonewright/control.sock")
                        : Path.of(System.getProperty("java.io.tmpdir"), "zonewright-" + user, "control.sock"),
                elsewhere);
    }
}
