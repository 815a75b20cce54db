package io.zonewright.daemon.cli;

import io.zonewright.daemon.control.ControlClient;
import io.zonewright.daemon.control.ControlException;
import io.zonewright.daemon.control.DaemonUnreachableException;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

@Command(
        name = "set-zone",
        description = {
            "Makes zones of a device in the running daemon read-only or offline, as a failing medium would.",
            "There is no way back while the daemon runs. Clients are told, where their protocol has a way to."
        },
        footerHeading = "%nExamples:%n",
        footer = {"  zonewright set-zone archive read-only 7", "  zonewright set-zone archive offline 8 9 12-15"})
final class SetZoneCommand implements Callable<Integer> {
    private static final int MAX_RANGE = 1 << 24;

    enum Condition {
        READ_ONLY,
        OFFLINE;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /** The words as they are written everywhere else; an enum's own would offer READ_ONLY as well. */
    static final class ConditionWords implements ITypeConverter<Condition>, Iterable<String> {
        @Override
        public Condition convert(String word) {
            for (Condition condition : Condition.values()) {
                if (condition.toString().equalsIgnoreCase(word)) {
                    return condition;
                }
            }
            throw new TypeConversionException("\"" + word + "\" is neither " + String.join(" nor ", this));
        }

        @Override
        public Iterator<String> iterator() {
            return Arrays.stream(Condition.values()).map(Condition::toString).iterator();
        }
    }

    private final Surroundings surroundings;

    @Mixin
    Options.Control control = new Options.Control();

    @Parameters(index = "0", paramLabel = "DEVICE", description = "The device.")
    String device = "";

    @Parameters(
            index = "1",
            paramLabel = "CONDITION",
            converter = ConditionWords.class,
            completionCandidates = ConditionWords.class,
            description = "read-only or offline.")
    Condition condition = Condition.READ_ONLY;

    @Parameters(index = "2..*", arity = "1..*", paramLabel = "ZONE", description = "Zone numbers, and ranges as 4-9.")
    String[] zones = {};

    SetZoneCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws ControlException, DaemonUnreachableException {
        for (String range : zones) {
            if (!range.matches("[0-9]{1,8}(-[0-9]{1,8})?")) {
                throw new CommandException(
                        ExitCode.USAGE, "\"" + range + "\" is not a zone number; write 7 or 4-9", null);
            }
        }
        try (ControlClient client = control.connect(surroundings)) {
            for (String range : zones) {
                String[] ends = range.split("-", -1);
                int first = Integer.parseInt(ends[0]);
                int last = Math.min(MAX_RANGE, Integer.parseInt(ends[ends.length - 1]));
                for (int zone = first; zone <= last; zone++) {
                    client.ask("set-zone", Map.of("device", device, "zone", zone, "condition", condition.toString()));
                    surroundings.out().println(device + ": zone " + zone + " is " + condition);
                }
            }
        }
        return ExitCode.OK;
    }
}
