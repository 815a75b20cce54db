package io.zonewright.daemon.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonewright.daemon.FakeBackend;
import io.zonewright.daemon.FakeFrontend;
import io.zonewright.daemon.device.DevicePlanner;
import io.zonewright.daemon.plugin.Catalogue;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Every kind of mistake in a file, with the line that a user sees. */
class ProblemsTest {
    private static List<String> problems(String yaml) {
        return problems(yaml, new FakeBackend());
    }

    private static List<String> problems(String yaml, FakeBackend backend) {
        Catalogue catalogue = new Catalogue();
        catalogue.add("p", backend);
        catalogue.add("p", new FakeFrontend());
        catalogue.add("p", new FakeFrontend("multi", "tcp", new ArrayList<>()));
        catalogue.add("p", new FakeFrontend("multi", "vhost-user", new ArrayList<>()));
        Problems problems = new Problems();
        YamlFile.parse("f.yaml", Path.of("/etc"), yaml, problems)
                .map(file -> ConfigFile.of(file, problems))
                .ifPresent(file -> DevicePlanner.plan(file, catalogue, problems));
        return problems.lines();
    }

    private static void check(String yaml, String... lines) {
        assertEquals(String.join("\n", lines), String.join("\n", problems(yaml)));
    }

    /** A device whose back-end has these keys beside its type and size. */
    private static String backend(String keys) {
        return """
                devices:
                  a:
                    backend:
                      type: fake
                      size: 64MiB
                %s
                    frontends: [ { type: fake, socket: a.sock } ]
                """.formatted(keys.indent(6).stripTrailing());
    }

    @Test
    void goodFile() {
        check(backend("""
                latency: { read: 50us, write: 1ms }
                zones-full: [1, 4-9]
                max-open: 14
                read-only: true
                label: "say \\"x\\""
                names: [one, "two, three"]
                file: disk.img
                server: "[::1]:4420"
                mode: 0660
                data: discard"""));
    }

    @Test
    void allProblemsOfAFileAtOnceInItsOrder() {
        check(
                """
                devcies: {}
                devices:
                  Archive_1:
                    backend: { type: fakee, size: 1 }
                    frontends:
                      - { type: fake, sokcet: x }
                      - { type: multi, socket: y.sock }
                plugins: { on-error: ignore }
                control: { sockets: x }
                """,
                "f.yaml:1:1: devcies: unknown key; did you mean devices?",
                "f.yaml:3:3: devices.Archive_1: a device's name has lower-case letters, digits and hyphens, at most 63; for example archive-1",
                "f.yaml:4:22: devices.Archive_1.backend.type: there is no back-end \"fakee\"; did you mean fake?",
                "f.yaml:6:9: devices.Archive_1.frontends[0].socket: missing; add socket: /run/zonewright/archive.sock",
                "f.yaml:6:23: devices.Archive_1.frontends[0].sokcet: unknown key; did you mean socket?",
                "f.yaml:7:9: devices.Archive_1.frontends[1].transport: missing, and multi has several; add transport: tcp or transport: vhost-user",
                "f.yaml:8:22: plugins.on-error: \"ignore\" is none of skip, fatal; write one of these",
                "f.yaml:9:12: control.sockets: unknown key; did you mean socket?");
    }

    @Test
    void sizes() {
        check(
                backend("file: x").replace("64MiB", "64M"),
                "f.yaml:5:13: devices.a.backend.size: unknown unit \"M\" in \"64M\"; write 64MiB (powers of 1024) or 64MB (powers of 1000)");
        check(
                backend("file: x").replace("64MiB", "64mib"),
                "f.yaml:5:13: devices.a.backend.size: unknown unit \"mib\" in \"64mib\"; write 64MiB");
        check(
                backend("file: x").replace("64MiB", "64GBit"),
                "f.yaml:5:13: devices.a.backend.size: unknown unit \"GBit\" in \"64GBit\"; units are B, KiB, kB, MiB, MB, GiB, GB, TiB, TB, PiB, PB");
        check(
                backend("file: x").replace("64MiB", "big"),
                "f.yaml:5:13: devices.a.backend.size: \"big\" is not a size; write for example 512, 4KiB, 64GiB or 2TB");
        check(
                backend("file: x").replace("64MiB", "-1MiB"),
                "f.yaml:5:13: devices.a.backend.size: the size \"-1MiB\" is negative; write for example 512, 4KiB, 64GiB or 2TB");
        check(
                backend("file: x").replace("64MiB", "0.3KiB"),
                "f.yaml:5:13: devices.a.backend.size: \"0.3KiB\" is not a whole number of bytes; use a smaller unit");
        check(
                backend("file: x").replace("64MiB", "9999PiB"),
                "f.yaml:5:13: devices.a.backend.size: the size \"9999PiB\" is too large; the most is 9223372036854775807 bytes");
        check(
                backend("file: x").replace("64MiB", "1.5MiB"),
                "f.yaml:5:13: devices.a.backend.size: 1572864 bytes are not whole zones of 1MiB; write 1MiB");
        check(
                backend("file: x").replace("64MiB", "[64MiB]"),
                "f.yaml:5:13: devices.a.backend.size: one value is expected here, not a list; write for example size: 64MiB");
        check(
                backend("file: x").replace("64MiB", ""),
                "f.yaml:5:12: devices.a.backend.size: no value; write for example size: 64MiB");
    }

