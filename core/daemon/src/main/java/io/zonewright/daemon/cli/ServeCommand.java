package io.zonewright.daemon.cli;

import io.zonewright.daemon.config.Problems;
import io.zonewright.daemon.control.ControlCommands;
import io.zonewright.daemon.control.ControlServer;
import io.zonewright.daemon.control.ControlSocket;
import io.zonewright.daemon.device.DeviceException;
import io.zonewright.daemon.device.DevicePlan;
import io.zonewright.daemon.device.DeviceSet;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "serve",
        description = {
            "Serves the devices of a configuration until SIGTERM or Ctrl-C.",
            "Prints the line \"zonewright ready\" on standard output when every endpoint listens, and nothing else;"
                    + " how to attach, and the log, go to standard error. When it is told to stop it finishes the"
                    + " requests in flight, removes its sockets and exits with 0."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  zonewright serve                            the built-in device: 8GiB in memory",
            "  zonewright serve --print-default > my.yaml  its configuration, to start your own from",
            "  zonewright serve /etc/zonewright.yaml"
        })
final class ServeCommand implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger("zonewright");

    /** After the patience for requests in flight is used up, closing itself may take this long. */
    private static final Duration CLOSING = Duration.ofSeconds(10);

    private final Surroundings surroundings;

    @Mixin
    Options.Control control = new Options.Control();

    @Mixin
    Options.Plugins plugins = new Options.Plugins();

    @Parameters(arity = "0..1", paramLabel = "FILE", description = "The configuration. Left out: a built-in one.")
    @Nullable
    Path file;

    @Option(
            names = "--socket-dir",
            paramLabel = "DIR",
            description = "Where the built-in device's socket goes. Default: the directory of the control socket.")
    @Nullable
    Path socketDir;

    @Option(
            names = "--stop-timeout",
            paramLabel = "SECONDS",
            defaultValue = "10",
            description =
                    "How long requests in flight may take when the daemon is told to stop. Default: ${DEFAULT-VALUE}.")
    int stopTimeout;

    @Option(names = "--print-default", description = "Prints the built-in configuration and exits.")
    boolean printDefault;

    @Option(
            names = "--exit-when-ready",
            hidden = true,
            description = "Stops at once: a training run for the JVM's cache.")
    boolean exitWhenReady;

    private @Nullable StopSignal stopSignal;

    ServeCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws Exception {
        Path directory = socketDir == null ? ControlSocket.runtimeDirectory(surroundings.environment()) : socketDir;
        if (printDefault) {
            surroundings.out().print(Setup.defaultText(directory));
            return ExitCode.OK;
        }
        Duration patience = Duration.ofSeconds(Math.max(0, stopTimeout));
        StopSignal signal = StopSignal.install(patience.plus(CLOSING));
        stopSignal = signal;
        try (Setup setup = file == null
                ? Setup.loadDefault(directory, surroundings, plugins.dirs)
                : Setup.load(file, surroundings, plugins.dirs)) {
            if (file == null) {
                ControlSocket.makeDirectory(directory.toAbsolutePath());
            }
            serve(setup, controlSocket(setup), patience, signal);
            return ExitCode.OK;
        } catch (IOException | DeviceException e) {
            throw new CommandException(ExitCode.FAILURE, String.valueOf(e.getMessage()), e);
        }
    }

    /** The command has ended, and what went wrong was told: a signal that waits may end the process now. */
    void ended(int status) {
        StopSignal signal = stopSignal;
        if (signal != null) {
            stopSignal = null;
            signal.finish(status);
        }
    }

    private void serve(Setup setup, Path controlSocket, Duration patience, StopSignal signal)
            throws IOException, DeviceException, InterruptedException {
        DeviceSet devices = DeviceSet.start(setup.plans());
        try (ControlServer _ = ControlServer.start(controlSocket, new ControlCommands(devices))) {
            if (!signal.requested()) {
                sayReady(setup, controlSocket);
                if (!exitWhenReady) {
                    signal.await();
                }
            }
            LOG.info("stopping");
        } finally {
            devices.stop(patience);
        }
        LOG.info("stopped");
    }

    private void sayReady(Setup setup, Path controlSocket) {
        surroundings.out().println("zonewright ready");
        surroundings.out().flush();
        for (DevicePlan plan : setup.plans()) {
            AttachText.print(surroundings.err(), ControlCommands.attach(plan));
            plan.endpoints()
                    .forEach(endpoint -> endpoint.plan()
                            .warnings()
                            .forEach(warning -> LOG.warn("{}: {}: {}", plan.name(), endpoint, warning)));
        }
        LOG.info("control socket {}", controlSocket);
    }

    /** The command line has the last word, then the file. */
    private Path controlSocket(Setup setup) throws Setup.InvalidException {
        Path path = control.control != null
                ? control.path(surroundings)
                : setup.file().controlSocket().orElseGet(() -> control.path(surroundings));
        for (DevicePlan plan : setup.plans()) {
            if (plan.endpoints().stream()
                    .anyMatch(endpoint -> endpoint.endpoint().equals("unix:" + path))) {
                Problems problems = new Problems();
                problems.add(
                        setup.file().top(),
                        "control.socket",
                        path + " is also the socket of a front-end of " + plan.name(),
                        "give each its own");
                throw new Setup.InvalidException(problems);
            }
        }
        return path;
    }
}
