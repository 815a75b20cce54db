package io.zonewright.daemon.cli;

import io.zonewright.daemon.config.Problem;
import io.zonewright.daemon.config.Quantities;
import io.zonewright.daemon.control.Json;
import io.zonewright.daemon.control.Words;
import io.zonewright.daemon.device.DevicePlan;
import io.zonewright.daemon.device.EndpointPlan;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        name = "check",
        description = {
            "Says whether a configuration is good, without starting anything.",
            "Every problem is one line: FILE:LINE:COLUMN: KEY: what is wrong; what to write instead. The exit status is"
                    + " 3 if there is any. Warnings tell what is allowed and most likely not meant."
        },
        footerHeading = "%nExample:%n",
        footer = "  zonewright check disks.yaml && systemctl restart zonewright")
final class CheckCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Mixin
    Options.Plugins plugins = new Options.Plugins();

    @Mixin
    Options.JsonOutput output = new Options.JsonOutput();

    @Parameters(paramLabel = "FILE", description = "The configuration.")
    Path file = Path.of("");

    CheckCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws Setup.InvalidException {
        try (Setup setup = Setup.load(file, surroundings, plugins.dirs)) {
            if (output.json) {
                print(List.of(), setup.plans());
                return ExitCode.OK;
            }
            for (DevicePlan plan : setup.plans()) {
                surroundings.out().println(describe(plan));
                for (EndpointPlan endpoint : plan.endpoints()) {
                    surroundings.out().println("  " + endpoint);
                    endpoint.plan()
                            .warnings()
                            .forEach(warning -> surroundings.out().println("    warning: " + warning));
                }
            }
            surroundings.out().println(file + " is good");
            return ExitCode.OK;
        } catch (Setup.InvalidException e) {
            if (!output.json) {
                throw e;
            }
            print(e.problems().sorted(), List.of());
            return ExitCode.BAD_CONFIGURATION;
        }
    }

    private void print(List<Problem> problems, List<DevicePlan> plans) {
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("file", file);
        answer.put("good", problems.isEmpty());
        answer.put("problems", problems.stream().map(CheckCommand::json).toList());
        answer.put(
                "warnings",
                plans.stream()
                        .flatMap(plan -> plan.endpoints().stream()
                                .flatMap(endpoint -> endpoint.plan().warnings().stream()
                                        .map(warning -> Map.of(
                                                "device", plan.name(),
                                                "endpoint", endpoint.endpoint(),
                                                "warning", warning))))
                        .toList());
        surroundings.out().println(Json.pretty(answer));
    }

    private static Map<String, Object> json(Problem problem) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("line", problem.position().line());
        map.put("column", problem.position().column());
        map.put("key", problem.key());
        map.put("problem", problem.what());
        map.put("fix", problem.fix());
        return map;
    }

    private static String describe(DevicePlan plan) {
        String shape = plan.backend()
                .geometry()
                .map(geometry ->
                        ", " + Words.of(geometry.model()) + ", " + Quantities.formatSize(geometry.deviceBytes())
                                + (geometry.zoneCount() == 0
                                        ? ""
                                        : " in " + geometry.zoneCount() + " zones of "
                                                + Quantities.formatSize(geometry.zoneSize())))
                .orElse("");
        return plan.name() + ": " + plan.backendType() + shape;
    }
}
