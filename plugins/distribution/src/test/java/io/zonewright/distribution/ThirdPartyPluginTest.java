package io.zonewright.distribution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The real program with somebody else's back-end and front-end, from the jar to a request and back. */
class ThirdPartyPluginTest {
    @TempDir
    static Path work;

    private static Path config = Path.of("");

    @BeforeAll
    static void build() throws IOException {
        Path dir = Files.createDirectory(work.resolve("drop"));
        Archives.build(Path.of(System.getProperty("zonewright.third-party")), work, dir.resolve("example-plugin.jar"));
        config = Files.writeString(work.resolve("zonewright.yaml"), """
                devices:
                  disk:
                    backend: { type: example-ram, zones: 4 }
                    frontends: [ { type: example-line, socket: line.sock } ]
                plugins: { dirs: drop }
                control: { socket: c.sock }
                """);
    }

    private static String ask(Path socket, String... lines) throws IOException {
        StringBuilder answers = new StringBuilder();
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(socket));
            Writer out = Channels.newWriter(channel, StandardCharsets.US_ASCII);
            BufferedReader in = new BufferedReader(Channels.newReader(channel, StandardCharsets.US_ASCII));
            for (String line : lines) {
                out.write(line + "\n");
                out.flush();
                answers.append(in.readLine()).append('\n');
            }
        }
        return answers.toString();
    }

    @Test
    void servesItsDeviceAndEndsCleanlyOnSigterm() throws Exception {
        Path line = work.resolve("line.sock");
        Path control = work.resolve("c.sock");
        try (Program daemon = Program.start(work, "serve", config.toString())) {
            daemon.awaitReady();
            assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(control)));
            assertEquals(
                    """
                    DONE
                    NOT_AT_WRITE_POINTER
                    DONE
                    DONE hello zone
                    """,
                    ask(line, "write 65536 hello zone", "write 65536 again", "write 66048 more", "read 65536 512"));

            Program.Result zones = Program.run(work, "zones", "disk", "--control", control.toString());
            assertEquals(0, zones.status(), zones.err());
            assertEquals("""
                    disk: host-managed, 256KiB in 4 zones of 64KiB, blocks of 512B
                    0 .o..
                    . empty 3   o implicitly open 1
                    open 1, active 1
                    """, zones.out());

            Program.Result json = Program.run(
                    work, "zones", "disk", "--json", "--first", "1", "--count", "1", "--control", control.toString());
            assertEquals("""
                    [
                    {"zone":1,"type":"sequential-write-required","condition":"implicit-open","start":65536,"length":65536,"capacity":65536,"writePointer":66560}
                    ]
                    """, json.out());

            Program.Result second = Program.run(work, "serve", config.toString());
            assertEquals(1, second.status());
            assertTrue(Files.exists(line), "the second daemon must not remove the first one's socket");

            daemon.terminate();
            Program.Result end = daemon.end();
            assertEquals(0, end.status(), end.err());
            assertEquals("", end.out());
            assertFalse(Files.exists(line), "front-end's socket");
            assertFalse(Files.exists(control), "control socket");
            assertFalse(end.err().contains("ERROR"), end.err());
        }
    }

    @Test
    void checkAndAttachKnowThePlugin() throws Exception {
        Program.Result check = Program.run(work, "check", config.toString());
        assertEquals("""
                disk: example-ram, host-managed, 256KiB in 4 zones of 64KiB
                  example-line over unix at unix:%s/line.sock
                %s is good
                """.formatted(work, config), check.out(), check.err());
        Program.Result attach = Program.run(work, "attach", "--config", config.toString());
        assertEquals("""
                disk: example-line over unix at unix:%s/line.sock
                  with netcat:
                    nc -U %s/line.sock
                """.formatted(work, work), attach.out(), attach.err());
    }

    @Test
    void itsProblemsComeWithTheirPlace() throws Exception {
        Path bad = Files.writeString(
                work.resolve("bad.yaml"), Files.readString(config).replace("zones: 4", "zones: 0"));
        Program.Result check = Program.run(work, "check", bad.toString());
        assertEquals(3, check.status());
        assertEquals("", check.out());
        assertEquals(
                bad + ":3:42: devices.disk.backend.zones: 0 zones are not possible; write a number from 1 to 1024",
                String.join(
                        "\n",
                        check.err()
                                .lines()
                                .filter(line -> line.startsWith(bad.toString()))
                                .toList()));
    }
}
