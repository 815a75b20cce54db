package io.zonewright.daemon.cli;

import io.zonewright.daemon.config.Quantities;
import io.zonewright.daemon.control.ControlClient;
import io.zonewright.daemon.control.ControlCommands;
import io.zonewright.daemon.control.ControlException;
import io.zonewright.daemon.control.DaemonUnreachableException;
import io.zonewright.daemon.control.Json;
import java.io.PrintWriter;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "zones",
        description = {
            "Shows the zones of a device in the running daemon: as a picture, a table, or JSON.",
            "JSON is an array with an object for each zone, one a line: zone, type, condition, start, length, capacity,"
                    + " writePointer. Positions and lengths are bytes; writePointer is null where it means nothing"
                    + " (conventional, read-only and offline zones), and the zone's end for a full zone."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  zonewright zones archive",
            "  zonewright zones archive --table --first 100 --count 20",
            "  zonewright zones archive --json | jq '.[] | select(.condition == \"full\") | .zone'"
        })
final class ZonesCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Mixin
    Options.Control control = new Options.Control();

    /** The picture is the default. */
    static final class Form {
        @Option(names = "--table", description = "Prints a table, a line for each zone.")
        boolean table;

        @Option(names = "--json", description = "Prints JSON, for programs.")
        boolean json;
    }

    @ArgGroup
    @Nullable
    Form form;

    @Option(names = "--first", paramLabel = "ZONE", description = "The first zone to show. Default: 0.")
    int first;

    @Option(names = "--count", paramLabel = "COUNT", description = "How many zones to show. Default: all.")
    int count = Integer.MAX_VALUE;

    @Parameters(paramLabel = "DEVICE", description = "The device.")
    String device = "";

    ZonesCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws ControlException, DaemonUnreachableException {
        if (first < 0 || count < 0) {
            throw new CommandException(ExitCode.USAGE, "--first and --count are not negative", null);
        }
        Form chosen = form == null ? new Form() : form;
        try (ControlClient client = control.connect(surroundings)) {
            if (chosen.json) {
                json(client);
            } else if (chosen.table) {
                table(client);
            } else {
                picture(client);
            }
        }
        return ExitCode.OK;
    }

    @FunctionalInterface
    private interface EachZone {
        void zone(Map<?, ?> zone);
    }

    /** Asks for the zones page by page; returns what the daemon says of the device as a whole. */
    private Map<String, @Nullable Object> each(ControlClient client, EachZone action)
            throws ControlException, DaemonUnreachableException {
        long next = first;
        long left = count;
        while (true) {
            long page = Math.min(left, ControlCommands.MAX_ZONES);
            Map<String, @Nullable Object> answer =
                    client.ask("zones", Map.of("device", device, "first", next, "count", page));
            var zones = AttachText.maps(answer.get("list"));
            zones.forEach(action::zone);
            next += zones.size();
            left -= zones.size();
            if (zones.isEmpty() || left == 0 || next >= Fields.number(answer, "zones")) {
                return answer;
            }
        }
    }

    private void json(ControlClient client) throws ControlException, DaemonUnreachableException {
        PrintWriter out = surroundings.out();
        String[] separator = {"["};
        each(client, zone -> {
            out.print(separator[0] + "\n" + Json.write(zone));
            separator[0] = ",";
        });
        out.println(separator[0].equals("[") ? "[]" : "\n]");
    }

    private void table(ControlClient client) throws ControlException, DaemonUnreachableException {
        Columns table = new Columns();
        table.row("ZONE", "TYPE", "CONDITION", "START", "LENGTH", "CAPACITY", "WRITTEN");
        each(client, zone -> {
            boolean written = zone.get("writePointer") instanceof Number;
            table.row(
                    Fields.text(zone, "zone"),
                    Fields.text(zone, "type"),
                    Fields.text(zone, "condition"),
                    Quantities.formatSize(Fields.number(zone, "start")),
                    Quantities.formatSize(Fields.number(zone, "length")),
                    Quantities.formatSize(Fields.number(zone, "capacity")),
                    written ? Quantities.formatSize(written(zone)) : "-");
        });
        table.print(surroundings.out());
    }

    private void picture(ControlClient client) throws ControlException, DaemonUnreachableException {
        PrintWriter out = surroundings.out();
        ZonePicture picture =
                new ZonePicture(first, surroundings.width(), surroundings.coloured(), surroundings.unicode());
        Map<String, @Nullable Object> device = each(client, zone -> {
            picture.add(ZoneSign.of(Fields.text(zone, "condition")), written(zone), Fields.number(zone, "capacity"));
        });
        out.println(title(device));
        if (Fields.number(device, "zones") == 0) {
            return;
        }
        picture.lines().forEach(out::println);
        boolean all = first == 0 && count >= Fields.number(device, "zones");
        if (all) {
            out.println("open " + picture.open() + limit(device, "maxOpen") + ", active " + picture.active()
                    + limit(device, "maxActive"));
        }
    }

    private static String title(Map<?, ?> device) {
        String title = Fields.text(device, "device") + ": " + Fields.text(device, "model") + ", "
                + Quantities.formatSize(Fields.number(device, "size"));
        long zones = Fields.number(device, "zones");
        return zones == 0
                ? title + ", no zones"
                : title + " in " + zones + " zones of " + Quantities.formatSize(Fields.number(device, "zoneSize"))
                        + ", blocks of " + Quantities.formatSize(Fields.number(device, "blockSize"));
    }

    private static String limit(Map<?, ?> device, String field) {
        long limit = Fields.number(device, field);
        return limit == 0 ? "" : " of " + limit;
    }

    private static long written(Map<?, ?> zone) {
        long written = Fields.number(zone, "writePointer") - Fields.number(zone, "start");
        return Math.clamp(written, 0, Fields.number(zone, "capacity"));
    }
}
