package io.zonewright.daemon.cli;

import io.zonewright.daemon.config.Quantities;
import io.zonewright.daemon.control.ControlClient;
import io.zonewright.daemon.control.ControlException;
import io.zonewright.daemon.control.DaemonUnreachableException;
import io.zonewright.daemon.control.Json;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(name = "devices", description = "Lists the devices of the running daemon.")
final class DevicesCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Mixin
    Options.Control control = new Options.Control();

    @Mixin
    Options.JsonOutput output = new Options.JsonOutput();

    DevicesCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws ControlException, DaemonUnreachableException {
        try (ControlClient client = control.connect(surroundings)) {
            List<Map<?, ?>> devices =
                    AttachText.maps(client.ask("devices", Map.of()).get("devices"));
            if (output.json) {
                surroundings.out().println(Json.pretty(devices));
                return ExitCode.OK;
            }
            Columns table = new Columns();
            table.row("DEVICE", "MODEL", "SIZE", "ZONES", "BACK-END", "ENDPOINTS");
            for (Map<?, ?> device : devices) {
                List<String> endpoints = AttachText.maps(device.get("endpoints")).stream()
                        .map(endpoint -> endpoint.get("type") + " " + endpoint.get("endpoint"))
                        .toList();
                table.row(
                        String.valueOf(device.get("device")),
                        String.valueOf(device.get("model")),
                        Quantities.formatSize(Fields.number(device, "size")),
                        String.valueOf(device.get("zones")),
                        String.valueOf(device.get("backend")),
                        String.join(", ", endpoints));
            }
            table.print(surroundings.out());
            return ExitCode.OK;
        }
    }
}
