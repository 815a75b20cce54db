package io.zonewright.daemon.cli;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
        name = "completion",
        description = "Prints a script with which bash and zsh complete commands and options.",
        footerHeading = "%nExample:%n",
        footer = "  source <(zonewright completion)")
final class CompletionCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Spec
    @Nullable
    CommandSpec spec;

    CompletionCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() {
        if (spec != null) {
            surroundings.out().print(AutoComplete.bash("zonewright", spec.root().commandLine()));
        }
        return ExitCode.OK;
    }
}
