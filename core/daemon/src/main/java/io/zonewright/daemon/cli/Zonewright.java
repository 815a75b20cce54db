package io.zonewright.daemon.cli;

import io.zonewright.daemon.config.NearestWord;
import io.zonewright.daemon.control.ControlException;
import io.zonewright.daemon.control.DaemonUnreachableException;
import java.util.List;
import java.util.Locale;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** The command line as a whole: its commands, and what becomes of their errors. */
public final class Zonewright {
    private final Surroundings surroundings;
    private final RootCommand root = new RootCommand();
    private final ServeCommand serve;
    private final CommandLine commandLine;

    Zonewright(Surroundings surroundings) {
        this.surroundings = surroundings;
        serve = new ServeCommand(surroundings);
        commandLine = new CommandLine(root)
                .addSubcommand("serve", serve)
                .addSubcommand("check", new CheckCommand(surroundings))
                .addSubcommand("explain", new ExplainCommand(surroundings))
                .addSubcommand("plugins", new PluginsCommand(surroundings))
                .addSubcommand("devices", new DevicesCommand(surroundings))
                .addSubcommand("attach", new AttachCommand(surroundings))
                .addSubcommand("zones", new ZonesCommand(surroundings))
                .addSubcommand("set-zone", new SetZoneCommand(surroundings))
                .addSubcommand("stats", new StatsCommand(surroundings))
                .addSubcommand("completion", new CompletionCommand(surroundings))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setOut(surroundings.out())
                .setErr(surroundings.err())
                .setColorScheme(CommandLine.Help.defaultColorScheme(surroundings.coloured() ? Ansi.ON : Ansi.OFF))
                .setUsageHelpWidth(Math.clamp(surroundings.width(), 60, 110))
                .setExecutionStrategy(this::execute)
                .setExecutionExceptionHandler((thrown, _, _) -> explain(thrown))
                .setParameterExceptionHandler((thrown, _) -> misused(thrown));
    }

    /** Runs the program in this process and returns its exit status. */
    public static int run(String... args) {
        return new Zonewright(Surroundings.ofProcess()).execute(args);
    }

    int execute(String... args) {
        int status = commandLine.execute(args);
        surroundings.out().flush();
        surroundings.err().flush();
        serve.ended(status);
        return status;
    }

    private int execute(ParseResult parsed) {
        boolean serving = parsed.hasSubcommand()
                && parsed.subcommand().commandSpec().name().equals("serve");
        LogLevel level = root.logLevel;
        if (level == null) {
            level = serving ? LogLevel.INFO : LogLevel.WARN;
        }
        LogSetup.apply(level, root.stackTrace);
        return new CommandLine.RunLast().execute(parsed);
    }

    private int explain(Exception thrown) {
        int status = switch (thrown) {
            case CommandException e -> {
                e.text().lines().forEach(this::complain);
                yield e.exitCode();
            }
            case Setup.InvalidException e -> {
                e.problems().lines().forEach(surroundings.err()::println);
                yield ExitCode.BAD_CONFIGURATION;
            }
            case DaemonUnreachableException e -> {
                complain(String.valueOf(e.getMessage()));
                yield ExitCode.UNREACHABLE;
            }
            case ControlException e -> {
                complain(e.text());
                yield ExitCode.FAILURE;
            }
            default -> {
                complain("a defect: " + thrown + "; --stacktrace shows where");
                LoggerFactory.getLogger(Zonewright.class).debug("defect", thrown);
                yield ExitCode.FAILURE;
            }
        };
        if (root.stackTrace) {
            thrown.printStackTrace(surroundings.err());
        }
        return status;
    }

    private int misused(CommandLine.ParameterException thrown) {
        CommandLine command = thrown.getCommandLine();
        String message = String.valueOf(thrown.getMessage());
        if (thrown instanceof UnmatchedArgumentException unmatched
                && command.getCommandSpec().parent() == null) {
            String word = unmatched.getUnmatched().getFirst();
            List<String> names = List.copyOf(commandLine.getSubcommands().keySet());
            message = word.startsWith("-")
                    ? "unknown option " + word
                    : "unknown command \"" + word + "\"; " + NearestWord.advice(word, names);
        }
        complain(message.isEmpty() ? message : message.substring(0, 1).toLowerCase(Locale.ROOT) + message.substring(1));
        surroundings.err().println("Try: " + command.getCommandSpec().qualifiedName() + " --help");
        return ExitCode.USAGE;
    }

    private void complain(String message) {
        surroundings.err().println("zonewright: " + message);
    }
}
