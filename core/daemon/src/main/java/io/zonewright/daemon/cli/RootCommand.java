package io.zonewright.daemon.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** What stands above the commands: options that all of them take, and the help. */
@Command(
        name = "zonewright",
        description = "Serves zoned block devices: disks whose zones are written in order, as shingled disks and ZNS"
                + " drives are.",
        synopsisSubcommandLabel = "COMMAND",
        versionProvider = Version.class,
        footerHeading = "%nExamples:%n",
        footer = {
            "  zonewright serve                   a zoned disk in memory, ready to attach",
            "  zonewright check disks.yaml        is the configuration good?",
            "  zonewright serve disks.yaml        serve it, until Ctrl-C or SIGTERM",
            "  zonewright attach archive          how to attach to the device archive",
            "  zonewright zones archive           a picture of its zones",
            "  zonewright explain zone-capacity   what a key of the configuration means",
            "",
            "Exit status:",
            "  0  done",
            "  1  something failed at run time",
            "  2  the command line is wrong",
            "  3  the configuration, or a plugin that it calls fatal, is wrong",
            "  4  no daemon answers on the control socket"
        })
final class RootCommand implements Runnable {
    @Spec
    @Nullable
    CommandSpec spec;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            description = "Shows this help, of a command too, and exits.")
    boolean help;

    @Option(
            names = {"-V", "--version"},
            versionHelp = true,
            description = "Prints the version and exits.")
    boolean version;

    @Option(
            names = "--log-level",
            scope = ScopeType.INHERIT,
            paramLabel = "LEVEL",
            description = "trace, debug, info, warn or error; to standard error. Default: info for serve, else warn.")
    @Nullable
    LogLevel logLevel;

    @Option(
            names = "--stacktrace",
            scope = ScopeType.INHERIT,
            description = "Shows where in the program an error came from.")
    boolean stackTrace;

    @Override
    public void run() {
        if (spec != null) {
            throw new CommandLine.ParameterException(spec.commandLine(), "no command given");
        }
    }
}
