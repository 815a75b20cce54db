package io.zonewright.distribution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** The packaged program, started in a JVM of its own with its own launcher arguments. */
final class Program implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 60;

    /** How often another process is looked at. */
    private static final long TICK_MILLIS = 5;

    /** What a run left behind. */
    record Result(int status, String out, String err) {}

    private final Process process;
    private final Path err;
    private final BufferedReader out;

    private Program(Process process, Path err) {
        this.process = process;
        this.err = err;
        out = process.inputReader(StandardCharsets.UTF_8);
    }

    static Path home() {
        return Path.of(System.getProperty("zonewright.distribution"));
    }

    /** Starts a command and leaves it running. */
    static Program start(Path work, String... args) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("@" + home().resolve("launcher.args"));
        command.addAll(List.of(args));
        Path err = Files.createTempFile(work, "stderr", ".txt");
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(err.toFile());
        builder.environment().put("XDG_RUNTIME_DIR", work.toString());
        builder.environment().remove("JAVA_TOOL_OPTIONS");
        return new Program(builder.start(), err);
    }

    /** Runs a command to its end. */
    static Result run(Path work, String... args) throws Exception {
        try (Program program = start(work, args)) {
            return program.end();
        }
    }

    /** Waits for the line that says that every endpoint listens. */
    void awaitReady() throws IOException {
        assertEquals("zonewright ready", out.readLine(), () -> "standard error:\n" + errors());
    }

    /** Waits until {@code text} stands on standard error. */
    void awaitError(String text) throws InterruptedException {
        await("\"" + text + "\" on standard error, which has\n" + errors(), () -> errors().contains(text));
    }

    /** Waits for something that another process does. */
    static void await(String what, BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < end, () -> "waited in vain: " + what);
            Thread.sleep(TICK_MILLIS);
        }
    }

    /** Sends SIGTERM; by the handle, since the process object would close standard output too. */
    void terminate() {
        assertTrue(process.toHandle().destroy());
    }

    Result end() throws Exception {
        StringBuilder text = new StringBuilder();
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            text.append(line).append('\n');
        }
        assertTrue(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS), "the program did not end");
        return new Result(process.exitValue(), text.toString(), errors());
    }

    String errors() {
        try {
            return Files.readString(err);
        } catch (IOException e) {
            return e.toString();
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
