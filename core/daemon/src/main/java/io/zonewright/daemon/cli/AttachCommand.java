package io.zonewright.daemon.cli;

import io.zonewright.daemon.config.NearestWord;
import io.zonewright.daemon.control.ControlClient;
import io.zonewright.daemon.control.ControlCommands;
import io.zonewright.daemon.control.ControlException;
import io.zonewright.daemon.control.DaemonUnreachableException;
import io.zonewright.daemon.control.Json;
import io.zonewright.daemon.device.DevicePlan;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "attach",
        description = "Prints, for every front-end of a device, the command or the options with which a client attaches"
                + " to it. Asks the running daemon, or reads a configuration.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  zonewright attach archive",
            "  zonewright attach --config disks.yaml",
            "  zonewright attach archive --json"
        })
final class AttachCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Mixin
    Options.Control control = new Options.Control();

    @Mixin
    Options.Plugins plugins = new Options.Plugins();

    @Mixin
    Options.JsonOutput output = new Options.JsonOutput();

    @Parameters(arity = "0..1", paramLabel = "DEVICE", description = "A device. Left out: all of them.")
    @Nullable
    String device;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "Reads this configuration instead of asking a daemon.")
    @Nullable
    Path config;

    AttachCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws Setup.InvalidException, ControlException, DaemonUnreachableException {
        List<Map<?, ?>> devices = config == null ? fromDaemon() : fromFile(config);
        if (output.json) {
            surroundings.out().println(Json.pretty(devices));
        } else {
            devices.forEach(one -> AttachText.print(surroundings.out(), one));
        }
        return ExitCode.OK;
    }

    private List<Map<?, ?>> fromDaemon() throws ControlException, DaemonUnreachableException {
        try (ControlClient client = control.connect(surroundings)) {
            Map<String, String> fields = device == null ? Map.of() : Map.of("device", device);
            return AttachText.maps(client.ask("attach", fields).get("devices"));
        }
    }

    private List<Map<?, ?>> fromFile(Path file) throws Setup.InvalidException {
        try (Setup setup = Setup.load(file, surroundings, plugins.dirs)) {
            List<String> names = setup.plans().stream().map(DevicePlan::name).toList();
            if (device != null && !names.contains(device)) {
                throw new CommandException(
                        ExitCode.FAILURE,
                        "there is no device \"" + device + "\"; " + NearestWord.advice(device, names),
                        null);
            }
            return setup.plans().stream()
                    .filter(plan -> device == null || plan.name().equals(device))
                    .<Map<?, ?>>map(ControlCommands::attach)
                    .toList();
        }
    }
}
