package io.zonewright.daemon.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.daemon.TestDevices;
import io.zonewright.daemon.control.ControlCommands;
import io.zonewright.daemon.control.ControlServer;
import io.zonewright.daemon.device.DeviceSet;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands as a user types them, with what they print, to the letter. */
class CommandLineTest {
    @TempDir
    static Path temp;

    private static DeviceSet devices;
    private static ControlServer server;

    private record Result(int status, String out, String err) {}

    @BeforeAll
    static void start() throws Exception {
        devices = DeviceSet.start(new TestDevices().plan("""
                devices:
                  a:
                    backend: { type: fake, size: 12MiB, zones-full: [2, 8-9], max-open: 3 }
                    frontends: [ { type: fake, socket: a.sock } ]
                  spare:
                    backend: { type: fake, size: 12MiB }
                    frontends: [ { type: fake, socket: s.sock } ]
                """));
        server = ControlServer.start(temp.resolve("zonewright/control.sock"), new ControlCommands(devices));
    }

    @AfterAll
    static void stop() {
        server.close();
        devices.stop(Duration.ofSeconds(5));
    }

    private static Result run(String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        Surroundings surroundings = new Surroundings(
                new PrintWriter(out),
                new PrintWriter(err),
                Map.of("XDG_RUNTIME_DIR", temp.toString()),
                Optional.empty(),
                false,
                false);
        int status = new Zonewright(surroundings).execute(args);
        return new Result(status, out.toString(), err.toString());
    }

    private static void prints(String expected, String... args) {
        assertEquals(new Result(0, expected, ""), run(args));
    }

    private static void fails(int status, String message, String... args) {
        assertEquals(new Result(status, "", message), run(args));
    }

    @Test
    void zonesAsPictureTableAndJson() {
        prints("""
                a: host-managed, 12MiB in 12 zones of 1MiB, blocks of 4KiB
                 0 c.#.....##..
                c conventional 1   . empty 8   # full 3
                open 0 of 3, active 0
                """, "zones", "a");
        prints("""
                ZONE  TYPE                       CONDITION          START  LENGTH  CAPACITY  WRITTEN
                   0  conventional               not-write-pointer     0B    1MiB      1MiB  -
                   1  sequential-write-required  empty               1MiB    1MiB      1MiB       0B
                   2  sequential-write-required  full                2MiB    1MiB      1MiB     1MiB
                """, "zones", "a", "--table", "--count", "3");
        prints("""
                [
                {"zone":2,"type":"sequential-write-required","condition":"full","start":2097152,"length":1048576,"capacity":1048576,"writePointer":3145728}
                ]
                """, "zones", "a", "--json", "--first", "2", "--count", "1");
        prints("[]\n", "zones", "a", "--json", "--first", "12");
    }

    @Test
    void devicesStatsAndAttach() {
        prints("""
                DEVICE  MODEL         SIZE   ZONES  BACK-END  ENDPOINTS
                a       host-managed  12MiB     12  fake      fake unix:/run/a.sock
                spare   host-managed  12MiB     12  fake      fake unix:/run/s.sock
                """, "devices");
        prints("""
                a
                  in-flight        0
                  replayed-writes  0
                a: fake at unix:/run/a.sock
                  requests    12
                  state     idle
                """, "stats", "a");
        prints("""
                a: fake over air at unix:/run/a.sock
                  with Fake client:
                    fake --socket /run/a.sock
                  It will not answer.
                """, "attach", "a");
        prints("""
                [
                  {
                    "device": "a",
                    "endpoints": [
                      {
                        "type": "fake",
                        "transport": "air",
                        "endpoint": "unix:/run/a.sock",
                        "hints": [
                          {
                            "client": "Fake client",
                            "commands": [
                              "fake --socket /run/a.sock"
                            ],
                            "notes": [
                              "It will not answer."
                            ],
                            "properties": {
                              "socket": "/run/a.sock"
                            }
                          }
                        ]
                      }
                    ]
                  }
                ]
                """, "attach", "a", "--json");
    }

    @Test
    void setZone() {
        prints("spare: zone 10 is read-only\nspare: zone 11 is read-only\n", "set-zone", "spare", "read-only", "10-11");
        prints("spare: zone 11 is offline\n", "set-zone", "spare", "offline", "11");
        assertTrue(run("zones", "spare", "--first", "10").out().contains("10 r!\n"));
        prints("spare: zone 10 is offline\nspare: zone 11 is offline\n", "set-zone", "spare", "offline", "10", "11");
    }

    @Test
    void exitStatusTwoIsForTheCommandLine() {
        fails(2, "zonewright: no command given\nTry: zonewright --help\n");
        fails(2, "zonewright: unknown command \"sreve\"; did you mean serve?\nTry: zonewright --help\n", "sreve");
        fails(2, "zonewright: missing required parameter: 'DEVICE'\nTry: zonewright zones --help\n", "zones");
        fails(2, "zonewright: unknown option: '--tabel'\nTry: zonewright zones --help\n", "zones", "a", "--tabel");
        fails(2, "zonewright: \"x\" is not a zone number; write 7 or 4-9\n", "set-zone", "a", "offline", "x");
        fails(
                2,
                "zonewright: invalid value for positional parameter at index 1 (CONDITION): \"full\" is neither read-only"
                        + " nor offline\nTry: zonewright set-zone --help\n",
                "set-zone",
                "a",
                "full",
                "1");
        fails(2, "zonewright: there is no key \"sokcet\"; did you mean socket?\n", "explain", "sokcet");
    }