    @Test
    void otherKinds() {
        check(
                backend("latency: { read: 50 }"),
                "f.yaml:6:24: devices.a.backend.latency.read: the time \"50\" has no unit; write 50us, 50ms or 50s");
        check(
                backend("latency: { read: 5m }"),
                "f.yaml:6:24: devices.a.backend.latency.read: unknown unit \"m\" in \"5m\"; write 5min");
        check(
                backend("latency: { raed: 5s }"),
                "f.yaml:6:18: devices.a.backend.latency.raed: unknown key; did you mean read?");
        check(
                backend("latency: 5s"),
                "f.yaml:6:16: devices.a.backend.latency: keys are expected here, not the value \"5s\"; write KEY: VALUE lines under it");
        check(
                backend("max-open: many"),
                "f.yaml:6:17: devices.a.backend.max-open: \"many\" is not a whole number of 0 or more; write for example max-open: 14");
        check(
                backend("max-open: -1"),
                "f.yaml:6:17: devices.a.backend.max-open: \"-1\" is not a whole number of 0 or more; write for example max-open: 14");
        check(
                backend("read-only: yes"),
                "f.yaml:6:18: devices.a.backend.read-only: \"yes\" is neither true nor false; write true");
        check(
                backend("label: ''"),
                "f.yaml:6:14: devices.a.backend.label: the value is empty; write for example label: blue");
        check(
                backend("label: \"a\\tb\""),
                "f.yaml:6:14: devices.a.backend.label: the value \"a?b\" holds control characters; write it on one line, without them");
        check(
                backend("file: ~/disk"),
                "f.yaml:6:13: devices.a.backend.file: ~ in \"~/disk\" would not be expanded; write the whole path, or one relative to the file");
        check(
                backend("server: localhost"),
                "f.yaml:6:15: devices.a.backend.server: \"localhost\" is not HOST:PORT; write for example server: 127.0.0.1:4420, or [::1]:4420 for IPv6");
        check(
                backend("server: localhost:70000"),
                "f.yaml:6:15: devices.a.backend.server: port 70000 does not exist; the highest is 65535");
        check(
                backend("mode: 600"),
                "f.yaml:6:13: devices.a.backend.mode: \"600\" has no leading 0, so it may be read as decimal; write 0600");
        check(
                backend("mode: 0680"),
                "f.yaml:6:13: devices.a.backend.mode: \"0680\" is not a file mode in octal; write for example 0600 or 0660");
        check(
                backend("mode: 4755"),
                "f.yaml:6:13: devices.a.backend.mode: \"4755\" sets more than permissions; write 0755");
        check(
                backend("data: drop"),
                "f.yaml:6:13: devices.a.backend.data: \"drop\" is none of keep, discard; write one of these");
        check(
                backend("data: keeep"),
                "f.yaml:6:13: devices.a.backend.data: \"keeep\" is none of keep, discard; did you mean keep?");
        check(
                backend("zones-full: [1, x, 9-4]"),
                "f.yaml:6:23: devices.a.backend.zones-full[1]: \"x\" is not a zone number; write for example 3, 4-9 or [1, 4-9]",
                "f.yaml:6:26: devices.a.backend.zones-full[2]: the range \"9-4\" runs backwards; write 4-9");
        check(
                backend("zones-full: 99999999"),
                "f.yaml:6:19: devices.a.backend.zones-full: zone 99999999 cannot exist; the highest is 16777215");
        check(
                backend("zones-full: 1,2"),
                "f.yaml:6:19: devices.a.backend.zones-full: \"1,2\" is not a zone number; write a list: [1,2]");
    }

