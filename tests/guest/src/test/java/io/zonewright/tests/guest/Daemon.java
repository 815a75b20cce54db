package io.zonewright.tests.guest;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * A daemon that outlives a guest, or serves several at once. It has a runtime directory of its own, which stands for
 * {@code @RUN@} in the configuration; {@link #restart()} keeps it, so that sockets have the same names again.
 */
final class Daemon implements AutoCloseable {
    private static final Duration START = Duration.ofMinutes(10); // it may have to be built
    private static final Pattern ERROR = Pattern.compile("^[0-9:.]{12} ERROR ");
    private static final Duration STOP = Duration.ofSeconds(30);

    private final Path directory;
    private final Map<Integer, Integer> ports;
    private Process process;

    private Daemon(Path directory, Map<Integer, Integer> ports) throws IOException, InterruptedException {
        this.directory = directory;
        this.ports = ports;
        process = start();
    }

    /** Serves one of the configurations beside the kit. */
    static Daemon serving(String devices) throws IOException, InterruptedException {
        // A short path: a socket's has 107 bytes at most.
        Path directory = Files.createTempDirectory("zw-guest");
        String configuration = Files.readString(Guest.kit().resolve("devices").resolve(devices));
        configuration = configuration.replace("@RUN@", directory.toString());
        Map<Integer, Integer> ports = new HashMap<>();
        for (int i = 0; i < 10; i++) {
            String port = "@PORT" + i + "@";
            if (configuration.contains(port)) {
                ports.put(i, freePort());
                configuration = configuration.replace(port, Integer.toString(ports.get(i)));
            }
        }
        Files.writeString(directory.resolve("daemon.yaml"), configuration);
        return new Daemon(directory, ports);
    }

    /** The number that stands for {@code @PORTn@} in the configuration. */
    int port(int number) {
        return ports.getOrDefault(number, 0);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    Path runtimeDirectory() {
        return directory;
    }

    /** The process, which {@link #restart} and {@link #killAndRestart} change. */
    long pid() {
        return process.pid();
    }

    /** One of the numbers that {@code zonewright stats} prints of a device with one endpoint. */
    long stat(String device, String counter) throws IOException, InterruptedException {
        return command("stats", device)
                .lines()
                .map(line -> line.strip().split("\\s+"))
                .filter(words -> words.length == 2 && words[0].equals(counter))
                .mapToLong(words -> Long.parseLong(words[1]))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no counter " + counter + " of " + device));
    }

    /** The socket of a device whose configuration calls it {@code @RUN@/DEVICE.sock}. */
    Path socket(String device) {
        return directory.resolve(device + ".sock");
    }

    /** Runs another command of the program, and returns what it printed. */
    String command(String... arguments) throws IOException, InterruptedException {
        return command(directory, arguments);
    }

    /** The same for a daemon that the kit started. */
    static String command(Path runtimeDirectory, String... arguments) throws IOException, InterruptedException {
        Path errors = Files.createTempFile("zw-guest", ".err");
        try {
            Process process = program(runtimeDirectory, List.of(arguments))
                    .redirectError(errors.toFile())
                    .start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new AssertionError(String.join(" ", arguments) + " ended with " + process.exitValue() + ": "
                        + output + Files.readString(errors));
            }
            return output;
        } finally {
            Files.delete(errors);
        }
    }

    /** Stops it, which it must do by itself and well, and starts it again: what was in its memory is gone. */
    void restart() throws IOException, InterruptedException {
        stop();
        process = start();
    }

    /** Kills it as power would, and starts it again. */
    void killAndRestart() throws IOException, InterruptedException {
        process.destroyForcibly().waitFor();
        process = start();
    }

    @Override
    public void close() throws IOException {
        try {
            stop();
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        } finally {
            Trees.delete(directory);
        }
    }

    private Process start() throws IOException, InterruptedException {
        Path output = directory.resolve("daemon.out");
        Path log = directory.resolve("daemon.log");
        Files.deleteIfExists(output);
        Process started = program(
                        directory,
                        List.of("serve", directory.resolve("daemon.yaml").toString()))
                .redirectOutput(output.toFile())
                .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
        long deadline = System.nanoTime() + START.toNanos();
        while (!Files.readString(output).contains("zonewright ready\n")) {
            if (started.waitFor(50, TimeUnit.MILLISECONDS) || System.nanoTime() - deadline > 0) {
                started.destroyForcibly();
                throw new AssertionError("the daemon did not become ready: " + Files.readString(log));
            }
        }
        return started;
    }

    private void stop() throws IOException, InterruptedException {
        process.destroy();
        if (!process.waitFor(STOP.toSeconds(), TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("the daemon did not stop: " + Files.readString(directory.resolve("daemon.log")));
        }
        String log = Files.readString(directory.resolve("daemon.log"));
        if (process.exitValue() != 0) {
            throw new AssertionError("the daemon ended with " + process.exitValue() + ": " + log);
        }
        if (log.lines().anyMatch(line -> ERROR.matcher(line).find())) {
            throw new AssertionError("the daemon logged errors: " + log);
        }
    }

    private static ProcessBuilder program(Path runtimeDirectory, List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(Guest.kit().resolve("../../bin/zonewright").normalize().toString());
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("XDG_RUNTIME_DIR", runtimeDirectory.toString());
        return builder;
    }
}
