package io.zonewright.daemon.cli;

import io.zonewright.daemon.control.ControlClient;
import io.zonewright.daemon.control.ControlException;
import io.zonewright.daemon.control.DaemonUnreachableException;
import io.zonewright.daemon.control.Json;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(name = "stats", description = "Prints the counters of the running daemon's devices and front-ends.")
final class StatsCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Mixin
    Options.Control control = new Options.Control();

    @Mixin
    Options.JsonOutput output = new Options.JsonOutput();

    @Parameters(arity = "0..1", paramLabel = "DEVICE", description = "A device. Left out: all of them.")
    @Nullable
    String device;

    StatsCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws ControlException, DaemonUnreachableException {
        try (ControlClient client = control.connect(surroundings)) {
            Map<String, String> fields = device == null ? Map.of() : Map.of("device", device);
            List<Map<?, ?>> devices =
                    AttachText.maps(client.ask("stats", fields).get("devices"));
            if (output.json) {
                surroundings.out().println(Json.pretty(devices));
            } else {
                devices.forEach(this::print);
            }
            return ExitCode.OK;
        }
    }

    private void print(Map<?, ?> one) {
        surroundings.out().println(Fields.text(one, "device"));
        print(one.get("counters"));
        for (Map<?, ?> endpoint : AttachText.maps(one.get("endpoints"))) {
            surroundings
                    .out()
                    .println(Fields.text(one, "device") + ": " + Fields.text(endpoint, "type") + " at "
                            + Fields.text(endpoint, "endpoint"));
            print(endpoint.get("counters"));
        }
    }

    private void print(@Nullable Object counters) {
        Columns table = new Columns();
        if (counters instanceof Map<?, ?> map) {
            map.forEach((name, value) -> table.row("  " + name, String.valueOf(value)));
        }
        table.print(surroundings.out());
    }
}