    @Test
    void textsAreOneOrAList() {
        FakeBackend fake = new FakeBackend();

        assertEquals(List.of(), problems(backend("names: one"), fake));
        assertEquals(List.of("one"), fake.names);
        assertEquals(List.of(), problems(backend("names: [two, \"three, four\", 5]"), fake));
        assertEquals(List.of("two", "three, four", "5"), fake.names);
        assertEquals(List.of(), problems(backend("names: []"), fake));
        assertEquals(List.of(), fake.names);
        assertEquals(List.of(), problems(backend("label: none of them"), fake));
        assertEquals(List.of(), fake.names);
        check(
                backend("names: [a, '', [b], { c: d }]"),
                "f.yaml:6:18: devices.a.backend.names[1]: the value is empty; write for example names: [\"a\", \"b\"]",
                "f.yaml:6:22: devices.a.backend.names[2]: one value is expected here, not a list; write for example names: [\"a\", \"b\"]",
                "f.yaml:6:27: devices.a.backend.names[3]: one value is expected here, not a group of keys; write for example names: [\"a\", \"b\"]");
        check(
                backend("names: { a: b }"),
                "f.yaml:6:14: devices.a.backend.names: one value is expected here, not a group of keys; write for example names: [\"a\", \"b\"]");
        check(
                backend("names:"),
                "f.yaml:6:13: devices.a.backend.names: no value; write for example names: [\"a\", \"b\"]");
    }

    @Test
    void duplicateKeyNamesTheFirst() {
        check(
                backend("label: a\nlabel: b"),
                "f.yaml:7:7: devices.a.backend.label: given twice, first in line 6; remove one of them");
    }

    @Test
    void equalEndpointsNameBothLines() {
        check(
                """
                devices:
                  a:
                    backend: { type: fake, size: 1MiB }
                    frontends:
                      - { type: fake, socket: /run/x.sock }
                  b:
                    backend: { type: fake, size: 1MiB }
                    frontends:
                      - { type: fake, socket: ../run/x.sock }
                """,
                "f.yaml:9:9: devices.b.frontends[0]: the endpoint unix:/run/x.sock is also that of devices.a.frontends[0] in line 5; give each front-end its own");
    }

    @Test
    void sameUuidTwice() {
        String uuid = "7c0f6a3e-3b5e-4a5c-9a51-0d6f0c8f2d11";
        check(
                """
                devices:
                  a: { uuid: %s, backend: { type: fake, size: 1MiB }, frontends: [ { type: fake, socket: a } ] }
                  b: { uuid: %s, backend: { type: fake, size: 1MiB }, frontends: [ { type: fake, socket: b } ] }
                  c: { uuid: 12, backend: { type: fake, size: 1MiB }, frontends: [ { type: fake, socket: c } ] }
                """.formatted(uuid, uuid.toUpperCase(Locale.ROOT)),
                "f.yaml:3:3: devices.b.uuid: the same as that of a in line 2; give each device its own, or leave it out",
                "f.yaml:4:14: devices.c.uuid: \"12\" is not a UUID; write for example uuid: " + uuid
                        + ", or leave it out");
    }

    @Test
    void partsThatAreMissingOrOfTheWrongForm() {
        check(
                "",
                "f.yaml:1:1: devices: missing; add devices: { archive: { backend: { type: … }, frontends: [ { type: … } ] } }");
        check(
                "devices:\n",
                "f.yaml:1:9: devices: there is no device; add devices: { archive: { backend: { type: … }, frontends: [ { type: … } ] } }");
        check(
                "- a\n",
                "f.yaml:1:1: keys are expected here, not a list; write KEY: VALUE lines under it",
                "f.yaml:1:1: devices: missing; add devices: { archive: { backend: { type: … }, frontends: [ { type: … } ] } }");
        check(
                "devices: { a: { } }",
                "f.yaml:1:15: devices.a.backend: missing; add backend: { type: … }",
                "f.yaml:1:15: devices.a.frontends: missing; add frontends: [ { type: … } ]");
        check(
                "devices: { a: { backend: { size: 1MiB }, frontends: { type: fake } } }",
                "f.yaml:1:26: devices.a.backend.type: missing; add type: null-zoned",
                "f.yaml:1:53: devices.a.frontends: a list is expected here, not a group of keys; begin each front-end with a dash");
        check(
                "devices: { a: { backend: { type: fake, size: 1MiB }, frontends: [ ] } }",
                "f.yaml:1:65: devices.a.frontends: the list is empty, so nobody could reach the device; add frontends: [ { type: … } ]");
    }

