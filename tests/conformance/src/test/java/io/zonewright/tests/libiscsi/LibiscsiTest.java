package io.zonewright.tests.libiscsi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.zonewright.testkit.device.TestDevice;
import io.zonewright.tests.libiscsi.TestProgram.Ended;
import io.zonewright.tests.libiscsi.TestProgram.Outcome;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/**
 * Every test of libiscsi's conformance program: those in the list end as the list says, all others pass. A test that does
 * better than its list fails too, so that the lists stay true.
 */
@Timeout(600)
@EnabledIfEnvironmentVariable(named = TestProgram.VARIABLE, matches = ".+")
class LibiscsiTest {
    private static final String IQN = "iqn.2026-11.io.zonewright:libiscsi";

    @Test
    void anOrdinaryDisk() {
        play("ordinary.txt", 2, Map.of("model", "none", "size", "256MiB", "block-size", "512"));
    }

    @Test
    void aHostManagedDisk() {
        play(
                "host-managed.txt",
                1,
                Map.of("size", "256MiB", "zone-size", "4MiB", "conventional-zones", "16", "block-size", "512"));
    }

    /** What the lists pass over, since it wants a session that begins with CHAP. */
    @Test
    void aTargetWithChap() {
        TestProgram program = new TestProgram();
        try (TestDevice device = TestDevice.over("null-zoned", Map.of("model", "none", "size", "64MiB"))) {
            int port = device.startTcp(
                            "scsi-zbc",
                            "iscsi",
                            Map.of("iqn", IQN, "chap.user", "tester", "chap.secret", "a-secret-of-16-b"))
                    .getPort();
            String url = "iscsi://tester%a-secret-of-16-b@127.0.0.1:" + port + "/" + IQN + "/0";
            for (String test : List.of("iSCSICHAP.Simple", "iSCSICHAP.Invalid")) {
                Ended ended = program.run(test, List.of(url), false);
                assertEquals(Outcome.PASSED, ended.outcome(), test + ":\n" + ended.output());
            }
        }
    }

    private static void play(String file, int paths, Map<String, String> settings) {
        Map<String, Outcome> listed = list(file);
        TestProgram program = new TestProgram();
        List<String> deviations = new ArrayList<>();
        try (TestDevice device = TestDevice.over("null-zoned", settings)) {
            int port = device.startTcp("scsi-zbc", "iscsi", Map.of("iqn", IQN)).getPort();
            String url = "iscsi://127.0.0.1:" + port + "/" + IQN + "/0";
            for (String test : program.tests()) {
                Outcome expected = listed.getOrDefault(test, Outcome.PASSED);
                listed.remove(test);
                Ended ended = program.run(test, Collections.nCopies(paths, url), expected == Outcome.HANGS);
                if (ended.outcome() != expected) {
                    deviations.add(test + " " + ended.outcome() + " instead of " + expected + ":\n" + ended.output());
                }
            }
        }
        listed.keySet().forEach(test -> deviations.add(test + " is listed, and the program does not have it"));
        assertEquals(List.of(), deviations, "deviations from " + file);
    }

    /** Lines {@code SUITE.TEST | outcome | reason}; from {@code #} on comments. */
    private static Map<String, Outcome> list(String file) {
        Map<String, Outcome> outcomes = new TreeMap<>();
        try (InputStream in = Objects.requireNonNull(LibiscsiTest.class.getResourceAsStream("/libiscsi/" + file))) {
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            for (String line : text.lines().toList()) {
                if (line.isBlank() || line.startsWith("#")) {
                    continue;
                }
                List<String> words = List.of(line.split("\\|", -1));
                assertEquals(3, words.size(), line);
                assertFalse(words.get(2).isBlank(), "no reason: " + line);
                Outcome outcome = Outcome.valueOf(words.get(1).strip().toUpperCase(Locale.ROOT));
                assertNull(outcomes.put(words.get(0).strip(), outcome), "twice: " + line);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return outcomes;
    }
}
