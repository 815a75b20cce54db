package io.zonewright.tests.libiscsi;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/** The program {@code iscsi-test-cu}, one process for each of its tests, since some spoil the session for the next. */
final class TestProgram {
    /** What names the directory of the programs of package libiscsi-bin; bin/verify sets it. */
    static final String VARIABLE = "ZONEWRIGHT_LIBISCSI";

    private static final String FAMILY = "ALL.";
    private static final int LONGEST_SECONDS = 60;
    private static final int HANGING_SECONDS = 5;

    /** What became of a test. */
    enum Outcome {
        PASSED,
        SKIPPED,
        FAILS,
        HANGS
    }

    /**
     * The end of a test.
     *
     * @param output everything that the program said
     */
    record Ended(Outcome outcome, String output) {}

    private final Path program;

    TestProgram() {
        program = Path.of(Objects.requireNonNull(System.getenv(VARIABLE))).resolve("iscsi-test-cu");
    }

    /** Names of all its tests, {@code SUITE.TEST}, in its own order. */
    List<String> tests() {
        List<String> names = new ArrayList<>();
        String listed = run(List.of("--list"), LONGEST_SECONDS).output();
        for (String line : listed.lines().toList()) {
            String name = line.strip();
            if (name.startsWith(FAMILY) && name.indexOf('.', FAMILY.length()) >= 0) {
                names.add(name.substring(FAMILY.length()));
            }
        }
        if (names.isEmpty()) {
            throw new IllegalStateException(program + " lists no tests: " + listed);
        }
        return names;
    }

    /**
     * Runs a test, data loss allowed.
     *
     * @param urls of the logical unit, one or two, for tests of two paths; the program takes two for device type 00h only
     * @param hangs whether it is known to hang
     */
    Ended run(String test, List<String> urls, boolean hangs) {
        List<String> arguments = new ArrayList<>(List.of("-d", "-S", "-v", "-t", FAMILY + test));
        arguments.addAll(urls);
        return run(arguments, hangs ? HANGING_SECONDS : LONGEST_SECONDS);
    }

    private Ended run(List<String> arguments, int seconds) {
        List<String> command = new ArrayList<>(List.of(program.toString()));
        command.addAll(arguments);
        try {
            Path output = Files.createTempFile("iscsi-test-cu", ".txt");
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            boolean ended = process.waitFor(seconds, TimeUnit.SECONDS);
            if (!ended) {
                process.destroyForcibly().waitFor();
            }
            String text = Files.readString(output, StandardCharsets.ISO_8859_1);
            Files.delete(output);
            return new Ended(ended ? outcome(text) : Outcome.HANGS, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** CUnit's summary counts tests and failures; a test that does not apply says so and passes. */
    private static Outcome outcome(String text) {
        String counts = text.lines()
                .map(String::strip)
                .filter(line -> line.startsWith("tests "))
                .findFirst()
                .orElse("");
        // Type, total, ran, passed, failed, inactive.
        List<String> words = List.of(counts.split("\\s+", -1));
        if (words.size() != 6 || !words.get(2).equals("1") || !words.get(3).equals("1")) {
            return Outcome.FAILS;
        }
        return text.contains("[SKIPPED]") ? Outcome.SKIPPED : Outcome.PASSED;
    }
}
