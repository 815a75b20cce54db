package io.zonewright.tests.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One run of {@code tests/guest/run}: options first, then {@link #run()} or {@link #start()}. The script itself, its
 * options and what it leaves behind are described there.
 */
final class Guest {
    /** Looks at what the guest's kernel says of the zones while the scenario waits for the verdict. */
    interface ReportCheck {
        /**
         * Fails by throwing.
         *
         * @param device the device's name
         * @param zones the output of {@code blkzone report}
         * @param runtimeDirectory {@code XDG_RUNTIME_DIR} of the daemon, by which the command line finds it
         */
        void check(String device, String zones, Path runtimeDirectory) throws IOException, InterruptedException;
    }

    private static final Duration POLL = Duration.ofMillis(20);

    private final Path out;
    private final List<String> options = new ArrayList<>();
    private final List<String> arguments = new ArrayList<>();
    private Duration timeout = Duration.ofMinutes(10);
    private @Nullable ReportCheck reportCheck;
    private @Nullable Daemon daemon;

    private Guest(Path out) {
        this.out = out;
    }

    /** A guest that leaves its results under {@code target/guests/NAME}, where a failed build keeps them. */
    static Guest named(String name) {
        return new Guest(Path.of("target", "guests", name).toAbsolutePath());
    }

    /** The directory of the kit, wherever in the repository the test was started. */
    static Path kit() {
        for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
            Path kit = at.resolve("tests/guest");
            if (Files.isExecutable(kit.resolve("run"))) {
                return kit;
            }
        }
        throw new IllegalStateException(
                "no tests/guest/run above " + Path.of("").toAbsolutePath());
    }

    /** Starts the daemon with one of the files beside the kit and attaches its devices. */
    Guest attach(String devices) {
        return option("--attach", kit().resolve("devices").resolve(devices).toString());
    }

    /** Starts the daemon with this configuration and attaches its devices. */
    Guest attach(Path configuration) {
        return option("--attach", configuration.toString());
    }

    /** Attaches devices of a daemon that runs already. */
    Guest attachRunning(Daemon running, String... devices) {
        daemon = running;
        for (String device : devices) {
            option("--attach-running", device);
        }
        return this;
    }

    Guest scenario(String name, String... scenarioArguments) {
        return script(kit().resolve("scenarios").resolve(name + ".sh"), scenarioArguments);
    }

    Guest script(Path script, String... scriptArguments) {
        arguments.addAll(Arrays.asList(scriptArguments));
        return option("--script", script.toString());
    }

    /** Runs these lines with {@code bash -euo pipefail}. */
    Guest script(String lines, String... scriptArguments) {
        try {
            Files.createDirectories(out);
            return script(Files.writeString(out.resolve("script.sh"), lines), scriptArguments);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Guest disk(String size) {
        return option("--disk", size);
    }

    Guest memory(String size) {
        return option("--mem", size);
    }

    Guest environment(String name, String value) {
        return option("--env", name + "=" + value);
    }

    Guest option(String... option) {
        options.addAll(Arrays.asList(option));
        return this;
    }

    Guest timeout(Duration limit) {
        timeout = limit;
        return this;
    }

    /** Has every report of the scenario checked by {@code check}, which fails by throwing. */
    Guest checkReports(ReportCheck check) {
        reportCheck = check;
        return environment("HOST_REPORTS", "1");
    }

    /** Runs to the end. */
    GuestResult run() throws IOException, InterruptedException {
        return start().await();
    }

    Running start() throws IOException {
        // What an earlier run of the same test left would answer for this one.
        Files.createDirectories(out);
        Trees.delete(out.resolve("files"));
        List<String> command = new ArrayList<>();
        command.add(kit().resolve("run").toString());
        command.addAll(options);
        command.addAll(List.of("--out", out.toString(), "--timeout", Long.toString(timeout.toSeconds()), "--"));
        command.addAll(arguments);
        Path log = out.resolve("run.log");
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
        if (daemon != null) {
            builder.environment()
                    .put("XDG_RUNTIME_DIR", daemon.runtimeDirectory().toString());
        }
        return new Running(builder.start(), log);
    }

    /** A guest that runs. Closing it ends it. */
    final class Running implements AutoCloseable {
        private final Process process;
        private final Path log;

        private Running(Process process, Path log) {
            this.process = process;
            this.log = log;
        }

        GuestResult await() throws IOException, InterruptedException {
            // The script has the limit; this one is for the script, with time to fetch packages and to build.
            long deadline = System.nanoTime() + timeout.plusMinutes(15).toNanos();
            int reports = 0;
            try (this) {
                while (!process.waitFor(POLL.toMillis(), TimeUnit.MILLISECONDS)) {
                    if (System.nanoTime() - deadline > 0) {
                        throw new IOException("the guest kit did not end; see " + log);
                    }
                    if (reportCheck != null && answer(reportCheck, reports + 1)) {
                        reports++;
                    }
                }
            }
            return new GuestResult(process.exitValue(), Files.readString(log), out, reports);
        }

        /** Waits until the script has made this file under {@code /out}. */
        void awaitFile(String name) throws IOException, InterruptedException {
            long deadline = System.nanoTime() + timeout.toNanos();
            while (!Files.exists(out.resolve("files").resolve(name))) {
                if (process.waitFor(POLL.toMillis(), TimeUnit.MILLISECONDS)) {
                    throw new AssertionError("the guest ended before it made " + name + ": " + Files.readString(log));
                }
                if (System.nanoTime() - deadline > 0) {
                    throw new AssertionError("the guest did not make " + name + " in time");
                }
            }
        }

        /** Makes an empty file under {@code /out}, for which the script waits ({@code await_host}). */
        void createFile(String name) throws IOException {
            Files.createFile(out.resolve("files").resolve(name));
        }

        /** Kills the daemon that {@code run} started. */
        void killDaemon() {
            assertEquals(
                    1,
                    process.descendants()
                            .filter(child ->
                                    child.info().commandLine().orElse("").contains("launcher.args serve "))
                            .filter(ProcessHandle::destroyForcibly)
                            .count());
        }

        private boolean answer(ReportCheck check, int number) throws IOException, InterruptedException {
            Path question = out.resolve("files/reports").resolve(number + ".zones");
            if (!Files.exists(question)) {
                return false;
            }
            Path runtime =
                    Path.of(Files.readString(out.resolve("runtime-directory")).strip());
            String[] asked = Files.readString(question).split("\n", 2);
            check.check(asked[0], asked[1], runtime);
            Files.createFile(out.resolve("files/reports").resolve(number + ".seen"));
            return true;
        }

        @Override
        public void close() {
            // The script ends QEMU and the daemon when it is asked to end.
            process.destroy();
        }
    }
}