    @Test
    void aPluginThatFailsIsBlamedInOneLine() {
        check(
                backend("fails: plan"),
                "f.yaml:4:7: devices.a.backend: the plugin p failed on these settings: java.lang.IllegalStateException: boom; this is a defect of the plugin; tell its author");
    }

    @Test
    void aPluginsOwnProblemHasThePlaceOfItsKey() {
        check(
                backend("file: x").replace("socket: a.sock", "socket: a.sock, queues: 0"),
                "f.yaml:7:56: devices.a.frontends[0].queues: no queue at all; write queues: 1 or more");
    }

    @Test
    void notYaml() {
        check(
                "devices:\n  a: [\n",
                "f.yaml:3:1: not YAML: while parsing a flow node: expected the node content, but found '<stream end>'; check indentation, colons, quotes and brackets here and in the line before");
        check("devices: \u0007\n", "f.yaml:1:10: not YAML: the character U+0007 is not allowed; remove it");
        check(
                "devices: {}\n---\nx: 1\n",
                "f.yaml:1:10: devices: there is no device; add devices: { archive: { backend: { type: … }, frontends: [ { type: … } ] } }",
                "f.yaml:3:1: a second document begins here; keep one, without a line of ---");
    }

    @Test
    void noTagMakesAnObject() {
        check(
                backend("label: !!javax.script.ScriptEngineManager [ ]"),
                "f.yaml:6:14: not YAML: Global tag is not allowed: tag:yaml.org,2002:javax.script...; remove it");
        check(
                backend("label: !secret x"),
                "f.yaml:6:14: devices.a.backend.label: the tag \"!secret\" has no meaning here; remove it");
    }

    @Test
    void aMappingThatMergesItselfEnds() {
        assertEquals(
                "f.yaml:2:6: devices.a.<<: merges itself, or too much; write the keys out",
                problems("devices:\n  a: &a { <<: *a }\n").getFirst());
    }

    @Test
    void mergedKeysCountAndOwnKeysWin() {
        check("""
                devices:
                  a:
                    backend: &b { type: fake, size: 3 }
                    frontends: [ { type: fake, socket: a } ]
                  b:
                    backend: { <<: *b, size: 2MiB }
                    frontends: [ { type: fake, socket: b } ]
                """, "f.yaml:3:37: devices.a.backend.size: 3 bytes are not whole zones of 1MiB; write 1MiB");
    }

    @Test
    void aliasesDoNotMultiply() {
        StringBuilder yaml = new StringBuilder("x0: &x0 [1,1,1,1,1,1,1,1,1,1]\n");
        for (int i = 1; i < 20; i++) {
            yaml.append("x").append(i).append(": &x").append(i).append(" [");
            yaml.append(("*x" + (i - 1) + ",").repeat(9))
                    .append("*x")
                    .append(i - 1)
                    .append("]\n");
        }
        assertEquals(21, problems(yaml.toString()).size(), "20 unknown keys and no devices");
    }

    @Test
    @Timeout(10)
    void mergesDoNotMultiply() {
        StringBuilder yaml = new StringBuilder("x0: &x0 { k: 1 }\n");
        for (int i = 1; i < 7; i++) {
            String ten = ("*x" + (i - 1) + ",").repeat(30) + "*x" + (i - 1);
            yaml.append("x%d: &x%d { <<: [%s] }\n".formatted(i, i, ten));
        }
        yaml.append("devices: *x6\n");
        assertTrue(problems(yaml.toString()).stream().anyMatch(line -> line.contains("merges itself, or too much")));
    }

    @Test
    void deepNestingIsRefused() {
        check(
                "devices: " + "[".repeat(5000) + "]".repeat(5000),
                "f.yaml:1:1: not YAML: Nesting Depth exceeded max 20; make it simpler");
    }
}
