package io.zonewright.daemon.cli;

import io.zonewright.api.spi.ApiVersion;
import io.zonewright.daemon.control.Json;
import io.zonewright.daemon.plugin.PluginDirs;
import io.zonewright.daemon.plugin.PluginFault;
import io.zonewright.daemon.plugin.PluginHost;
import io.zonewright.daemon.plugin.PluginInfo;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "plugins",
        description = {
            "Lists the plugins, what each brings, and those that cannot be used with the reason.",
            "To add one, put its jar or zip into plugins.d beside the program, or into a directory named by plugins.dirs"
                    + " in the configuration."
        },
        footerHeading = "%nExample:%n",
        footer = "  zonewright plugins --plugins-dir ./build")
final class PluginsCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Mixin
    Options.Plugins plugins = new Options.Plugins();

    @Mixin
    Options.JsonOutput output = new Options.JsonOutput();

    PluginsCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() {
        try (PluginHost host = new PluginHost(PluginDirs.of(surroundings.home(), plugins.dirs))) {
            if (output.json) {
                Map<String, Object> all = new LinkedHashMap<>();
                all.put("api", ApiVersion.CURRENT);
                all.put(
                        "plugins",
                        host.plugins().stream().map(PluginsCommand::json).toList());
                all.put(
                        "unusable",
                        host.faults().stream().map(PluginsCommand::json).toList());
                surroundings.out().println(Json.pretty(all));
                return ExitCode.OK;
            }
            for (PluginInfo plugin : host.plugins()) {
                surroundings
                        .out()
                        .println(plugin.id() + " " + plugin.version()
                                + (plugin.shipped() ? "" : "  from " + plugin.source()));
                if (!plugin.description().isEmpty()) {
                    surroundings.out().println("  " + plugin.description());
                }
                plugin.extensions().forEach(extension -> surroundings.out().println("  brings " + extension));
            }
            if (host.plugins().isEmpty()) {
                surroundings.out().println("no plugins");
            }
            host.faults().forEach(fault -> surroundings.err().println("not usable: " + fault));
            return ExitCode.OK;
        }
    }

    private static Map<String, Object> json(PluginInfo plugin) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("id", plugin.id());
        map.put("version", plugin.version());
        map.put("description", plugin.description());
        map.put("source", plugin.source());
        map.put("shipped", plugin.shipped());
        map.put("brings", List.copyOf(plugin.extensions()));
        return map;
    }

    private static Map<String, Object> json(PluginFault fault) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("source", fault.source());
        map.put("problem", fault.message());
        return map;
    }
}