    @Test
    void exitStatusOneAndFourAreForTheDaemon() {
        fails(1, "zonewright: there is no device \"b\"; did you mean a?\n", "zones", "b");
        fails(1, "zonewright: there is no zone 12; the last is 11\n", "set-zone", "a", "offline", "12");
        fails(
                4,
                "zonewright: no daemon answers at /nowhere/c.sock (No such file or directory); start one with zonewright serve, or name its socket with --control\n",
                "zones",
                "a",
                "--control",
                "/nowhere/c.sock");
    }

    @Test
    void exitStatusThreeIsForTheConfiguration() throws Exception {
        Path file = Files.writeString(temp.resolve("bad.yaml"), "devcies: {}\n");
        String problems = file
                + ":1:1: devices: missing; add devices: { archive: { backend: { type: … }, frontends: [ { type: … } ] } }\n"
                + file + ":1:1: devcies: unknown key; did you mean devices?\n";
        Result check = run("check", file.toString());
        assertEquals(3, check.status());
        assertEquals("", check.out());
        assertEquals(
                problems.lines().sorted().toList(), check.err().lines().sorted().toList());
        assertEquals(3, run("serve", file.toString()).status());
        fails(3, temp + "/none.yaml:1:1: there is no such file; check the name\n", "check", temp + "/none.yaml");
        assertEquals(new Result(3, """
                        {
                          "file": "%s/none.yaml",
                          "good": false,
                          "problems": [
                            {
                              "line": 1,
                              "column": 1,
                              "key": "",
                              "problem": "there is no such file",
                              "fix": "check the name"
                            }
                          ],
                          "warnings": []
                        }
                        """.formatted(temp), ""), run("check", "--json", temp + "/none.yaml"));
    }

    @Test
    void explain() {
        prints("""
                control.socket
                  Unix socket over which zones, stats, attach and devices ask the daemon; only
                  its owner can use it. Left out: zonewright/control.sock in $XDG_RUNTIME_DIR,
                  else /run/zonewright/control.sock for root, else zonewright-USER/control.sock
                  in the directory for temporary files.
                  value:    a file name; a relative one starts at the configuration's directory
                  example:  socket: /run/zonewright/control.sock

                """, "explain", "control.socket");
    }

    @Test
    void pluginsThatAreNotUsable() throws Exception {
        Path dir = Files.createDirectory(temp.resolve("plugins"));
        Files.writeString(dir.resolve("bad.jar"), "garbage");
        assertEquals(
                new Result(
                        0,
                        "no plugins\n",
                        "not usable: plugin " + dir
                                + "/bad.jar is not a jar: zip END header not found; build it again, or remove it\n"),
                run("plugins", "--plugins-dir", dir.toString()));
        Path file = Files.writeString(
                temp.resolve("fatal.yaml"),
                "devices: { a: { backend: { type: x }, frontends: [ { type: y } ] } }\nplugins: { dirs: plugins, on-error: fatal }\n");
        String fault =
                "plugin " + dir + "/bad.jar is not a jar: zip END header not found; build it again, or remove it";
        Result plain = run("check", file.toString());
        assertEquals(3, plain.status());
        assertTrue(plain.err().startsWith(file + ":1:1: plugins: " + fault + "\n"), plain.err());
        assertTrue(plain.err().contains("devices.a.backend.type: "), "the file's other problems are told as well");
        Result json = run("check", "--json", file.toString());
        assertEquals(3, json.status());
        assertTrue(json.out().contains("\"problem\": \"" + fault + "\""), json.out());
    }

    @Test
    void everyCommandHasHelpThatNamesItself() {
        for (String command : new String[] {
            "serve", "check", "explain", "plugins", "devices", "attach", "zones", "set-zone", "stats", "completion"
        }) {
            Result help = run(command, "--help");
            assertEquals(0, help.status(), command);
            assertTrue(help.out().startsWith("Usage: zonewright " + command + " "), help.out());
            assertTrue(help.out().lines().allMatch(line -> line.length() <= 80), help.out());
        }
        String help = run("--help").out();
        assertTrue(help.contains("  4  no daemon answers on the control socket"), help);
    }

    @Test
    void completionIsAScriptForTheShell() {
        assertTrue(run("completion").out().startsWith("#!/usr/bin/env bash"));
    }

    @Test
    void theBuiltInConfigurationCanBePrinted() {
        String text = run("serve", "--print-default", "--socket-dir", "/x y").out();
        assertTrue(text.contains("        socket: \"/x y/demo.sock\"\n"), text);
    }
}
