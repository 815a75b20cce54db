package io.zonewright.distribution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code zonewright serve} without a file, as the first thing that somebody tries. */
class BuiltInDeviceTest {
    @TempDir
    Path work;

    @Test
    void servesADiskInMemoryThatTheOtherCommandsKnow() throws Exception {
        Path socket = work.resolve("zonewright/demo.sock");
        try (Program daemon = Program.start(work, "serve")) {
            daemon.awaitReady();
            assertTrue(Files.exists(socket));
            assertEquals(
                    "demo: zone 9 is offline\n",
                    Program.run(work, "set-zone", "demo", "offline", "9").out());
            assertEquals("""
                    demo: host-managed, 8GiB in 128 zones of 64MiB, blocks of 4KiB
                      0 cccccccc.!......................................................
                     64 ................................................................
                    c conventional 8   . empty 119   ! offline 1
                    open 0 of 14, active 0 of 28
                    """, Program.run(work, "zones", "demo").out());
            Program.Result attach = Program.run(work, "attach", "demo");
            assertEquals(
                    "demo: virtio-blk over vhost-user at unix:" + socket,
                    attach.out().lines().findFirst().orElse(""));
            assertEquals(
                    1,
                    attach.out()
                            .lines()
                            .filter(line -> line.contains("path=" + socket))
                            .count(),
                    attach.out());
            Program.Result stats = Program.run(work, "stats");
            assertEquals(
                    List.of(
                            "demo",
                            "  in-flight        0",
                            "  replayed-writes  0",
                            "demo: virtio-blk at unix:" + socket),
                    stats.out().lines().limit(4).toList());
            daemon.terminate();
            Program.Result end = daemon.end();
            assertEquals(0, end.status(), end.err());
            assertFalse(Files.exists(socket), "the front-end's socket");
            try (var left = Files.list(work.resolve("zonewright"))) {
                assertEquals(List.of(), left.toList());
            }
        }
    }

    @Test
    void checkWarnsOfWhatGuestsWillNotTake() throws Exception {
        Path config = Files.writeString(work.resolve("odd.yaml"), """
                devices:
                  odd:
                    backend: { type: null-zoned, size: 96MiB, zone-size: 48MiB }
                    frontends: [ { type: virtio-blk, transport: vhost-user, socket: odd.sock } ]
                """);
        Program.Result check = Program.run(work, "check", config.toString());
        assertEquals(0, check.status(), check.err());
        assertEquals("""
                odd: null-zoned, host-managed, 96MiB in 2 zones of 48MiB
                  virtio-blk over vhost-user at unix:%s/odd.sock
                    warning: Linux guests refuse this disk: its zone size of 50331648 bytes is not a power of two.
                %s is good
                """.formatted(work, config), check.out());
        Program.Result json = Program.run(work, "check", "--json", config.toString());
        assertTrue(
                json.out()
                        .contains(
                                "\"warning\": \"Linux guests refuse this disk: its zone size of 50331648 bytes is not a"
                                        + " power of two.\""),
                json.out());
    }

    @Test
    void shippedPluginsAreRealPlugins() throws Exception {
        Program.Result plugins = Program.run(work, "plugins");
        assertEquals("", plugins.err());
        assertTrue(plugins.out().contains("\n  brings back-end null-zoned\n"), plugins.out());
        assertTrue(plugins.out().contains("\n  brings front-end virtio-blk over vhost-user\n"), plugins.out());
    }

    @Test
    void aThirdPartyCannotReplaceAShippedPlugin() throws Exception {
        Path drop = Files.createDirectory(work.resolve("drop"));
        Path shipped;
        try (var jars = Files.list(Program.home().resolve("plugins"))) {
            shipped = jars.filter(jar -> jar.toString().contains("null-zoned"))
                    .findFirst()
                    .orElseThrow();
        }
        Files.copy(shipped, drop.resolve("copy.jar"));
        assertEquals(
                "not usable: plugin " + drop + "/copy.jar has the id zonewright-null-zoned, and so has " + shipped
                        + "; remove one of them\n",
                Program.run(work, "plugins", "--plugins-dir", drop.toString()).err());
    }
}
